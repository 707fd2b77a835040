#include "image/text_internal.h"

#include <stdbool.h>
#include <string.h>

enum { GLYPH_W = 5, FIRST = ' ', LAST = '~' };

/* Rows of five from the top, apart by bars; rows that are missing at the end are empty. The eighth
 * is for what hangs below the line. */
static const char *const glyphs[] = {
    "",
    "  #  |  #  |  #  |  #  |  #  |     |  #  ",
    " # # | # # ",
    " # # | # # |#####| # # |#####| # # | # # ",
    "  #  | ####|# #  | ### |  # #|#### |  #  ",
    "##  #|##  #|   # |  #  | #   |#  ##|#  ##",
    " ##  |#  # |# #  | #   |# # #|#  # | ## #",
    "  #  |  #  ",
    "   # |  #  | #   | #   | #   |  #  |   # ",
    " #   |  #  |   # |   # |   # |  #  | #   ",
    "     |  #  |# # #| ### |# # #|  #  ",
    "     |  #  |  #  |#####|  #  |  #  ",
    "     |     |     |     |     | ##  | ##  |#    ",
    "     |     |     | ### ",
    "     |     |     |     |     | ##  | ##  ",
    "    #|    #|   # |  #  | #   |#    |#    ",
    " ### |#   #|#  ##|# # #|##  #|#   #| ### ",
    "  #  | ##  |  #  |  #  |  #  |  #  | ### ",
    " ### |#   #|    #|   # |  #  | #   |#####",
    " ### |#   #|    #|  ## |    #|#   #| ### ",
    "   # |  ## | # # |#  # |#####|   # |   # ",
    "#####|#    |#### |    #|    #|#   #| ### ",
    " ### |#    |#    |#### |#   #|#   #| ### ",
    "#####|    #|   # |   # |  #  |  #  |  #  ",
    " ### |#   #|#   #| ### |#   #|#   #| ### ",
    " ### |#   #|#   #| ####|    #|    #| ### ",
    "     | ##  | ##  |     | ##  | ##  ",
    "     | ##  | ##  |     | ##  | ##  |#    ",
    "    #|   # |  #  | #   |  #  |   # |    #",
    "     |     |#####|     |#####",
    "#    | #   |  #  |   # |  #  | #   |#    ",
    " ### |#   #|    #|   # |  #  |     |  #  ",
    " ### |#   #|# ###|# # #|# ###|#    | ### ",
    " ### |#   #|#   #|#####|#   #|#   #|#   #",
    "#### |#   #|#   #|#### |#   #|#   #|#### ",
    " ### |#   #|#    |#    |#    |#   #| ### ",
    "#### |#   #|#   #|#   #|#   #|#   #|#### ",
    "#####|#    |#    |#### |#    |#    |#####",
    "#####|#    |#    |#### |#    |#    |#    ",
    " ### |#   #|#    |#  ##|#   #|#   #| ### ",
    "#   #|#   #|#   #|#####|#   #|#   #|#   #",
    " ### |  #  |  #  |  #  |  #  |  #  | ### ",
    "  ###|   # |   # |   # |   # |#  # | ##  ",
    "#   #|#  # |# #  |##   |# #  |#  # |#   #",
    "#    |#    |#    |#    |#    |#    |#####",
    "#   #|## ##|# # #|# # #|#   #|#   #|#   #",
    "#   #|##  #|##  #|# # #|#  ##|#  ##|#   #",
    " ### |#   #|#   #|#   #|#   #|#   #| ### ",
    "#### |#   #|#   #|#### |#    |#    |#    ",
    " ### |#   #|#   #|#   #|# # #|#  # | ## #",
    "#### |#   #|#   #|#### |# #  |#  # |#   #",
    " ####|#    |#    | ### |    #|    #|#### ",
    "#####|  #  |  #  |  #  |  #  |  #  |  #  ",
    "#   #|#   #|#   #|#   #|#   #|#   #| ### ",
    "#   #|#   #|#   #|#   #| # # | # # |  #  ",
    "#   #|#   #|#   #|# # #|# # #|# # #| # # ",
    "#   #|#   #| # # |  #  | # # |#   #|#   #",
    "#   #|#   #| # # |  #  |  #  |  #  |  #  ",
    "#####|    #|   # |  #  | #   |#    |#####",
    " ### | #   | #   | #   | #   | #   | ### ",
    "#    |#    | #   |  #  |   # |    #|    #",
    " ### |   # |   # |   # |   # |   # | ### ",
    "  #  | # # |#   #",
    "     |     |     |     |     |     |     |#####",
    " #   |  #  ",
    "     |     | ### |    #| ####|#   #| ####",
    "#    |#    |#### |#   #|#   #|#   #|#### ",
    "     |     | ### |#    |#    |#    | ### ",
    "    #|    #| ####|#   #|#   #|#   #| ####",
    "     |     | ### |#   #|#####|#    | ### ",
    "  ## | #   |###  | #   | #   | #   | #   ",
    "     |     | ####|#   #|#   #| ####|    #| ### ",
    "#    |#    |#### |#   #|#   #|#   #|#   #",
    "  #  |     | ##  |  #  |  #  |  #  | ### ",
    "   # |     |  ## |   # |   # |   # |   # | ##  ",
    "#    |#    |#  # |# #  |##   |# #  |#  # ",
    " ##  |  #  |  #  |  #  |  #  |  #  |   # ",
    "     |     |## # |# # #|# # #|# # #|# # #",
    "     |     |#### |#   #|#   #|#   #|#   #",
    "     |     | ### |#   #|#   #|#   #| ### ",
    "     |     |#### |#   #|#   #|#### |#    |#    ",
    "     |     | ####|#   #|#   #| ####|    #|    #",
    "     |     |# ## |##   |#    |#    |#    ",
    "     |     | ####|#    | ### |    #|#### ",
    " #   | #   |###  | #   | #   | #   |  ## ",
    "     |     |#   #|#   #|#   #|#   #| ####",
    "     |     |#   #|#   #| # # | # # |  #  ",
    "     |     |#   #|# # #|# # #|# # #| # # ",
    "     |     |#   #| # # |  #  | # # |#   #",
    "     |     |#   #|#   #|#   #| ####|    #| ### ",
    "     |     |#####|   # |  #  | #   |#####",
    "  ## |  #  |  #  | #   |  #  |  #  |  ## ",
    "  #  |  #  |  #  |  #  |  #  |  #  |  #  ",
    " ##  |  #  |  #  |   # |  #  |  #  | ##  ",
    "     |     | #  #|# # #|#  # ",
};
static const char box[] = "#####|#   #|#   #|#   #|#   #|#   #|#####";
static const char ellipsis[] = "     |     |     |     |     |     |# # #";

_Static_assert(sizeof glyphs / sizeof glyphs[0] == LAST - FIRST + 1, "a glyph for each character");

/* The bytes that go on with a character of UTF-8 */
static bool continues(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

static void draw(Image image, int x, int y, const char *glyph, const uint8_t colour[3])
{
    int row = 0, column = 0;
    for (; *glyph != '\0'; glyph++) {
        if (*glyph == '|') {
            row++;
            column = 0;
            continue;
        }
        int at_x = x + column++, at_y = y + row;
        if (*glyph != '#' || at_x < 0 || at_x >= image.w || at_y < 0 || at_y >= image.h)
            continue;
        uint8_t *pixel = image.pixels + image_bytes(at_y, image.w) + image_bytes(1, at_x);
        for (int c = 0; c < 3; c++)
            pixel[c] = colour[c];
    }
}

/* Of the character that begins the text */
static const char *glyph_of(const char *text, size_t size)
{
    enum { ELLIPSIS = sizeof TEXT_ELLIPSIS - 1 };
    if (*text >= FIRST && *text <= LAST)
        return glyphs[*text - FIRST];
    return size >= ELLIPSIS && memcmp(text, TEXT_ELLIPSIS, ELLIPSIS) == 0 ? ellipsis : box;
}

void image_text(Image image, int x, int y, const char *text, size_t size, const uint8_t colour[3])
{
    for (size_t i = 0; i < size && x < image.w; i++) {
        if (i > 0 && continues(text[i]))
            continue;
        draw(image, x, y, glyph_of(text + i, size - i), colour);
        x += TEXT_ADVANCE;
    }
}

size_t text_length(const char *text, size_t size)
{
    size_t length = 0;
    for (size_t i = 0; i < size; i++)
        length += i == 0 || !continues(text[i]);
    return length;
}

const char *text_tail(const char *text, size_t *size, size_t room)
{
    size_t length = text_length(text, *size), begin = 0;
    for (; length > room; length--)
        do
            begin++;
        while (begin < *size && continues(text[begin]));
    *size -= begin;
    return text + begin;
}
