# median(list, n): of n numbers in a text, separated by blanks
function median(list, n,    k, j, t, v)
{
    split(list, v, " ")
    for (k = 2; k <= n; k++)
        for (j = k; j > 1 && v[j - 1] + 0 > v[j] + 0; j--) {
            t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
        }
    return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}
