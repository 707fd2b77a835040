/* Text on images: every character of the font, clipping, lengths in UTF-8 */
#include "image/sheet_internal.h"
#include "image/text_internal.h"
#include "unit.h"

enum { H = 12, W = 30 };

static int ink(const uint8_t *pixels)
{
    int count = 0;
    for (int i = 0; i < H * W; i++)
        count += pixels[3 * i] == 9;
    return count;
}

static void test_font(void)
{
    static const uint8_t colour[3] = {9, 8, 7};
    static uint8_t pixels[H * W * 3], all[95][H * W * 3];
    int empty = 0, twins = 0, wide = 0;
    for (int c = ' '; c <= '~'; c++) {
        char text = (char)c;
        uint8_t *own = all[c - ' '];
        image_text((Image){own, H, W}, 0, 0, &text, 1, colour);
        empty += ink(own) == 0;
        for (int other = ' '; other < c; other++)
            twins += memcmp(own, all[other - ' '], sizeof pixels) == 0;
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++)
                wide += (x >= 5 || y >= 8) && own[3 * (y * W + x)] != 0;
    }
    CHECK(empty == 1 && twins == 0 && wide == 0, "95 characters, all different, in 5 x 8 pixels");
    const uint8_t *i = all['I' - ' '];
    CHECK(i[3 * 2] == 9 && i[3 * 2 + 1] == 8 && i[3 * 2 + 2] == 7 && i[0] == 0, "I is a stem");
    image_text((Image){pixels, H, W}, -3, -3, "WWWWWWWWWWWW", 12, colour);
    image_text((Image){pixels, H, W}, 3, 9, "W\xc3\xab\x80\xff", 5, colour);
    CHECK(ink(pixels) > 0, "clipped on all sides");
}

static void test_lengths(void)
{
    size_t size = 7;
    const char *text = "a\xc3\xab"
                       "bcde";
    CHECK(text_length(text, 7) == 6 && text_length("", 0) == 0, "characters, not bytes");
    const char *tail = text_tail(text, &size, 5);
    CHECK(size == 6 && tail == text + 1, "the first character goes");
    tail = text_tail(tail, &size, 4);
    CHECK(size == 4 && strcmp(tail, "bcde") == 0, "the second one with both its bytes");
    tail = text_tail(tail, &size, 9);
    CHECK(size == 4, "short enough");
    tail = text_tail(tail, &size, 0);
    CHECK(size == 0 && *tail == '\0', "nothing is left");
}

static void test_size(void)
{
    Err err = {0};
    int h = 0, w = 0;
    CHECK(sheet_size(&h, &w, &(SheetForm){.columns = 2, .rows = 1, .h = 8, .w = 8}, &err) == 0 &&
              h == 20 && w == 36,
          "%d x %d", w, h);
    SheetForm vast = {.columns = 1 << 30, .rows = 1 << 30, .h = 1 << 15, .w = 1 << 15};
    CHECK(sheet_size(&h, &w, &vast, &err) == -1, "%s", err.text);
}

int main(void)
{
    test_font();
    test_lengths();
    test_size();
    return END_TESTS();
}
