/* BMP: OS/2's and Windows' headers; 1, 2, 4, 8, 16, 24 and 32 bits a pixel, by a table of colours,
 * by masks, run-length encoded; rows from the bottom or from the top. Its own reader, because none
 * of the libraries for it reads a file in memory and nothing else.
 *
 * File header: "BM", size, 0, where the pixels begin. Then a header whose first number is its
 * length, masks of colours if they are not in it, and the table of colours. */
#include <stdlib.h>
#include <string.h>

#include "image/format_internal.h"

enum { FILE_HEADER = 14, CORE_HEADER = 12, INFO_HEADER = 40, COLORS = 256 };
enum { PLAIN = 0, RLE8 = 1, RLE4 = 2, MASKS = 3, JPEG = 4, PNG = 5, ALPHA_MASKS = 6 };

typedef struct Header {
    int h, w, bits, compression;
    bool top_down;
    uint32_t mask[3]; /* of red, green, blue, where there is no table */
    int colors;
    uint8_t color[COLORS][3];
    size_t pixels; /* where they begin */
} Header;

static uint32_t little(const uint8_t *p, int bytes)
{
    uint32_t value = 0;
    for (int i = bytes - 1; i >= 0; i--)
        value = value << 8 | p[i];
    return value;
}

static bool known(const uint8_t *bytes, size_t n)
{
    return n >= FILE_HEADER && memcmp(bytes, "BM", 2) == 0 && memcmp(bytes + 6, "\0\0\0\0", 4) == 0;
}

static int ends_early(Err *err)
{
    return err_set(err, "broken BMP: the file ends too early");
}

static bool bits_fit(const Header *header)
{
    static const uint8_t with[][2] = {{PLAIN, 1},       {PLAIN, 2},  {PLAIN, 4},  {PLAIN, 8},
                                      {PLAIN, 16},      {PLAIN, 24}, {PLAIN, 32}, {RLE8, 8},
                                      {RLE4, 4},        {MASKS, 16}, {MASKS, 32}, {ALPHA_MASKS, 16},
                                      {ALPHA_MASKS, 32}};
    for (size_t i = 0; i < sizeof with / sizeof *with; i++)
        if (header->compression == with[i][0] && header->bits == with[i][1])
            return true;
    return false;
}

/* Width, height, bits and compression, from the header of `length` bytes at p. */
static int take_layout(Header *header, const uint8_t *p, uint32_t length, Err *err)
{
    const bool core = length == CORE_HEADER;
    int64_t h = core ? (int64_t)little(p + 6, 2) : (int32_t)little(p + 8, 4);
    int64_t w = core ? (int64_t)little(p + 4, 2) : (int32_t)little(p + 4, 4);
    header->top_down = h < 0;
    h = h < 0 ? -h : h;
    header->bits = (int)little(p + (core ? 10 : 14), 2);
    header->compression = core ? PLAIN : (int)(little(p + 16, 4) & 0xff);
    if (w < 1 || h < 1 || w > IMAGE_MAX_SIDE || h > IMAGE_MAX_SIDE)
        return err_set(err, "%lld x %lld pixels, over the limit of %d a side", (long long)w,
                       (long long)h, IMAGE_MAX_SIDE);
    if ((!core && little(p + 16, 4) > ALPHA_MASKS) || !bits_fit(header))
        return err_set(err, "BMP of %d bits a pixel and compression %lu, which is not read",
                       header->bits, core ? 0UL : (unsigned long)little(p + 16, 4));
    header->h = (int)h;
    header->w = (int)w;
    return 0;
}

/* The masks and where they end: behind 40 bytes, whether these are all of the header or not. */
static int take_masks(Header *header, const uint8_t *bytes, size_t n, size_t *end, Err *err)
{
    static const uint32_t fifteen[] = {0x7c00, 0x3e0, 0x1f}, full[] = {0xff0000, 0xff00, 0xff};
    memcpy(header->mask, header->bits == 16 ? fifteen : full, sizeof header->mask);
    if (header->compression != MASKS && header->compression != ALPHA_MASKS)
        return 0;
    const size_t at = FILE_HEADER + INFO_HEADER, count = header->compression == MASKS ? 3 : 4;
    if (n < at + 4 * count)
        return ends_early(err);
    for (size_t i = 0; i < 3; i++)
        header->mask[i] = little(bytes + at + 4 * i, 4);
    *end = *end > at + 4 * count ? *end : at + 4 * count;
    return 0;
}

static int take_colors(Header *header, const uint8_t *bytes, size_t n, size_t at, uint32_t length,
                       Err *err)
{
    const size_t entry = length == CORE_HEADER ? 3 : 4;
    const uint32_t most = header->bits <= 8 ? 1U << header->bits : 0;
    uint32_t count = length >= 36 ? little(bytes + FILE_HEADER + 32, 4) : 0;
    count = count == 0 || count > most ? most : count;
    if (length == CORE_HEADER && header->pixels > at && (header->pixels - at) / entry < count)
        count = (uint32_t)((header->pixels - at) / entry); /* OS/2 leaves out what is not used */
    if (n < at || (n - at) / entry < count)
        return ends_early(err);
    for (uint32_t i = 0; i < count; i++)
        for (size_t k = 0; k < 3; k++)
            header->color[i][k] = bytes[at + entry * i + 2 - k];
    header->colors = (int)count;
    return 0;
}

static int read_header(Header *header, const uint8_t *bytes, size_t n, Err *err)
{
    *header = (Header){0};
    if (n < FILE_HEADER + 4)
        return ends_early(err);
    const uint32_t length = little(bytes + FILE_HEADER, 4);
    if (length != CORE_HEADER && (length < 16 || length > 1024))
        return err_set(err, "broken BMP: a header of %lu bytes", (unsigned long)length);
    size_t end = FILE_HEADER + (size_t)length;
    /* 16 bytes of an OS/2 header have no compression behind them; all files have 20 */
    if (n < end || n < FILE_HEADER + (length == CORE_HEADER ? 12 : 20))
        return ends_early(err);
    header->pixels = little(bytes + 10, 4);
    if (take_layout(header, bytes + FILE_HEADER, length, err) != 0 ||
        take_masks(header, bytes, n, &end, err) != 0 ||
        take_colors(header, bytes, n, end, length, err) != 0)
        return -1;
    return header->pixels > n ? ends_early(err) : 0;
}

static int size(Stored *stored, const uint8_t *bytes, size_t n, Err *err)
{
    Header header;
    if (read_header(&header, bytes, n, err) != 0)
        return -1;
    stored->h = header.h;
    stored->w = header.w;
    return 0;
}

/* The bits under a mask as 0 .. 255 */
static uint8_t masked(uint32_t value, uint32_t mask)
{
    if (mask == 0)
        return 0;
    while ((mask & 1) == 0) {
        mask >>= 1;
        value >>= 1;
    }
    return (uint8_t)(((uint64_t)(value & mask) * 255 + mask / 2) / mask);
}

static uint8_t *row_of(Image image, const Header *header, int y)
{
    return image.pixels + image_bytes(header->top_down ? y : image.h - 1 - y, image.w);
}

static void put_color(uint8_t *rgb, const Header *header, int index)
{
    static const uint8_t black[3];
    memcpy(rgb, index < header->colors ? header->color[index] : black, 3);
}

static void read_row(uint8_t *rgb, const uint8_t *in, const Header *header)
{
    const int bits = header->bits, each = bits < 8 ? 8 / bits : 1;
    for (int x = 0; x < header->w; x++, rgb += 3) {
        if (bits <= 8) {
            int shift = 8 - bits * (x % each + 1);
            put_color(rgb, header, in[x / each] >> (bits < 8 ? shift : 0) & ((1 << bits) - 1));
        } else if (bits == 24) {
            for (int k = 0; k < 3; k++)
                rgb[k] = in[3 * x + 2 - k];
        } else {
            uint32_t value = little(in + (size_t)x * (bits / 8), bits / 8);
            for (int k = 0; k < 3; k++)
                rgb[k] = masked(value, header->mask[k]);
        }
    }
}

static int read_plain(Image image, const Header *header, const uint8_t *in, size_t left, Err *err)
{
    const size_t stride = ((size_t)header->w * header->bits + 31) / 32 * 4;
    /* the padding of the last row may be missing */
    const size_t last = ((size_t)header->w * header->bits + 7) / 8;
    if (left < last || (left - last) / stride < (size_t)image.h - 1)
        return ends_early(err);
    for (int y = 0; y < image.h; y++)
        read_row(row_of(image, header, y), in + y * stride, header);
    return 0;
}

/* Runs of one or two colours, and marks: 0 0 ends a row, 0 1 the picture, 0 2 moves on, 0 N is N
 * pixels as they are. What is passed over has the first colour. */
typedef struct Runs {
    const uint8_t *in, *end;
    int x, y;
} Runs;

static void put_run(Image image, const Header *header, Runs *runs, int index)
{
    if (runs->x == image.w) /* what is beyond the row is passed over */
        return;
    put_color(row_of(image, header, runs->y) + 3 * (size_t)runs->x, header, index);
    runs->x++;
}

/* Pixel i of those that begin at `in` */
static int packed_index(const uint8_t *in, int i, bool four)
{
    return !four ? in[i] : i % 2 == 0 ? in[i / 2] >> 4 : in[i / 2] & 15;
}

/* False where the file ends. */
static bool read_literal(Image image, const Header *header, Runs *runs, int count)
{
    const bool four = header->bits == 4;
    const int bytes = four ? (count + 1) / 2 : count;
    if (runs->end - runs->in < bytes)
        return false;
    for (int i = 0; i < count; i++)
        put_run(image, header, runs, packed_index(runs->in, i, four));
    runs->in += bytes + bytes % 2 < runs->end - runs->in ? bytes + bytes % 2 : bytes;
    return true;
}

static int read_runs(Image image, const Header *header, const uint8_t *in, size_t left, Err *err)
{
    Runs runs = {.in = in, .end = in + left};
    for (size_t i = 0; i < (size_t)image.h * image.w; i++)
        put_color(image.pixels + 3 * i, header, 0);
    while (runs.y < image.h) {
        if (runs.end - runs.in < 2)
            return ends_early(err);
        const int count = *runs.in++, what = *runs.in++;
        if (count > 0) {
            for (int i = 0; i < count; i++)
                put_run(image, header, &runs,
                        packed_index((const uint8_t[]){(uint8_t)what, (uint8_t)what},
                                     header->bits == 4 ? i % 2 : 0, header->bits == 4));
        } else if (what == 0) {
            runs.x = 0;
            runs.y++;
        } else if (what == 1) {
            break;
        } else if (what == 2) {
            if (runs.end - runs.in < 2)
                return ends_early(err);
            runs.x = *runs.in < image.w - runs.x ? runs.x + *runs.in : image.w;
            runs.y += runs.in[1];
            runs.in += 2;
        } else if (!read_literal(image, header, &runs, what)) {
            return ends_early(err);
        }
    }
    return 0;
}

static int pixels(Image image, const uint8_t *bytes, size_t n, Err *err)
{
    Header header;
    if (read_header(&header, bytes, n, err) != 0)
        return -1;
    const uint8_t *in = bytes + header.pixels;
    const size_t left = n - header.pixels;
    if (header.compression == RLE8 || header.compression == RLE4)
        return read_runs(image, &header, in, left, err);
    return read_plain(image, &header, in, left, err);
}

const Format format_bmp = {known, size, pixels};
