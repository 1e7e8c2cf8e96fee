# What all figures have in common; the program has it read before the templates of the panels.
#
# Before it come picture_format ('svg' or 'png'), figure_title, figure_source, x_label, x_log (0 or 1), panel_heights, an
# array, in heights of an ordinary panel, and notes, lines to stand below. Before each panel's template come
#   panel         its number, from 1
#   y_label       with the unit
#   y_log         0 or 1
#   series_names  an array; series_most the largest value that the model has of each
#   x_labels      an array; x_values the same as numbers, NaN where one is none
#   least, most   of all values, published ones too
#   published     whether there is a published value, 0 or 1
#   $data         a line for each x: x as a number (NaN where it is none), each series' value, each series' published
#                 value; NaN where there is none
# A template draws one plot between the margins set here; begin_panel sets them.

# In pixels. 1000 are 17 cm of paper, so that a letter of 15 is as high there as one of 7 pt.
picture_width = 1000
head = 72
foot = notes[1] eq '' ? 0 : 22 * |notes| + 8
panel_height = |panel_heights| == 1 ? 528 : 350
heights_above(p) = p < 2 ? 0 : sum [i = 1:p - 1] panel_heights[i]
picture_height = head + panel_height * heights_above(|panel_heights| + 1) + foot
if (picture_format eq 'svg') {
  set terminal svg size picture_width,picture_height dynamic noenhanced font 'DejaVu Sans,16' background '#ffffff'
} else {
  set terminal pngcairo size picture_width * 1.5,picture_height * 1.5 noenhanced font 'DejaVu Sans,17.5' background '#ffffff'
}

# Paul Tol's muted colours, which keep apart under colour-blindness, and two greys; beyond these they return, hatched.
array colours[11] = ['#332288', '#88ccee', '#44aa99', '#117733', '#999933', '#ddcc77', '#cc6677', '#882255', '#aa4499', \
                     '#333333', '#999999']
colour(s) = colours[1 + (int(s) - 1) % |colours|]
fill_pattern(s) = s > |colours| ? 2 : 3
published_colour = '#000000'

number_text(v) = v != v ? '' : v == floor(v) || abs(v) >= 99.95 ? sprintf('%.0f', v) : \
                 abs(v) >= 9.995 ? sprintf('%.1f', v) : sprintf('%.2f', v)

screen_y(pixels) = 1 - real(pixels) / picture_height
set multiplot
set label 1 figure_title at screen 0.5, screen screen_y(24) center font ',19'
set label 2 figure_source at screen 0.5, screen screen_y(52) center font ',14' textcolor '#555555'
do for [i = 1:|notes|] {
  set label 2 + i notes[i] at screen 0.02, screen screen_y(picture_height - foot + 22 * i - 8) left font ',14' textcolor '#555555'
}
set border 3 linecolor '#444444'
set tics nomirror out scale 0.5
set style fill solid 1.0 noborder
set grid ytics linecolor '#dddddd' linetype 1 linewidth 1

# The key stands above the plot, in as many columns as gnuplot, which has 0.7 of the size for a letter, gives room to:
# those beyond the edge it would leave out.
panel_top(p) = head + panel_height * heights_above(p)
panel_bottom(p) = panel_top(p) + panel_height * panel_heights[p]
longest_name = 'longest = 1; do for [s = 1:|series_names|] { longest = strlen(series_names[s]) > longest ? strlen(series_names[s]) : longest }'
begin_panel = longest_name.'; key_columns = floor(985 / (10.5 * longest + 46)); key_columns = key_columns < 1 ? 1 : key_columns; key_rows = ceil(real(|series_names| + published) / key_columns); set lmargin at screen 110.0 / picture_width; set rmargin at screen 0.98; set tmargin at screen screen_y(panel_top(panel) + 12 + 25 * key_rows); set bmargin at screen screen_y(panel_bottom(panel) - 68); set key at screen 0.5, screen screen_y(panel_top(panel) + 2) top center Left reverse samplen 1.2 spacing 1.1 font ",15" maxrows key_rows; set xlabel x_label; set ylabel y_label; unset logscale; set autoscale; unset xtics; set xtics nomirror out (); unset ytics; set ytics nomirror out; if (y_log) { set logscale y }'
end_panel = 'do for [i = 1:2 + |notes|] { unset label i }'
