# A table: a row for each series, a column for each x. Under a value stands what was published, and the error.
eval begin_panel
n = |series_names|
columns = |x_labels|
set lmargin at screen 0.02
set tmargin at screen screen_y(panel_top(panel))
set bmargin at screen screen_y(panel_bottom(panel) - 36)
# The share of the width that names take, at so many pixels a letter, and the same in columns.
share = longest * 9.0 / picture_width
share = share > 0.75 ? 0.75 : share
names = columns * share / (1 - share)
unset border; unset grid; unset tics; unset key
set xlabel y_label.'; below each: published, error'
unset ylabel
set xrange [0.5 - names:columns + 0.5]
set yrange [n + 0.6:0]
set label 99 x_label at graph 0, first 0.3 left font ',15' textcolor '#555555'
do for [i = 1:columns] { set label 1000 + i x_labels[i] at i, 0.3 center font ',15' }
do for [s = 1:n] { set label 2000 + s series_names[s] at graph 0, first s left font ',15' }
error_text(v, p) = p != p ? '' : sprintf('%s, %+.1f %%', number_text(p), (v / p - 1) * 100)
set arrow 1 from graph 0, first 0.5 to graph 1, first 0.5 nohead linecolor rgb '#444444'
plot for [s = 1:n] $data using ($0 + 1):(s):(number_text(column(1 + s))) with labels font ',17' notitle, \
     for [s = 1:n] $data using ($0 + 1):(s + 0.3):(error_text(column(1 + s), column(1 + n + s))) with labels \
       font ',14' textcolor rgb '#882255' notitle
unset label
unset arrow
set border 3 linecolor '#444444'
set grid ytics linecolor '#dddddd' linetype 1 linewidth 1
eval end_panel
