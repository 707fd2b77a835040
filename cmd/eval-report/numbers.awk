# Numbers as they stand on the page. NA is a dash; a minus is one, and never stands before a zero.
function signed(text) {
    if (text ~ /^-[0.]+$/)
        return substr(text, 2)
    sub(/^-/, "\\&#8722;", text)
    return text
}
function known(x) {
    return x != "NA" && x != ""
}
function shown(x, digits) {
    return known(x) ? signed(sprintf("%." digits "f", x)) : "&#8211;"
}
# With its sign, but for what is nothing to these digits
function difference(x, digits,  text) {
    if (!known(x))
        return "&#8211;"
    text = sprintf("%+." digits "f", x)
    return text ~ /^[+-][0.]+$/ ? substr(text, 2) : signed(text)
}
function interval(low, high) {
    return known(low) && known(high) ? shown(low, 4) " &#8211; " shown(high, 4) : "&#8211;"
}
# 13233 as 13,233
function counted(n,  text) {
    text = sprintf("%d", n)
    while (text ~ /[0-9][0-9][0-9][0-9]($|,)/)
        text = thousands(text)
    return text
}
function thousands(text,  head) {
    match(text, /^[0-9]+/)
    head = substr(text, 1, RLENGTH)
    return substr(head, 1, RLENGTH - 3) "," substr(head, RLENGTH - 2) substr(text, RLENGTH + 1)
}
function plural(n, one, many) {
    return counted(n) " " (n == 1 ? one : many)
}
# A rate that was asked for: powers of ten as such
function rate(x,  power) {
    for (power = 1; power <= 18; power++)
        if (x / 10 ^ -power > 1 - 1e-9 && x / 10 ^ -power < 1 + 1e-9)
            return "10<sup>&#8722;" power "</sup>"
    return sprintf("%g", x)
}
BEGIN {
    FS = "\t"
}
