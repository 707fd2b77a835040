#include "image/pnm.h"

#include <ctype.h>

typedef struct Header {
    int channels, w, h, max;
    size_t end; /* where the samples begin */
} Header;

bool pnm_known(const uint8_t *bytes, size_t n)
{
    return n >= 3 && bytes[0] == 'P' && (bytes[1] == '5' || bytes[1] == '6') &&
           (isspace(bytes[2]) || bytes[2] == '#');
}

/* A number after white space and comments; -1 when there is none, or one too large. */
static int header_number(const uint8_t *bytes, size_t n, size_t *at)
{
    size_t i = *at;
    while (i < n && (isspace(bytes[i]) || bytes[i] == '#')) {
        if (bytes[i] == '#')
            while (i < n && bytes[i] != '\n')
                i++;
        else
            i++;
    }
    int value = -1;
    for (; i < n && isdigit(bytes[i]); i++) {
        value = (value < 0 ? 0 : value) * 10 + (bytes[i] - '0');
        if (value > IMAGE_MAX_PIXELS)
            return -1;
    }
    *at = i;
    return value;
}

static int read_header(Header *header, const uint8_t *bytes, size_t n, Err *err)
{
    size_t at = 2;
    header->channels = bytes[1] == '6' ? 3 : 1;
    header->w = header_number(bytes, n, &at);
    header->h = header_number(bytes, n, &at);
    header->max = header_number(bytes, n, &at);
    if (header->w < 1 || header->h < 1 || header->max < 1 || at >= n || !isspace(bytes[at]))
        return err_set(err, "broken PNM: no width, height and maximum in the header");
    if (header->max > 255)
        return err_set(err, "a PNM of 16 bits; only 8 are read");
    header->end = at + 1;
    return 0;
}

int pnm_read_size(int *h, int *w, const uint8_t *bytes, size_t n, Err *err)
{
    Header header = {0};
    if (read_header(&header, bytes, n, err) != 0)
        return -1;
    *h = header.h;
    *w = header.w;
    return 0;
}

int pnm_read_pixels(Image image, const uint8_t *bytes, size_t n, Err *err)
{
    Header header = {0};
    if (read_header(&header, bytes, n, err) != 0)
        return -1;
    size_t samples = (size_t)image.h * (size_t)image.w * (size_t)header.channels;
    if (n - header.end < samples)
        return err_set(err, "broken PNM: %zu bytes of %zu", n - header.end, samples);
    const uint8_t *in = bytes + header.end;
    int repeat = header.channels == 1 ? 3 : 1;
    for (size_t i = 0; i < samples; i++) {
        int value = in[i] < header.max ? in[i] : header.max;
        for (int k = 0; k < repeat; k++)
            image.pixels[i * (size_t)repeat + (size_t)k] =
                (uint8_t)((value * 255 + header.max / 2) / header.max);
    }
    return 0;
}
