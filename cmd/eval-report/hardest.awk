# The list of eval-roc --hardest as a table; what is in it is HTML already.
BEGIN {
    print "<table class=\"list\"><thead><tr><th>first</th><th>second</th><th>score</th><th>decision</th></tr></thead><tbody>"
}
{ printf "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n", $1, $2, shown($4, 4), $5 }
END { print "</tbody></table>" }
