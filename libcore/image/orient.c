#include "image/orient_internal.h"

#include <string.h>

/* Whether the rows, or columns, of what is stored run the other way than what they become */
static bool rows_turn(int orientation)
{
    return orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
}

static bool columns_turn(int orientation)
{
    return orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
}

Box orient_box(Box seen, int h, int w, int orientation)
{
    Box box = seen;
    if (orient_swaps(orientation))
        box = (Box){seen.left, seen.top, seen.right, seen.bottom};
    if (rows_turn(orientation))
        box = (Box){h - box.bottom, box.left, h - box.top, box.right};
    if (columns_turn(orientation))
        box = (Box){box.top, w - box.right, box.bottom, w - box.left};
    return box;
}

void orient(Image seen, Image stored, Box box, int orientation)
{
    const bool swap = orient_swaps(orientation);
    const ptrdiff_t down = (ptrdiff_t)image_bytes(1, stored.w) * (rows_turn(orientation) ? -1 : 1);
    const ptrdiff_t right = columns_turn(orientation) ? -3 : 3;
    /* where the upper left pixel of what is seen is stored */
    const uint8_t *corner = stored.pixels;
    if (rows_turn(orientation))
        corner += image_bytes(stored.h - 1, stored.w);
    if (columns_turn(orientation))
        corner += 3 * (stored.w - 1);
    for (int y = box.top; y < box.bottom; y++) {
        const uint8_t *from = corner + y * (swap ? right : down) + box.left * (swap ? down : right);
        uint8_t *to = seen.pixels + image_bytes(y, seen.w) + 3 * box.left;
        for (int x = box.left; x < box.right; x++, to += 3, from += swap ? down : right)
            memcpy(to, from, 3);
    }
}
