/* The same checks with the library in double, to 1e-9. */
#include "test_head_hostile.c"
