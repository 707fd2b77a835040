/* Safetensors files of other programs: tensors under their names, as PyTorch's nets are saved.
 *
 * A tensor stream of one frame is such a file as well, but has a checksum and an end mark, which
 * stream/reader.h insists on and this does not. The rules are those of safetensors' reference
 * reader: tensors lie side by side without holes, sizes fit shapes, the file ends with the last
 * tensor. */
#ifndef FORMAT_SAFETENSORS_INTERNAL_H
#define FORMAT_SAFETENSORS_INTERNAL_H

#include "stream/frame.h"

/* Reads the whole file into a frame, which the caller releases. Numbers of type F16, BF16 and F64
 * become F32; all other tensors stay as they are. On failure the message names the file and there
 * is nothing to release. */
int safetensors_read(Frame *frame, const char *path, Err *err);

/* The same from memory; the message does not say which file it was. */
int safetensors_parse(Frame *frame, const uint8_t *bytes, size_t size, Err *err);

#endif
