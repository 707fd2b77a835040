/* Netpbm's files: PBM (P1, P4), PGM (P2, P5), PPM (P3, P6), as text and binary, and PAM (P7), of up
 * to 16 bits, the first picture of a file. */
#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "image/format_internal.h"

enum { MAX_VALUE = 65535, MAX_DEPTH = 4 };

typedef struct Header {
    int channels, w, h, max;
    bool text, bits; /* numbers in ASCII; eight pixels a byte, 1 black */
    size_t end;      /* where the samples begin */
} Header;

typedef struct Text {
    const uint8_t *bytes;
    size_t n, at;
} Text;

static bool known(const uint8_t *bytes, size_t n)
{
    return n >= 3 && bytes[0] == 'P' &&
           ((bytes[1] >= '1' && bytes[1] <= '6' && (isspace(bytes[2]) || bytes[2] == '#')) ||
            (bytes[1] == '7' && bytes[2] == '\n'));
}

static void skip_space(Text *text)
{
    while (text->at < text->n && (isspace(text->bytes[text->at]) || text->bytes[text->at] == '#'))
        if (text->bytes[text->at++] == '#')
            while (text->at < text->n && text->bytes[text->at] != '\n')
                text->at++;
}

/* A number after white space and comments; -1 when there is none, or one too large. */
static int take_number(Text *text)
{
    int value = -1;
    skip_space(text);
    for (; text->at < text->n && isdigit(text->bytes[text->at]); text->at++) {
        int digit = text->bytes[text->at] - '0';
        if (value > (INT_MAX - digit) / 10)
            return -1;
        value = (value < 0 ? 0 : value) * 10 + digit;
    }
    return value;
}

static bool take_word(Text *text, const char *word)
{
    size_t length = strlen(word);
    if (text->n - text->at < length || memcmp(text->bytes + text->at, word, length) != 0)
        return false;
    text->at += length;
    return true;
}

/* PAM: lines of a word and a number, in any order, up to ENDHDR. TUPLTYPE adds nothing to DEPTH. */
static bool take_pam(Header *header, Text *text)
{
    for (;;) {
        skip_space(text);
        if (take_word(text, "ENDHDR"))
            return header->channels >= 1 && header->channels <= MAX_DEPTH;
        if (take_word(text, "WIDTH"))
            header->w = take_number(text);
        else if (take_word(text, "HEIGHT"))
            header->h = take_number(text);
        else if (take_word(text, "DEPTH"))
            header->channels = take_number(text);
        else if (take_word(text, "MAXVAL"))
            header->max = take_number(text);
        else if (take_word(text, "TUPLTYPE"))
            while (text->at < text->n && text->bytes[text->at] != '\n')
                text->at++;
        else
            return false;
    }
}

static int read_header(Header *header, const uint8_t *bytes, size_t n, Err *err)
{
    Text text = {bytes, n, 2};
    const char kind = (char)bytes[1];
    bool whole = true;
    *header = (Header){
        .channels = kind == '3' || kind == '6' ? 3 : 1, .text = kind <= '3', .bits = kind == '4'};
    if (kind == '7') {
        header->channels = 0;
        whole = take_pam(header, &text);
    } else {
        header->w = take_number(&text);
        header->h = take_number(&text);
        header->max = kind == '1' || kind == '4' ? 1 : take_number(&text);
    }
    if (!whole || header->w < 1 || header->h < 1 || header->max < 1 || text.at >= n ||
        !isspace(bytes[text.at]))
        return err_set(err, "broken PNM: no width, height and maximum in the header");
    if (header->max > MAX_VALUE)
        return err_set(err, "broken PNM: a maximum of %d, over %d", header->max, MAX_VALUE);
    header->end = text.at + 1;
    return 0;
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

static uint8_t scaled(int value, int max)
{
    value = value < max ? value : max;
    return (uint8_t)((value * 255 + max / 2) / max);
}

/* Grey, perhaps with transparency, or RGB, likewise */
static void put_pixel(uint8_t *rgb, const uint8_t *sample, int channels)
{
    for (int k = 0; k < 3; k++)
        rgb[k] = sample[channels >= 3 ? k : 0];
}

static int read_binary(Image image, const Header *header, const uint8_t *in, size_t left, Err *err)
{
    const int channels = header->channels, width = header->max > 255 ? 2 : 1;
    const size_t pixels = (size_t)image.h * (size_t)image.w;
    const size_t need = pixels * (size_t)(channels * width);
    if (left < need)
        return err_set(err, "broken PNM: %zu bytes of %zu", left, need);
    for (size_t i = 0; i < pixels; i++) {
        uint8_t sample[MAX_DEPTH] = {0};
        for (int k = 0; k < channels; k++, in += width)
            sample[k] = scaled(width == 2 ? in[0] << 8 | in[1] : in[0], header->max);
        put_pixel(image.pixels + 3 * i, sample, channels);
    }
    return 0;
}

static int read_bits(Image image, const uint8_t *in, size_t left, Err *err)
{
    const size_t row = ((size_t)image.w + 7) / 8, need = (size_t)image.h * row;
    if (left < need)
        return err_set(err, "broken PNM: %zu bytes of %zu", left, need);
    uint8_t *out = image.pixels;
    for (int y = 0; y < image.h; y++, in += row)
        for (int x = 0; x < image.w; x++, out += 3)
            memset(out, in[x / 8] >> (7 - x % 8) & 1 ? 0 : 255, 3);
    return 0;
}

/* Of PBM's digits none need a space between them. */
static int take_bit(Text *text)
{
    skip_space(text);
    if (text->at == text->n || (text->bytes[text->at] != '0' && text->bytes[text->at] != '1'))
        return -1;
    return text->bytes[text->at++] == '0';
}

static int read_text(Image image, const Header *header, Text *text, Err *err)
{
    const size_t pixels = (size_t)image.h * (size_t)image.w;
    const bool bits = text->bytes[1] == '1';
    for (size_t i = 0; i < pixels; i++) {
        uint8_t sample[3] = {0};
        for (int k = 0; k < header->channels; k++) {
            int value = bits ? take_bit(text) : take_number(text);
            if (value < 0)
                return err_set(err, "broken PNM: byte %zu: no number where pixel %zu of %zu is",
                               text->at, i + 1, pixels);
            sample[k] = scaled(value, header->max);
        }
        put_pixel(image.pixels + 3 * i, sample, header->channels);
    }
    return 0;
}

static int pixels(Image image, const uint8_t *bytes, size_t n, Err *err)
{
    Header header;
    if (read_header(&header, bytes, n, err) != 0)
        return -1;
    if (header.text)
        return read_text(image, &header, &(Text){bytes, n, header.end}, err);
    if (header.bits)
        return read_bits(image, bytes + header.end, n - header.end, err);
    return read_binary(image, &header, bytes + header.end, n - header.end, err);
}

const Format format_pnm = {known, size, pixels};
