/* The same in double, where only the formulas can be wrong. */
#include "test_head_adamw.c"
