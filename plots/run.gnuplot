# Throughput, processor time by class and use of each resource, data paths side by side.
#
# The program puts before this text: picture_format ('svg' or 'png'), picture_title, the arrays path_names and
# resource_names, and the data blocks
#   $throughput  a line a path: Mbit/s, gain over the first path in percent
#   $processor   a line a path: ns as user, kernel, crypto thread, interrupt, switching
#   $use         a line a resource, a column a path: busy share, 0 to 1
# The picture goes to standard output.

if (picture_format eq 'svg') {
  set terminal svg size 1200,540 dynamic noenhanced font 'DejaVu Sans,14' background '#ffffff'
} else {
  set terminal pngcairo size 1800,810 noenhanced font 'DejaVu Sans,15.5' background '#ffffff'
}

path_count = |path_names|
resource_count = |resource_names|

# Paul Tol's muted colours for paths, Okabe and Ito's for classes: both keep apart under colour-blindness.
array path_colours[6] = ['#332288', '#44aa99', '#ddcc77', '#cc6677', '#88ccee', '#aa4499']
path_colour(i) = path_colours[1 + (int(i) - 1) % |path_colours|]
array class_names[5] = ['user', 'kernel', 'crypto thread', 'interrupts', 'switching']
array class_colours[5] = ['#0072b2', '#e69f00', '#009e73', '#d55e00', '#cc79a7']

# Before any range is set: stats leaves out what lies outside.
stats $throughput using 1 nooutput
empty = STATS_max == 0
highest = empty ? 1 : STATS_max
stats $processor using ($1 + $2 + $3 + $4 + $5) nooutput
longest = STATS_max > 0 ? STATS_max : 1

longest_name = 1
do for [i = 1:path_count] { if (strlen(path_names[i]) > longest_name) { longest_name = strlen(path_names[i]) } }
slanted = path_count * longest_name > 36
bottom = slanted ? 0.22 : 0.14
top = 0.77

set border 3 linecolor '#444444'
set tics nomirror out scale 0.5
set style fill solid 1.0 noborder
set grid ytics linecolor '#dddddd' linetype 1 linewidth 1
set boxwidth 0.7
unset key
set xtics ()
do for [i = 1:path_count] { set xtics add (path_names[i] i) }
if (slanted) { set xtics rotate by 30 right }

set multiplot
set label 1 picture_title at screen 0.5, screen 0.96 center font ',17'

# Throughput.
set bmargin at screen bottom; set tmargin at screen top
set lmargin at screen 0.075; set rmargin at screen 0.30
set label 2 'Throughput' at screen 0.1875, screen 0.895 center font ',15'
set label 3 'Processor time by class' at screen 0.4825, screen 0.895 center font ',15'
set label 4 'Use of each resource' at screen 0.8475, screen 0.895 center font ',15'
set ylabel 'Mbit/s'
set xrange [0.4:path_count + 0.6]
set yrange [0:highest * 1.2]
gain_text(gain) = column(0) == 0 || empty ? '' : sprintf(path_count > 5 ? "\n%+.0f %%" : "\n%+.1f %%", gain)
rate_text(rate) = sprintf(rate < 100 ? '%.1f' : '%.0f', rate)
plot for [p = 1:path_count] $throughput every ::p - 1::p - 1 using (p):1:(0.7) with boxes \
         linecolor rgb path_colour(p), \
     $throughput using ($0 + 1):1:(rate_text($1).gain_text($2)) with labels offset 0, 1.2 font ',12'
unset label

# Processor time.
time_scale = longest >= 1e9 ? 1e9 : longest >= 1e6 ? 1e6 : longest >= 1e3 ? 1e3 : 1
time_unit = longest >= 1e9 ? 's' : longest >= 1e6 ? 'ms' : longest >= 1e3 ? 'us' : 'ns'
set lmargin at screen 0.365; set rmargin at screen 0.60
set ylabel 'busy, '.time_unit
set yrange [0:longest / time_scale * 1.05]
set key at screen 0.4825, screen top + 0.06 center Left reverse maxrows 2 samplen 0.8 spacing 1 width -2 font ',12'
stacked(n) = sum [k = 1:n] column(k) / time_scale
plot for [n = 5:1:-1] $processor using ($0 + 1):(stacked(n)):(0.7) with boxes \
     linecolor rgb class_colours[n] title class_names[n]

# Use of resources.
set lmargin at screen 0.72; set rmargin at screen 0.975
set xlabel 'busy, % of the time'
unset ylabel
unset xtics
set xtics nomirror norotate center 0, 25, 100
set xrange [0:100]
set yrange [resource_count + 0.5:0.5]
set ytics nomirror ()
do for [r = 1:resource_count] { set ytics add (resource_names[r] r) }
unset grid
set grid xtics linecolor '#dddddd' linetype 1 linewidth 1
set key at screen 0.8475, screen top + 0.06 center Left reverse maxrows 3 samplen 0.8 spacing 1 font ',12'
thickness = 0.8 / path_count
upper(p) = $0 + 1 - 0.4 + (p - 1) * thickness
plot for [p = 1:path_count] $use using (0):(upper(p)):(0):(column(p) * 100):(upper(p)):(upper(p) + thickness) \
     with boxxyerror linecolor rgb path_colour(p) title path_names[p]

unset multiplot
