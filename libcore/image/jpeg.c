#include "image/jpeg.h"

#include <setjmp.h>
#include <stdio.h> /* before jpeglib.h, which needs it */

#include <jpeglib.h>
#include <stdlib.h>

enum {
    SCANS_MAX = 500, /* more are an attack: a kilobyte of them can take minutes */
    ROWS = 8,
    MARGIN = 2 /* pixels next to a cut, whose colour is not what it is without */
};

struct JpegReader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf back;
    char reason[JMSG_LENGTH_MAX];
    bool spoilt;  /* by a broken file: begins anew with the next */
    uint8_t *row; /* of an image, for what nobody asked for */
    size_t room;
};

/* Does not return to libjpeg. */
static void on_error(j_common_ptr jpeg)
{
    JpegReader *reader = jpeg->client_data;
    jpeg->err->format_message(jpeg, reader->reason);
    longjmp(reader->back, 1);
}

/* A warning is that something was damaged and made up for. */
static void on_message(j_common_ptr jpeg, int level)
{
    if (level < 0)
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

/* False when there is no memory for it. */
static bool start(JpegReader *reader)
{
    reader->jpeg.err = jpeg_std_error(&reader->errors);
    reader->errors.error_exit = on_error;
    reader->errors.emit_message = on_message;
    reader->jpeg.client_data = reader;
    if (setjmp(reader->back) != 0)
        return false;
    jpeg_create_decompress(&reader->jpeg);
    reader->progress.progress_monitor = on_progress;
    reader->jpeg.progress = &reader->progress;
    return true;
}

JpegReader *jpegreader_new(Err *err)
{
    JpegReader *reader = calloc(1, sizeof *reader);
    if (reader != NULL && start(reader))
        return reader;
    free(reader);
    err_memory(err, "a JPEG decoder", sizeof *reader);
    return NULL;
}

void jpegreader_free(JpegReader *reader)
{
    if (reader == NULL)
        return;
    jpeg_destroy_decompress(&reader->jpeg);
    free(reader->row);
    free(reader);
}

static int failed(JpegReader *reader, Err *err)
{
    reader->spoilt = true;
    return err_set(err, "broken JPEG: %s", reader->reason);
}

int jpegreader_size(JpegReader *reader, int *h, int *w, const uint8_t *bytes, size_t n, Err *err)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    if (reader->spoilt) {
        jpeg_destroy_decompress(jpeg);
        if (!start(reader))
            return failed(reader, err);
        reader->spoilt = false;
    }
    if (setjmp(reader->back) != 0)
        return failed(reader, err);
    jpeg_abort_decompress(jpeg);
    jpeg_mem_src(jpeg, bytes, n);
    jpeg_read_header(jpeg, TRUE);
    if (jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK)
        return err_set(err, "a CMYK JPEG; only RGB and grey are read");
    *h = (int)jpeg->image_height;
    *w = (int)jpeg->image_width;
    return 0;
}

/* Rows top .. bottom - 1, several at a time: the library has two or more of them at once. */
static void read_rows(struct jpeg_decompress_struct *jpeg, Image image, Box box, unsigned left)
{
    if (box.top > 0)
        jpeg_skip_scanlines(jpeg, (JDIMENSION)box.top);
    while ((int)jpeg->output_scanline < box.bottom) {
        uint8_t *row[ROWS];
        int first = (int)jpeg->output_scanline, n = box.bottom - first;
        for (int i = 0; i < ROWS && i < n; i++)
            row[i] = image.pixels + image_bytes(first + i, image.w) + 3 * left;
        jpeg_read_scanlines(jpeg, row, (JDIMENSION)(n < ROWS ? n : ROWS));
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

int jpegreader_pixels(JpegReader *reader, Image image, Box box, Err *err)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    size_t row = image_bytes(1, image.w);
    if (row > reader->room) {
        free(reader->row);
        reader->room = 0;
        reader->row = malloc(row);
        if (reader->row == NULL)
            return err_memory(err, "a row of an image", row);
        reader->room = row;
    }
    if (setjmp(reader->back) != 0)
        return failed(reader, err);
    Box wide = widened(box, image);
    JDIMENSION left = (JDIMENSION)wide.left, width = (JDIMENSION)(wide.right - wide.left);
    jpeg->out_color_space = JCS_RGB;
    jpeg->dct_method = JDCT_ISLOW;
    jpeg_start_decompress(jpeg);
    if ((int)width < image.w)
        jpeg_crop_scanline(jpeg, &left, &width);
    read_rows(jpeg, image, wide, left);
    read_rest(jpeg, reader->row);
    return 0;
}
