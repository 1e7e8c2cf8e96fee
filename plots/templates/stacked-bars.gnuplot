# A bar for each x, the series on top of each other in their order. What was published is not stacked: no source has it.
eval begin_panel
n = |series_names|
do for [i = 1:|x_labels|] { set xtics add (x_labels[i] i) }
set xrange [0.4:|x_labels| + 0.6]
set yrange [0:*] noextend
set boxwidth 0.7
stacked(k) = sum [c = 1:k] column(1 + c)
plot for [k = n:1:-1] $data using ($0 + 1):(stacked(k)) with boxes fillstyle solid linecolor rgb colour(k) \
       title series_names[k].(series_most[k] == 0 ? ' (0)' : '')
eval end_panel
