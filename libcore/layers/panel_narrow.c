/* For vectors of 32 bytes: see base/real_internal.h. */
#define NARROW
#include "layers/panel.c"
