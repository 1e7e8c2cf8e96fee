# A line for each series, over x as a number.
eval begin_panel
n = |series_names|
if (x_log) { set logscale x }
set yrange [(y_log ? least / 2.0 : 0) : most * (y_log ? 2 : 1.1)]
first_x = x_values[1]
last_x = x_values[|x_values|]
margin = x_log ? (last_x / first_x) ** 0.04 : (last_x - first_x) * 0.04
if (x_log) { set xrange [first_x / margin:last_x * margin] } else { set xrange [first_x - margin:last_x + margin] }
set xtics font ',15'
do for [i = 1:|x_labels|] { set xtics add (x_labels[i] x_values[i]) }
plot for [s = 1:n] $data using 1:(column(1 + s)) with linespoints linewidth 2.5 pointtype 4 + s pointsize 1 \
       linecolor rgb colour(s) title series_names[s], \
     for [s = 1:n] $data using 1:(column(1 + n + s)) with points pointtype 13 pointsize 1.9 linecolor rgb '#ffffff' notitle, \
     for [s = 1:n] $data using 1:(column(1 + n + s)) with points pointtype 13 pointsize 1.3 linecolor rgb colour(s) notitle, \
     NaN with points pointtype 13 pointsize 1.3 linecolor rgb published_colour title (published ? 'published' : '')
set xtics font ',16'
eval end_panel
