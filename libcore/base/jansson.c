#include "base/jansson_internal.h"

#include <pthread.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static json_malloc_t allocate; /* jansson's own, set once */
static _Thread_local size_t failed;

static void *watched(size_t size)
{
    void *p = allocate(size);
    if (p == NULL)
        failed = size;
    return p;
}

static void install(void)
{
    json_free_t release;
    json_get_alloc_funcs(&allocate, &release);
    json_set_alloc_funcs(watched, release);
}

void jansson_watch(void)
{
    pthread_once(&once, install);
    failed = 0;
}

int jansson_check(const char *what, Err *err)
{
    return failed == 0 ? 0 : err_memory(err, what, failed);
}

json_t *jansson_load(const char *text, size_t size, const char *what, json_error_t *reason,
                     Err *err)
{
    jansson_watch();
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, reason);
    if (jansson_check(what, err) == 0)
        return root;
    json_decref(root);
    return NULL;
}
