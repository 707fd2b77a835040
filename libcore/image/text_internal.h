/* Writing on images, in a small font of our own: ASCII and an ellipsis, 5 x 8 pixels a character.
 */
#ifndef IMAGE_TEXT_INTERNAL_H
#define IMAGE_TEXT_INTERNAL_H

#include "image/image.h"

/* From one character to the next, and from one line to the next, in pixels. */
enum { TEXT_ADVANCE = 6, TEXT_LINE = 10 };

/* What stands for characters that were left out. */
#define TEXT_ELLIPSIS "\xe2\x80\xa6"

/* Writes `size` bytes of UTF-8 with the upper left corner at (x, y); what lies beyond the image is
 * left out. A character that is not in the font is a box. */
void image_text(Image image, int x, int y, const char *text, size_t size, const uint8_t colour[3]);

/* How many characters the text has, as image_text() draws them. */
size_t text_length(const char *text, size_t size);

/* The text without the characters in front that would make it longer than `room`. */
const char *text_tail(const char *text, size_t *size, size_t room);

#endif
