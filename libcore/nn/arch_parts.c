#include "nn/arch_parts_internal.h"

#include <stdio.h>

Path path_of(const char *module, const char *leaf)
{
    Path path;
    snprintf(path.text, sizeof path.text, "%.95s.%.31s", module, leaf);
    return path;
}
