#include "image/jpeg_internal.h"

#include <setjmp.h>
#include <stdio.h> /* before jpeglib.h, which needs it */

#include <jerror.h>
#include <jpeglib.h>
#include <stdlib.h>
#include <string.h>

#include "image/broken_internal.h"
#include "image/exif_internal.h"

enum {
    SCANS_MAX = 500, /* more are an attack: a kilobyte of them can take minutes */
    ROWS = 8,
    MARGIN = 2, /* pixels next to a cut, whose colour is not what it is without */
    EXIF = JPEG_APP0 + 1,
    INKS = 4
};

struct JpegReader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf back;
    char reason[JMSG_LENGTH_MAX];
    bool begun;    /* jpeg is one to destroy */
    bool scanning; /* the header has been read */
    bool lenient, damaged;
    uint8_t *rows; /* of an image: for what nobody asked for, and for inks */
    size_t room;
};

/* Does not return to libjpeg. */
static void on_error(j_common_ptr jpeg)
{
    JpegReader *reader = jpeg->client_data;
    jpeg->err->format_message(jpeg, reader->reason);
    longjmp(reader->back, 1);
}

/* What a warning is about that says nothing of the pixels: numbers in the header that are spelt in
 * another way, and stray bytes between its segments. */
static bool harmless(const JpegReader *reader)
{
    switch (reader->errors.msg_code) {
    case JWRN_EXTRANEOUS_DATA:
        return !reader->scanning;
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
    case JWRN_NOT_SEQUENTIAL:
        return true;
    default:
        return false;
    }
}

/* A warning is that something was damaged and made up for. */
static void on_message(j_common_ptr jpeg, int level)
{
    JpegReader *reader = jpeg->client_data;
    if (level >= 0 || harmless(reader))
        return;
    reader->damaged = true;
    if (!reader->lenient)
        on_error(jpeg);
}

static void on_progress(j_common_ptr common)
{
    JpegReader *reader = common->client_data;
    if (reader->jpeg.input_scan_number <= SCANS_MAX)
        return;
    snprintf(reader->reason, sizeof reader->reason, "more than %d scans", SCANS_MAX);
    longjmp(reader->back, 1);
}

/* Begins anew with each file: libjpeg keeps tables, so that what one file lacks would come from the
 * one before, whichever that was. False when there is no memory for it. */
static bool start(JpegReader *reader)
{
    if (reader->begun)
        jpeg_destroy_decompress(&reader->jpeg);
    reader->begun = reader->scanning = reader->damaged = false;
    reader->jpeg.err = jpeg_std_error(&reader->errors);
    reader->errors.error_exit = on_error;
    reader->errors.emit_message = on_message;
    reader->jpeg.client_data = reader;
    if (setjmp(reader->back) != 0)
        return false;
    jpeg_create_decompress(&reader->jpeg);
    reader->begun = true;
    reader->progress.progress_monitor = on_progress;
    reader->jpeg.progress = &reader->progress;
    jpeg_save_markers(&reader->jpeg, EXIF, 0xffff);
    return true;
}

JpegReader *jpegreader_new(Err *err)
{
    JpegReader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        err_memory(err, "a JPEG decoder", sizeof *reader);
    return reader;
}

void jpegreader_free(JpegReader *reader)
{
    if (reader == NULL)
        return;
    if (reader->begun)
        jpeg_destroy_decompress(&reader->jpeg);
    free(reader->rows);
    free(reader);
}

void jpegreader_lenient(JpegReader *reader, bool lenient)
{
    reader->lenient = lenient;
}

bool jpegreader_damaged(const JpegReader *reader)
{
    return reader->damaged;
}

static int failed(JpegReader *reader, Err *err)
{
    return image_broken(err, "JPEG", reader->reason);
}

static int orientation_of(const struct jpeg_decompress_struct *jpeg)
{
    static const char name[] = "Exif\0";
    for (jpeg_saved_marker_ptr at = jpeg->marker_list; at != NULL; at = at->next)
        if (at->marker == EXIF && at->data_length >= sizeof name &&
            memcmp(at->data, name, sizeof name) == 0)
            return exif_orientation(at->data + sizeof name, at->data_length - sizeof name);
    return 1;
}

int jpegreader_size(JpegReader *reader, int *h, int *w, int *orientation, const uint8_t *bytes,
                    size_t n, Err *err)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    if (!start(reader))
        return failed(reader, err);
    if (setjmp(reader->back) != 0)
        return failed(reader, err);
    jpeg_mem_src(jpeg, bytes, n);
    jpeg_read_header(jpeg, TRUE);
    reader->scanning = true;
    *h = (int)jpeg->image_height;
    *w = (int)jpeg->image_width;
    *orientation = orientation_of(jpeg);
    return 0;
}

/* a b / 255, rounded as Pillow does it */
static unsigned parts_of(unsigned a, unsigned b)
{
    unsigned t = a * b + 128;
    return (t + (t >> 8)) >> 8;
}

/* Four inks a pixel to RGB. As every program does since Adobe's, 255 is taken for no ink. */
static void mix_inks(uint8_t *rgb, const uint8_t *inks, JDIMENSION n)
{
    for (; n > 0; n--, rgb += 3, inks += INKS)
        for (int k = 0; k < 3; k++)
            rgb[k] = (uint8_t)(inks[3] - parts_of(255u - inks[k], inks[3]));
}

/* Rows top .. bottom - 1, several at a time: the library has two or more of them at once. */
static void read_rows(JpegReader *reader, Image image, Box box, unsigned left)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    const bool inks = jpeg->out_color_space == JCS_CMYK;
    if (box.top > 0)
        jpeg_skip_scanlines(jpeg, (JDIMENSION)box.top);
    while ((int)jpeg->output_scanline < box.bottom) {
        uint8_t *row[ROWS], *to[ROWS];
        int first = (int)jpeg->output_scanline, n = box.bottom - first;
        for (int i = 0; i < ROWS && i < n; i++) {
            to[i] = image.pixels + image_bytes(first + i, image.w) + 3 * left;
            row[i] = inks ? reader->rows + (size_t)i * (size_t)image.w * INKS : to[i];
        }
        JDIMENSION got = jpeg_read_scanlines(jpeg, row, (JDIMENSION)(n < ROWS ? n : ROWS));
        for (JDIMENSION i = 0; i < got && inks; i++)
            mix_inks(to[i], row[i], jpeg->output_width);
    }
}

/* Through what is below the box, for damage. Not skipping the last row makes sure of it. */
static void read_rest(struct jpeg_decompress_struct *jpeg, uint8_t *row)
{
    unsigned left = jpeg->output_height - jpeg->output_scanline;
    if (left > 1)
        jpeg_skip_scanlines(jpeg, left - 1);
    if (left > 0)
        jpeg_read_scanlines(jpeg, &row, 1);
    jpeg_finish_decompress(jpeg);
}

static Box widened(Box box, Image image)
{
    return (Box){box.top > MARGIN ? box.top - MARGIN : 0, box.left > MARGIN ? box.left - MARGIN : 0,
                 box.bottom < image.h - MARGIN ? box.bottom + MARGIN : image.h,
                 box.right < image.w - MARGIN ? box.right + MARGIN : image.w};
}

static int reserve_rows(JpegReader *reader, int w, Err *err)
{
    size_t need = (size_t)w * INKS * ROWS;
    if (need <= reader->room)
        return 0;
    free(reader->rows);
    reader->room = 0;
    reader->rows = malloc(need);
    if (reader->rows == NULL)
        return err_memory(err, "rows of an image", need);
    reader->room = need;
    return 0;
}

int jpegreader_pixels(JpegReader *reader, Image image, Box box, Err *err)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    if (reserve_rows(reader, image.w, err) != 0)
        return -1;
    if (setjmp(reader->back) != 0)
        return failed(reader, err);
    Box wide = widened(box, image);
    JDIMENSION left = (JDIMENSION)wide.left, width = (JDIMENSION)(wide.right - wide.left);
    bool inks = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
    jpeg->out_color_space = inks ? JCS_CMYK : JCS_RGB;
    jpeg->dct_method = JDCT_ISLOW;
    jpeg_start_decompress(jpeg);
    if ((int)width < image.w)
        jpeg_crop_scanline(jpeg, &left, &width);
    read_rows(reader, image, wide, left);
    read_rest(jpeg, reader->rows);
    return 0;
}
