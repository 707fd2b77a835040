# awk -v batch=N -f hours.awk LOG...: the hours of a training, from the rates in its log
BEGIN { FS = "\t" }
$1 == "step" { last = 0; next }
{ seconds += ($1 - last) * batch / $3; last = $1 }
END { printf "%.3g\n", seconds / 3600 }
