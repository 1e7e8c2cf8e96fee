# A table: a row for each series, a column for each x. Under a value stands what was published, and the error.
eval begin_panel
n = |series_names|
columns = |x_labels|
longest = 1
do for [s = 1:n] { longest = strlen(series_names[s]) > longest ? strlen(series_names[s]) : longest }
set lmargin at screen (panel - 1.0) / panel_count + 0.02
set tmargin at screen 0.84
set bmargin at screen 0.08
# The share of the width that names take, at so many pixels a letter, and the same in columns.
share = longest * 9.0 * panel_count / picture_width
share = share > 0.75 ? 0.75 : share
names = columns * share / (1 - share)
unset border; unset grid; unset tics; unset key
set xlabel y_label.'; below each: published, error'
unset ylabel
set xrange [0.5 - names:columns + 0.5]
set yrange [(n < 4 ? 4 : n) + 0.6:0]
set label 3 x_label at graph 0, first 0.3 left font ',13' textcolor '#555555'
do for [i = 1:columns] { set label 10 + i x_labels[i] at i, 0.3 center font ',15' }
do for [s = 1:n] { set label 100 + s series_names[s] at graph 0, first s left font ',15' }
error_text(v, p) = p != p ? '' : sprintf('%s, %+.1f %%', number_text(p), (v / p - 1) * 100)
set arrow 1 from graph 0, first 0.5 to graph 1, first 0.5 nohead linecolor rgb '#444444'
plot for [s = 1:n] $data using ($0 + 1):(s):(number_text(column(1 + s))) with labels font ',17' notitle, \
     for [s = 1:n] $data using ($0 + 1):(s + 0.3):(error_text(column(1 + s), column(1 + n + s))) with labels \
       font ',11' textcolor rgb '#882255' notitle
unset label
unset arrow
set border 3 linecolor '#444444'
set grid ytics linecolor '#dddddd' linetype 1 linewidth 1
eval end_panel
