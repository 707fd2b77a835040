#include "image/sheet_internal.h"

#include <string.h>

#include "image/text_internal.h"
#include "image/warp_internal.h"

enum { BORDER = 2, GAP = 4, TEXT_ABOVE = 2 };

static int tile_h(const SheetForm *form)
{
    return form->h + 2 * BORDER + (form->lines > 0 ? TEXT_ABOVE + form->lines * TEXT_LINE : 0);
}

static int tile_w(const SheetForm *form)
{
    return form->w + 2 * BORDER;
}

int sheet_size(int *h, int *w, const SheetForm *form, Err *err)
{
    int64_t high = GAP + (int64_t)form->rows * (tile_h(form) + GAP);
    int64_t wide = GAP + (int64_t)form->columns * (tile_w(form) + GAP);
    if (high > IMAGE_MAX_SIDE || wide > IMAGE_MAX_SIDE || high * wide > IMAGE_MAX_PIXELS)
        return err_set(err,
                       "a sheet of %lld x %lld pixels is over the limit of %d a side and %d in all",
                       (long long)wide, (long long)high, IMAGE_MAX_SIDE, IMAGE_MAX_PIXELS);
    *h = (int)high;
    *w = (int)wide;
    return 0;
}

void sheet_clear(Image sheet)
{
    memset(sheet.pixels, 255, image_bytes(sheet.h, sheet.w));
}

static uint8_t *pixel_at(Image image, int x, int y)
{
    return image.pixels + image_bytes(y, image.w) + image_bytes(1, x);
}

static void fill(Image sheet, int x, int y, int h, int w, const uint8_t colour[3])
{
    for (int j = y; j < y + h; j++)
        for (int i = x; i < x + w; i++)
            memcpy(pixel_at(sheet, i, j), colour, 3);
}

/* The face at its place's size, in the middle of the h x w pixels at (x, y) */
static void draw_face(Image sheet, int x, int y, int h, int w, Image face)
{
    double scale =
        (double)h / face.h < (double)w / face.w ? (double)h / face.h : (double)w / face.w;
    int out_h = (int)(scale * face.h + 0.5), out_w = (int)(scale * face.w + 0.5);
    out_h = out_h < 1 ? 1 : out_h > h ? h : out_h;
    out_w = out_w < 1 ? 1 : out_w > w ? w : out_w;
    x += (w - out_w) / 2;
    y += (h - out_h) / 2;
    /* Pixel centres go to pixel centres. */
    Similarity fit = {scale, 0, (scale - 1) / 2, (scale - 1) / 2};
    image_shrink(&face, &fit);
    for (int j = 0; j < out_h; j++) {
        Similarity row = fit;
        row.ty -= j;
        image_warp(pixel_at(sheet, x, y + j), 1, out_w, face, row, EDGE_REPEAT);
    }
}

int sheet_room(const SheetForm *form)
{
    return (tile_w(form) + GAP - 1) / TEXT_ADVANCE;
}

/* Writes the end of the text for which there is room: without leading folders if that is enough,
 * else an ellipsis and the last characters. */
static void write_line(Image sheet, int x, int y, const char *text, size_t room)
{
    static const uint8_t black[3] = {0, 0, 0};
    size_t size = strlen(text);
    const char *slash;
    while (text_length(text, size) > room && (slash = strchr(text, '/')) != NULL) {
        text = slash + 1;
        size = strlen(text);
    }
    if (text_length(text, size) > room) {
        image_text(sheet, x, y, TEXT_ELLIPSIS, strlen(TEXT_ELLIPSIS), black);
        text = text_tail(text, &size, room - 1);
        x += TEXT_ADVANCE;
    }
    image_text(sheet, x, y, text, size, black);
}

void sheet_draw(Image sheet, const SheetForm *form, const Tile *tile)
{
    int x = GAP + tile->column * (tile_w(form) + GAP), y = GAP + tile->row * (tile_h(form) + GAP);
    if (tile->frame != NULL)
        fill(sheet, x, y, form->h + 2 * BORDER, tile_w(form), tile->frame);
    draw_face(sheet, x + BORDER, y + BORDER, form->h, form->w, tile->face);
    y += form->h + 2 * BORDER + TEXT_ABOVE;
    for (int i = 0; i < form->lines; i++, y += TEXT_LINE)
        if (tile->line[i] != NULL)
            write_line(sheet, x, y, tile->line[i], (size_t)sheet_room(form));
}
