/* GIF through giflib. The first picture of the file. */
#include <gif_lib.h>
#include <string.h>

#include "image/broken_internal.h"
#include "image/format_internal.h"

typedef struct Input {
    const uint8_t *bytes;
    size_t left;
} Input;

static bool known(const uint8_t *bytes, size_t n)
{
    return n >= 6 && (memcmp(bytes, "GIF87a", 6) == 0 || memcmp(bytes, "GIF89a", 6) == 0);
}

static int size(Stored *stored, const uint8_t *bytes, size_t n, Err *err)
{
    if (n < 10)
        return err_set(err, "broken GIF: the file ends too early");
    stored->w = bytes[6] | bytes[7] << 8;
    stored->h = bytes[8] | bytes[9] << 8;
    return 0;
}

static int on_read(GifFileType *gif, GifByteType *out, int n)
{
    Input *in = gif->UserData;
    const size_t some = (size_t)n < in->left ? (size_t)n : in->left;
    memcpy(out, in->bytes, some);
    in->bytes += some;
    in->left -= some;
    return (int)some;
}

static int broken(const GifFileType *gif, Err *err)
{
    const char *reason = GifErrorString(gif->Error);
    return image_broken(err, "GIF", reason != NULL ? reason : "damaged");
}

/* Past comments and the like to the description of the first picture. */
static int find_picture(GifFileType *gif, Err *err)
{
    GifRecordType record;
    for (;;) {
        GifByteType *block;
        int code;
        if (DGifGetRecordType(gif, &record) == GIF_ERROR)
            return broken(gif, err);
        if (record == TERMINATE_RECORD_TYPE)
            return err_set(err, "broken GIF: no picture in it");
        if (record == IMAGE_DESC_RECORD_TYPE)
            return DGifGetImageHeader(gif) == GIF_ERROR ? broken(gif, err) : 0;
        if (DGifGetExtension(gif, &code, &block) == GIF_ERROR)
            return broken(gif, err);
        while (block != NULL)
            if (DGifGetExtensionNext(gif, &block) == GIF_ERROR)
                return broken(gif, err);
    }
}

static void put(uint8_t *rgb, const ColorMapObject *map, int color)
{
    static const GifColorType black;
    const GifColorType *c = map != NULL && color < map->ColorCount ? &map->Colors[color] : &black;
    rgb[0] = c->Red;
    rgb[1] = c->Green;
    rgb[2] = c->Blue;
}

static void fill(Image image, const GifFileType *gif)
{
    for (size_t i = 0; i < (size_t)image.h * image.w; i++)
        put(image.pixels + 3 * i, gif->SColorMap, gif->SBackGroundColor);
}

/* The rows of an interlaced picture come in four passes. */
static int read_rows(Image image, GifFileType *gif, Err *err)
{
    static const int begin[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
    const GifImageDesc *d = &gif->Image;
    const ColorMapObject *map = d->ColorMap != NULL ? d->ColorMap : gif->SColorMap;
    GifPixelType row[UINT16_MAX];
    for (int pass = 0; pass < (d->Interlace ? 4 : 1); pass++)
        for (int y = d->Interlace ? begin[pass] : 0; y < d->Height;
             y += d->Interlace ? step[pass] : 1) {
            if (DGifGetLine(gif, row, d->Width) == GIF_ERROR)
                return broken(gif, err);
            uint8_t *to = image.pixels + 3 * ((size_t)(d->Top + y) * image.w + d->Left);
            for (int x = 0; x < d->Width; x++)
                put(to + 3 * (size_t)x, map, row[x]);
        }
    return 0;
}

static int read_picture(Image image, GifFileType *gif, Err *err)
{
    const GifImageDesc *d = &gif->Image;
    if (find_picture(gif, err) != 0)
        return -1;
    if (d->Width < 1 || d->Width > image.w - d->Left || d->Height < 1 ||
        d->Height > image.h - d->Top)
        return err_set(err, "broken GIF: %d x %d pixels from %d, %d on, outside %d x %d", d->Width,
                       d->Height, d->Left, d->Top, image.w, image.h);
    if (d->Width < image.w || d->Height < image.h)
        fill(image, gif);
    return read_rows(image, gif, err);
}

static int pixels(Image image, const uint8_t *bytes, size_t n, Err *err)
{
    Input in = {bytes, n};
    int code = 0;
    GifFileType *gif = DGifOpen(&in, on_read, &code);
    if (gif == NULL) {
        const char *reason = GifErrorString(code);
        return image_broken(err, "GIF", reason != NULL ? reason : "damaged");
    }
    int rc = read_picture(image, gif, err);
    DGifCloseFile(gif, &code);
    return rc;
}

const Format format_gif = {known, size, pixels};
