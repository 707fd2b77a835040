#include "image/kind_internal.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

typedef struct Kind {
    size_t at, size; /* where the mark stands */
    const char *mark, *name;
} Kind;

static const char convert[] = "convert it to PNG or JPEG first";
static const char unpack[] = "it is not itself an archive of photographs: unpack it first";

#define PICTURE "picture"

/* clang-format off */
static const Kind kinds[] = {
    {4, 7, "ftypcrx", "a raw " PICTURE " of Canon's"},
    {4, 4, "ftyp", "a video (MP4 or QuickTime)"},
    {4, 8, "jP  \r\n\x87\n", "a JPEG 2000 " PICTURE}, {0, 4, "\xff\x4f\xff\x51", "a JPEG 2000 " PICTURE},
    {4, 8, "JXL \r\n\x87\n", "a JPEG XL " PICTURE},   {0, 2, "\xff\x0a", "a JPEG XL " PICTURE},
    {0, 4, "8BPS", "a Photoshop " PICTURE},
    {0, 4, "v/1\1", "an OpenEXR " PICTURE},      {0, 10, "#?RADIANCE", "a Radiance " PICTURE},
    {0, 3, "PF\n", "a PFM " PICTURE},            {0, 3, "Pf\n", "a PFM " PICTURE},
    {0, 4, "qoif", "a QOI " PICTURE},            {128, 4, "DICM", "a DICOM " PICTURE},
    {0, 6, "\0\0\1\0\1\0", "an icon, a " PICTURE},
    {0, 8, "FUJIFILM", "a raw " PICTURE " of Fujifilm's"},
    {0, 4, "RIFF", "video or audio (RIFF)"},    {0, 4, "\x1a\x45\xdf\xa3", "a film (Matroska)"},
    {0, 5, "%PDF-", "a PDF"},
    {0, 23, "version https://git-lfs", "a Git LFS pointer, not the file itself: run git lfs pull"},
    {0, 4, "PK\3\4", "a ZIP archive"},           {0, 4, "Rar!", "a RAR archive"},
    {0, 2, "\x1f\x8b", "data compressed by gzip"}, {0, 6, "\xfd" "7zXZ\0", "data compressed by xz"},
    {0, 4, "\x28\xb5\x2f\xfd", "data compressed by zstd"}, {0, 3, "BZh", "data compressed by bzip2"},
    {0, 6, "7z\xbc\xaf\x27\x1c", "a 7z archive"}, {0, 6, "\x93NUMPY", "a NumPy array"},
    {257, 5, "ustar", "a tar archive"},
    {0, 4, "\x0a\x23\xd7\xce", "MXNet's RecordIO"},
    {0, 8, "\x89HDF\r\n\x1a\n", "HDF5"},       {0, 4, "PAR1", "a Parquet table"},
};
/* clang-format on */

/* Whether text begins so, after white space and a byte-order mark, in any case */
static bool begins(const uint8_t *bytes, size_t size, const char *word)
{
    size_t at = size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < size && strchr(" \t\r\n", bytes[at]) != NULL && bytes[at] != '\0')
        at++;
    return size - at >= strlen(word) &&
           strncasecmp((const char *)bytes + at, word, strlen(word)) == 0;
}

const char *kind_of_file(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return "empty";
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (size >= kinds[i].at + kinds[i].size &&
            memcmp(bytes + kinds[i].at, kinds[i].mark, kinds[i].size) == 0)
            return kinds[i].name;
    if (begins(bytes, size, "<svg"))
        return "an SVG " PICTURE;
    if (begins(bytes, size, "<!doctype") || begins(bytes, size, "<html"))
        return "an HTML page, perhaps downloaded instead of the file";
    if (begins(bytes, size, "<?xml"))
        return "XML";
    if (begins(bytes, size, "{") || begins(bytes, size, "["))
        return "JSON or another text";
    return NULL;
}

const char *kind_advice(const char *kind)
{
    if (kind == NULL)
        return NULL;
    if (strstr(kind, PICTURE) != NULL)
        return convert;
    return strstr(kind, "archive") != NULL || strstr(kind, "compressed") != NULL ? unpack : NULL;
}
