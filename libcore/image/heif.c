/* HEIF: HEIC and AVIF, through libheif where it was there when this was built. The main picture,
 * which the library turns itself. */
#include <string.h>

#include "image/broken_internal.h"
#include "image/format_internal.h"

/* A file's first box names what it is compatible with, its main brand first. */
static bool known(const uint8_t *bytes, size_t n)
{
    static const char *const brands[] = {"heic", "heix", "heim", "heis", "hevc", "hevx", "hevm",
                                         "hevs", "mif1", "msf1", "avif", "avis", "miaf"};
    if (n < 12 || memcmp(bytes + 4, "ftyp", 4) != 0)
        return false;
    for (size_t i = 0; i < sizeof brands / sizeof *brands; i++)
        if (memcmp(bytes + 8, brands[i], 4) == 0)
            return true;
    return false;
}

#if HAVE_HEIF

#include <libheif/heif.h>

typedef struct Opened {
    struct heif_context *context;
    struct heif_image_handle *handle;
} Opened;

static void close_file(Opened *opened)
{
    heif_image_handle_release(opened->handle);
    heif_context_free(opened->context);
}

static int broken(struct heif_error error, Err *err)
{
    return image_broken(err, "HEIF", error.message);
}

static int open_file(Opened *opened, const uint8_t *bytes, size_t n, Err *err)
{
    *opened = (Opened){.context = heif_context_alloc()};
    if (opened->context == NULL)
        return err_memory(err, "a HEIF decoder", n);
    heif_context_set_maximum_image_size_limit(opened->context, IMAGE_MAX_SIDE);
    heif_context_set_max_decoding_threads(opened->context, 0);
    struct heif_error error =
        heif_context_read_from_memory_without_copy(opened->context, bytes, n, NULL);
    if (error.code == heif_error_Ok)
        error = heif_context_get_primary_image_handle(opened->context, &opened->handle);
    if (error.code == heif_error_Ok)
        return 0;
    broken(error, err); /* whose text belongs to the context */
    close_file(opened);
    return -1;
}

static int size(Stored *stored, const uint8_t *bytes, size_t n, Err *err)
{
    Opened opened;
    if (open_file(&opened, bytes, n, err) != 0)
        return -1;
    stored->h = heif_image_handle_get_height(opened.handle);
    stored->w = heif_image_handle_get_width(opened.handle);
    close_file(&opened);
    return 0;
}

static int copy_rows(Image image, const struct heif_image *decoded, Err *err)
{
    int stride = 0;
    const uint8_t *rows = heif_image_get_plane_readonly(decoded, heif_channel_interleaved, &stride);
    if (rows == NULL || heif_image_get_height(decoded, heif_channel_interleaved) != image.h ||
        heif_image_get_width(decoded, heif_channel_interleaved) != image.w)
        return err_set(err, "HEIF: the picture is not of the size that its header says");
    for (int y = 0; y < image.h; y++)
        memcpy(image.pixels + image_bytes(y, image.w), rows + (size_t)y * (size_t)stride,
               image_bytes(1, image.w));
    return 0;
}

static int pixels(Image image, const uint8_t *bytes, size_t n, Err *err)
{
    Opened opened;
    struct heif_image *decoded = NULL;
    if (open_file(&opened, bytes, n, err) != 0)
        return -1;
    struct heif_error error = heif_decode_image(opened.handle, &decoded, heif_colorspace_RGB,
                                                heif_chroma_interleaved_RGB, NULL);
    int rc = error.code == heif_error_Ok ? copy_rows(image, decoded, err) : broken(error, err);
    heif_image_release(decoded);
    close_file(&opened);
    return rc;
}

#else

static int refuse(Err *err)
{
    return err_set(err, "a HEIF picture (HEIC or AVIF), and libheif was not there when this was "
                        "built; convert it to PNG or JPEG first");
}

static int size(Stored *stored, const uint8_t *bytes, size_t n, Err *err)
{
    (void)stored;
    (void)bytes;
    (void)n;
    return refuse(err);
}

static int pixels(Image image, const uint8_t *bytes, size_t n, Err *err)
{
    (void)image;
    (void)bytes;
    (void)n;
    return refuse(err);
}

#endif

const Format format_heif = {known, size, pixels};
