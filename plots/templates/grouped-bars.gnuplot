# A group of bars for each x, one for each series.
eval begin_panel
n = |series_names|
bar = 0.84 / n
place(s) = $0 + 1 + (s - (n + 1) / 2.0) * bar
do for [i = 1:|x_labels|] { set xtics add (x_labels[i] i) }
set xrange [0.5:|x_labels| + 0.5]
if (y_log) {
  set yrange [(least > 0 ? least : 1) / 2.0 : most * 3.0]
} else {
  set yrange [(least < 0 ? least * 1.15 : 0) : (most > 0 ? most * 1.15 : 1)]
}
set boxwidth bar * 0.92
few = n * |x_labels| <= 14
plot for [s = 1:n] $data using (place(s)):(column(1 + s)) with boxes fillstyle pattern fill_pattern(s) \
       linecolor rgb colour(s) title series_names[s], \
     for [s = 1:n] $data using (place(s)):(column(1 + s)):(few ? number_text(column(1 + s)) : '') with labels \
       offset 0, 0.7 font ',14' notitle, \
     for [s = 1:n] $data using (place(s)):(column(1 + n + s)) with points pointtype 13 pointsize 1.7 \
       linecolor rgb '#ffffff' notitle, \
     for [s = 1:n] $data using (place(s)):(column(1 + n + s)) with points pointtype 13 pointsize 1.1 \
       linecolor rgb published_colour notitle, \
     NaN with points pointtype 13 pointsize 1.1 linecolor rgb published_colour title (published ? 'published' : '')
eval end_panel
