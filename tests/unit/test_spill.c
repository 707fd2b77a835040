/* Memory that is a file without a name. */
#include <dirent.h>
#include <unistd.h>

#include "base/spill_internal.h"
#include "unit.h"

static int files_in(const char *folder)
{
    int n = 0;
    DIR *dir = opendir(folder);
    while (dir != NULL && readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n;
}

int main(void)
{
    enum { SIZE = 3 << 20 };
    char folder[] = "/tmp/test_spill.XXXXXX", path[64];
    Err err = {0};
    Spill spill, other = {0};
    if (mkdtemp(folder) == NULL)
        return 1;
    snprintf(path, sizeof path, "%s/model", folder);
    int empty = files_in(folder);
    bool opened = spill_open(&spill, path, SIZE, "centres", &err) == 0;
    CHECK(opened, "opened %s", err.text);
    CHECK(files_in(folder) == empty, "it has no name in its folder");
    const char *bytes = spill.bytes;
    bool zero = true;
    for (int i = 0; i < SIZE; i++)
        zero = zero && bytes[i] == 0;
    memset(spill.bytes, 'x', SIZE);
    CHECK(zero && bytes[SIZE - 1] == 'x', "it is 0 at first, and holds what is written");
    spill_close(&spill);
    spill_close(&spill);
    CHECK(spill.bytes == NULL, "and is closed twice");
    rmdir(folder);
    CHECK(spill_open(&other, path, SIZE, "centres", &err) == -1, "%s", err.text);
    return END_TESTS();
}
