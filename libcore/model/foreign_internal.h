/* Files that people take for models which are read. */
#ifndef MODEL_FOREIGN_INTERNAL_H
#define MODEL_FOREIGN_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

/* What a file is that begins so, none of ModelKind, and what to do; or NULL. */
const char *model_foreign(const uint8_t *bytes, size_t size);

#endif
