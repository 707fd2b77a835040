#include <dlfcn.h>

#include "comm/comm_internal.h"

/* The module stays loaded: MPI does not like to be unloaded, and a process has one job. */
Comm *comm_load(const char *module, Err *err)
{
    char why[200] = "";
    Transport transport = {0};
    /* global, because the parts that an MPI loads itself look for its symbols */
    void *handle = dlopen(module, RTLD_NOW | RTLD_GLOBAL);
    if (handle == NULL) {
        err_set(err, "cannot load %s: %s", module, dlerror());
        return NULL;
    }
    union {
        void *object;
        TransportOpen *function;
    } symbol = {.object = dlsym(handle, TRANSPORT_OPEN)};
    if (symbol.object == NULL ||
        symbol.function(&transport, TRANSPORT_VERSION, why, sizeof why) != 0) {
        err_set(err, "%s: %s", module, why[0] != '\0' ? why : "not a module of npcface");
        return NULL;
    }
    return comm_new(&transport, err);
}
