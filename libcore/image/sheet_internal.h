/* A contact sheet: pictures in rows and columns, each in a frame, with lines of text below. */
#ifndef IMAGE_SHEET_INTERNAL_H
#define IMAGE_SHEET_INTERNAL_H

#include "base/err.h"
#include "image/image.h"

enum { SHEET_LINES = 2 };

typedef struct SheetForm {
    int columns, rows;
    int h, w;  /* of a picture's place */
    int lines; /* of text below each, 0 .. SHEET_LINES */
} SheetForm;

/* One picture on the sheet. */
typedef struct Tile {
    Image face;
    int column, row;
    const char *line[SHEET_LINES]; /* UTF-8, NUL-terminated, or NULL; of one that is too long the
                                      end is shown, from a slash on or after an ellipsis */
    const uint8_t *frame;          /* colour[3] around it, or NULL */
} Tile;

/* Height and width of the whole; over the limits of image.h is an error. */
int sheet_size(int *h, int *w, const SheetForm *form, Err *err);

/* Characters in a line of text: at least 1, as a place has at least 1 pixel. */
int sheet_room(const SheetForm *form);

/* Makes the sheet white. */
void sheet_clear(Image sheet);

/* Draws a tile. A face of another size than its place is resized to fit in (bilinear; halved
 * first, in place, where it is more than twice as large) and stands in the middle. */
void sheet_draw(Image sheet, const SheetForm *form, const Tile *tile);

#endif
