/* The key of hashes that are written into files: a constant. */
#ifndef MATCH_CONSTANT_KEY_INTERNAL_H
#define MATCH_CONSTANT_KEY_INTERNAL_H

#include "base/hash.h"

/* The first digits of e */
static const HashKey constant_key = {{UINT64_C(0x2b7e151628aed2a6), UINT64_C(0xabf7158809cf4f3c)}};

#endif
