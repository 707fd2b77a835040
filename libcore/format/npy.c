#include "format/npy_internal.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/num_internal.h"

enum { START = 10, MAX_HEADER = 1 << 16, STEP = 1 << 20 };

/* Whole arrays in Fortran's order: 64 GiB. */
#define MAX_WHOLE ((size_t)1 << 36)

bool npy_known(const uint8_t *bytes, size_t size)
{
    return size >= 6 && memcmp(bytes, "\x93NUMPY", 6) == 0;
}

/* Exactly n bytes */
static int need(Npy *npy, void *bytes, size_t n, const char *what, Err *err)
{
    int64_t got = npy->flow.read(npy->flow.state, bytes, n, err);
    if (got >= 0 && (size_t)got < n)
        return err_set(err, "ends within %s", what);
    return got < 0 ? -1 : 0;
}

static int read_header(Npy *npy, Err *err)
{
    uint8_t start[START + 2];
    if (need(npy, start, START, "its header", err) != 0)
        return -1;
    if (!npy_known(start, START) || start[6] < 1 || start[6] > 3)
        return err_set(err, "not an .npy file of version 1 to 3");
    size_t size = start[8] | (size_t)start[9] << 8;
    if (start[6] > 1) {
        if (need(npy, start + START, 2, "its header", err) != 0)
            return -1;
        size |= (size_t)start[10] << 16 | (size_t)start[11] << 24;
    }
    if (size > MAX_HEADER)
        return err_set(err, "a header of %zu bytes is over the limit of %d", size, MAX_HEADER);
    char *header = malloc(size + 1);
    if (header == NULL)
        return err_memory(err, "a header", size);
    int rc = need(npy, header, size, "its header", err);
    header[size] = '\0';
    if (rc == 0)
        rc = npy_parse_header(&npy->form, header, err);
    free(header);
    return rc;
}

static int measure(Npy *npy, Err *err)
{
    const NpyForm *form = &npy->form;
    size_t width = 1, all;
    bool fits = true;
    for (int d = 1; d < form->ndim && fits; d++)
        fits = size_mul(width, (size_t)form->shape[d], &width);
    npy->rows = form->ndim > 0 ? form->shape[0] : 1;
    fits = fits && size_mul(width, form->size, &npy->row_bytes) &&
           size_mul(npy->row_bytes, (size_t)npy->rows, &all);
    if (!fits || npy->row_bytes > NPY_MAX_ROW || width > INT_MAX)
        return err_set(err, "rows of %zu elements of %zu bytes are over the limit of %d bytes",
                       width, form->size, NPY_MAX_ROW);
    if (npy->row_bytes == 0 && npy->rows > 0)
        return err_set(err, "its rows are empty");
    npy->width = (int64_t)width;
    if (form->fortran && form->ndim > 1 && all > MAX_WHOLE)
        return err_set(err, "%zu bytes in Fortran order are over the limit", all);
    return 0;
}

/* `size` bytes into *bytes, which grows as they come. */
static int read_growing(Npy *npy, uint8_t **bytes, size_t size, Err *err)
{
    for (size_t used = 0; used < size;) {
        size_t more = used < STEP ? STEP : used;
        if (more > size - used)
            more = size - used;
        if (array_reserve(*bytes, npy->room, used + more, "an array", err) != 0 ||
            need(npy, *bytes + used, more, "its elements", err) != 0)
            return -1;
        used += more;
    }
    return 0;
}

int npy_init_header(Npy *npy, ByteFlow flow, Err *err)
{
    *npy = (Npy){.flow = flow};
    return read_header(npy, err) != 0 || measure(npy, err) != 0 ? -1 : 0;
}

int npy_init(Npy *npy, ByteFlow flow, Err *err)
{
    if (npy_init_header(npy, flow, err) != 0)
        return -1;
    if (!npy->form.fortran || npy->form.ndim < 2)
        return 0;
    if (read_growing(npy, &npy->whole, npy->row_bytes * (size_t)npy->rows, err) != 0)
        return -1;
    npy->bytes = malloc(npy->row_bytes + 1);
    return npy->bytes != NULL ? 0 : err_memory(err, "a row", npy->row_bytes);
}

void npy_release(Npy *npy)
{
    free(npy->bytes);
    free(npy->whole);
    *npy = (Npy){0};
}

/* The row's elements out of the whole, in which the first index runs fastest */
static void gather(Npy *npy)
{
    const NpyForm *form = &npy->form;
    int64_t index[NPY_MAX_DIMS] = {0};
    for (int64_t i = 0; i < npy->width; i++) {
        size_t at = 0;
        for (int d = form->ndim - 1; d > 0; d--)
            at = (at + (size_t)index[d]) * (size_t)form->shape[d - 1];
        memcpy(npy->bytes + (size_t)i * form->size,
               npy->whole + (at + (size_t)npy->row) * form->size, form->size);
        for (int d = form->ndim - 1; d > 0 && ++index[d] == form->shape[d]; d--)
            index[d] = 0;
    }
}

static void reverse(uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size / 2; i++) {
        uint8_t other = bytes[i];
        bytes[i] = bytes[size - 1 - i];
        bytes[size - 1 - i] = other;
    }
}

int npy_next(Npy *npy, Err *err)
{
    const NpyForm *form = &npy->form;
    uint8_t beyond;
    if (npy->row == npy->rows) {
        int64_t more = npy->flow.read(npy->flow.state, &beyond, 1, err);
        return more <= 0 ? (int)more : err_set(err, "continues after its elements");
    }
    if (npy->whole != NULL)
        gather(npy);
    else if (read_growing(npy, &npy->bytes, npy->row_bytes, err) != 0)
        return -1;
    npy->row++;
    size_t unit = form->kind == 'U' ? 4 : form->kind == 'S' ? 1 : form->size;
    for (size_t at = 0; form->big && unit > 1 && at < npy->row_bytes; at += unit)
        reverse(npy->bytes + at, unit);
    return 1;
}

/* IEEE 754 half precision */
static double half(uint16_t bits)
{
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    double value = exponent == 31  ? (fraction != 0 ? (double)NAN : (double)INFINITY)
                   : exponent == 0 ? ldexp(fraction, -24)
                                   : ldexp(1024 + fraction, exponent - 25);
    return bits >> 15 ? -value : value;
}

/* An element that is no text, as a double */
static double number(const NpyForm *form, const uint8_t *at)
{
    uint64_t bits = 0;
    memcpy(&bits, at, form->size);
    if (form->kind == 'f' && form->size == 8) {
        double value;
        memcpy(&value, at, 8);
        return value;
    }
    if (form->kind == 'f' && form->size == 4) {
        float value;
        memcpy(&value, at, 4);
        return value;
    }
    if (form->kind == 'f')
        return half((uint16_t)bits);
    if (form->kind != 'i')
        return (double)bits;
    int shift = 64 - 8 * (int)form->size;
    return (double)((int64_t)(bits << shift) >> shift);
}

static int is_number(const Npy *npy, Err *err)
{
    if (npy->form.kind == 'U' || npy->form.kind == 'S')
        return err_set(err, "its elements are strings, not numbers");
    return 0;
}

int npy_floats(const Npy *npy, float *out, Err *err)
{
    if (is_number(npy, err) != 0)
        return -1;
    if (npy->form.kind == 'f' && npy->form.size == 4)
        memcpy(out, npy->bytes, npy->row_bytes);
    else
        for (int64_t i = 0; i < npy->width; i++)
            out[i] = (float)number(&npy->form, npy->bytes + (size_t)i * npy->form.size);
    return 0;
}

int npy_integer(const Npy *npy, int64_t element, int64_t *out, Err *err)
{
    const NpyForm *form = &npy->form;
    const uint8_t *at = npy->bytes + (size_t)element * form->size;
    if (is_number(npy, err) != 0)
        return -1;
    double value = number(form, at);
    if (!(value >= -9e18 && value <= 9e18) || value != floor(value))
        return err_set(err, "row %" PRId64 ": %g is not an integer", npy->row - 1, value);
    *out = (int64_t)value;
    if (form->kind != 'f' && form->size == 8)
        memcpy(out, at, 8); /* doubles end at 2^53 */
    return 0;
}

size_t npy_text_room(const Npy *npy)
{
    return npy->row_bytes + 1;
}

/* A code point as UTF-8; its length, 0 when it is none */
static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80)
        return (size_t)(out[0] = (char)c, 1);
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000 && (c < 0xd800 || c > 0xdfff)) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 63));
        out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    if (c < 0x10000 || c > 0x10ffff)
        return 0;
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63));
    out[3] = (char)(0x80 | (c & 63));
    return 4;
}

int64_t npy_text(const Npy *npy, char *out, Err *err)
{
    const NpyForm *form = &npy->form;
    size_t unit = form->kind == 'U' ? 4 : 1, n = form->size / unit, used = 0;
    if ((form->kind != 'U' && form->kind != 'S') || npy->width != 1)
        return err_set(err, "its rows are not strings");
    while (n > 0 && memcmp(npy->bytes + (n - 1) * unit, "\0\0\0", unit) == 0)
        n--; /* what fills up shorter texts */
    for (size_t i = 0; i < n; i++) {
        uint32_t c = npy->bytes[i];
        if (unit == 4)
            memcpy(&c, npy->bytes + 4 * i, 4);
        size_t size = unit == 1 ? (size_t)(out[used] = (char)c, 1) : put_utf8(out + used, c);
        if (size == 0 || c == 0)
            return err_set(err, "row %" PRId64 ": not a string", npy->row - 1);
        used += size;
    }
    return (int64_t)used;
}
