/* The same checks with the library in double, to 1e-9 and better. */
#include "test_head.c"
