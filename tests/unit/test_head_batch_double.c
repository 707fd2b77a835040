/* The same checks with the library in double. */
#include "test_head_batch.c"
