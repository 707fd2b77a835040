# Images and identities as cells
{ printf "<td>%s</td><td>%s</td>", counted($1), ($2 > 0 ? counted($2) : "&#8211;") }
