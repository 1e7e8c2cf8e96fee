# What all figures have in common; the program puts it before the templates of the panels.
#
# Before this text stand picture_format ('svg' or 'png'), figure_title, figure_source, x_label, x_log (0 or 1) and
# panel_count. Before the text of each panel's template stand
#   panel         its number, from 1
#   y_label       with the unit
#   y_log         0 or 1
#   series_names  an array
#   x_labels      an array; x_values the same as numbers, NaN where one is none
#   least, most   of all values, published ones too
#   published     whether there is a published value, 0 or 1
#   $data         a line for each x: x as a number (NaN where it is none), each series' value, each series' published
#                 value; NaN where there is none
# A template draws one plot between the margins set here; begin_panel sets them.

picture_width = 600 + 400 * panel_count
if (picture_format eq 'svg') {
  set terminal svg size picture_width,600 dynamic noenhanced font 'DejaVu Sans,16' background '#ffffff'
} else {
  set terminal pngcairo size picture_width * 1.5,900 noenhanced font 'DejaVu Sans,17.5' background '#ffffff'
}

# Paul Tol's muted colours, which keep apart under colour-blindness; beyond nine they return, hatched.
array colours[9] = ['#332288', '#88ccee', '#44aa99', '#117733', '#999933', '#ddcc77', '#cc6677', '#882255', '#aa4499']
colour(s) = colours[1 + (int(s) - 1) % |colours|]
fill_pattern(s) = s > |colours| ? 2 : 3
published_colour = '#000000'

number_text(v) = v != v ? '' : abs(v) >= 99.95 ? sprintf('%.0f', v) : abs(v) >= 9.995 ? sprintf('%.1f', v) : sprintf('%.2f', v)

set multiplot
set label 1 figure_title at screen 0.5, screen 0.965 center font ',19'
set label 2 figure_source at screen 0.5, screen 0.915 center font ',12' textcolor '#555555'
set border 3 linecolor '#444444'
set tics nomirror out scale 0.5
set style fill solid 1.0 noborder
set grid ytics linecolor '#dddddd' linetype 1 linewidth 1

panel_left(p) = (p - 1.0) / panel_count + 110.0 / picture_width
panel_right(p) = real(p) / panel_count - 0.02
begin_panel = 'set lmargin at screen panel_left(panel); set rmargin at screen panel_right(panel); set bmargin at screen 0.14; set tmargin at screen 0.74; set key at screen (panel_left(panel) + panel_right(panel)) / 2, screen 0.885 top center Left reverse samplen 1.2 spacing 1.05 font ",13" maxrows 4; set xlabel x_label; set ylabel y_label; unset logscale; set autoscale; unset xtics; set xtics nomirror out ();  unset ytics; set ytics nomirror out; if (y_log) { set logscale y }'
end_panel = 'unset label 1; unset label 2'
