/* Products by oneDNN.
 *
 * oneDNN makes a primitive, machine code, for each shape of product. They are made when a shape
 * first occurs and kept in a table that only grows, so that looking one up takes no lock. What an
 * execution needs besides, handles for the matrices and scratch memory, is kept with the primitive
 * too, once for each thread that was ever in it at the same time.
 *
 * oneDNN's products would share their work out with OpenMP, whose waiting threads spin: each call
 * runs with one OpenMP thread, which makes no team. Its environment variables are overruled by its
 * API: ONEDNN_VERBOSE would print on standard output, where streams go, others would change
 * results. */
#include "product/engine_internal.h"

#if PRODUCT_ONEDNN

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu_internal.h"
#include "base/large_internal.h"
#include "product/onednn_internal.h"

/* Not every compiler has <omp.h>; oneDNN brings the library. */
extern int omp_get_max_threads(void);
extern void omp_set_num_threads(int threads);

enum { BUCKETS = 1024 };

/* What one execution works with. */
typedef struct Desk {
    struct Desk *next;
    atomic_bool taken;
    dnnl_memory_t a, b, c, scratch;
    void *scratch_memory;
} Desk;

typedef struct Entry {
    struct Entry *next;
    Product product;
    bool found; /* false: oneDNN has no good kernel for it */
    Layout a, b, c;
    dnnl_primitive_desc_t desc;
    dnnl_primitive_t primitive;
    _Atomic(Desk *) desks;
} Entry;

typedef struct Onednn {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    bool only_brgemm; /* other products of oneDNN make bits of a row depend on how many there are */
    pthread_mutex_t lock; /* of who makes an entry */
    _Atomic(Entry *) bucket[BUCKETS];
} Onednn;

/* Entries ------------------------------------------------------------------------------------- */

static bool same_product(const Product *a, const Product *b)
{
    return a->m == b->m && a->n == b->n && a->k == b->k && a->lda == b->lda && a->ldb == b->ldb &&
           a->ldc == b->ldc && a->a_turned == b->a_turned && a->b_turned == b->b_turned &&
           a->b_packed == b->b_packed && a->add == b->add && a->bfloat == b->bfloat;
}

static size_t bucket_of(const Product *p)
{
    const int64_t part[] = {p->m,
                            p->n,
                            p->k,
                            p->lda,
                            p->ldb,
                            p->ldc,
                            p->a_turned + 2 * p->b_turned + 4 * p->b_packed + 8 * p->add +
                                16 * p->bfloat};
    uint64_t hash = 0;
    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        hash = (hash ^ (uint64_t)part[i]) * 0x9e3779b97f4a7c15u;
    return hash >> 54;
}
_Static_assert(BUCKETS == 1 << (64 - 54), "a bucket is the upper bits of a hash");

static Entry *find(const Onednn *o, const Product *product)
{
    Entry *entry = atomic_load_explicit(&o->bucket[bucket_of(product)], memory_order_acquire);
    while (entry != NULL && !same_product(&entry->product, product))
        entry = entry->next;
    return entry;
}

static void desk_free(Desk *desk)
{
    dnnl_memory_destroy(desk->a);
    dnnl_memory_destroy(desk->b);
    dnnl_memory_destroy(desk->c);
    dnnl_memory_destroy(desk->scratch);
    free(desk->scratch_memory);
    free(desk);
}

static void entry_free(Entry *entry)
{
    for (Desk *desk = entry->desks, *next; desk != NULL; desk = next) {
        next = desk->next;
        desk_free(desk);
    }
    dnnl_primitive_destroy(entry->primitive);
    dnnl_primitive_desc_destroy(entry->desc);
    layout_free(&entry->a);
    layout_free(&entry->b);
    layout_free(&entry->c);
    free(entry);
}

static bool lay_out(Entry *entry)
{
    const Product *p = &entry->product;
    int64_t down = p->b_turned ? 1 : p->ldb, across = p->b_turned ? p->ldb : 1;
    dnnl_data_type_t type = p->bfloat ? dnnl_bf16 : dnnl_f32;
    return layout_make(&entry->a, type, p->m, p->k, p->a_turned ? 1 : p->lda,
                       p->a_turned ? p->lda : 1) &&
           layout_make(&entry->c, dnnl_f32, p->m, p->n, p->ldc, 1) &&
           (p->b_packed ? layout_panels(&entry->b, p->bfloat, p->k, p->n)
                        : layout_make(&entry->b, type, p->k, p->n, down, across));
}

static dnnl_status_t describe(Entry *entry, const Onednn *o)
{
    dnnl_primitive_attr_t attributes;
    dnnl_post_ops_t after = NULL;
    dnnl_status_t status = dnnl_primitive_attr_create(&attributes);
    if (status != dnnl_success)
        return status;
    status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (status == dnnl_success && entry->product.add) {
        status = dnnl_post_ops_create(&after);
        status = status == dnnl_success ? append_sum(after) : status;
        status =
            status == dnnl_success ? dnnl_primitive_attr_set_post_ops(attributes, after) : status;
    }
    if (status == dnnl_success)
        status =
            describe_product(&entry->desc, o->engine, &entry->a, &entry->b, &entry->c, attributes);
    dnnl_post_ops_destroy(after);
    dnnl_primitive_attr_destroy(attributes);
    return status;
}

static bool is_good(const Entry *entry, const Onednn *o)
{
    const char *name = "";
    dnnl_primitive_desc_query(entry->desc, dnnl_query_impl_info_str, 0, &name);
    return !o->only_brgemm || strncmp(name, "brg", 3) == 0;
}

/* The entry of a product, in a new place; NULL when there is no memory. */
static Entry *entry_new(const Onednn *o, const Product *product)
{
    Entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL)
        return NULL;
    entry->product = *product;
    dnnl_status_t status = lay_out(entry) ? describe(entry, o) : dnnl_out_of_memory;
    if (status == dnnl_success && is_good(entry, o))
        status = dnnl_primitive_create(&entry->primitive, entry->desc);
    entry->found = entry->primitive != NULL;
    if (status != dnnl_out_of_memory)
        return entry;
    entry_free(entry);
    return NULL;
}

/* The entry, made if need be; NULL when there is no memory. */
static Entry *lookup(Onednn *o, const Product *product)
{
    Entry *entry = find(o, product);
    if (entry != NULL)
        return entry;
    pthread_mutex_lock(&o->lock);
    entry = find(o, product);
    if (entry == NULL && (entry = entry_new(o, product)) != NULL) {
        _Atomic(Entry *) *bucket = &o->bucket[bucket_of(product)];
        entry->next = atomic_load_explicit(bucket, memory_order_relaxed);
        atomic_store_explicit(bucket, entry, memory_order_release);
    }
    pthread_mutex_unlock(&o->lock);
    return entry;
}

/* Executions ---------------------------------------------------------------------------------- */

static bool memory_make(dnnl_memory_t *memory, LayoutAsked layout, const Onednn *o)
{
    return dnnl_memory_create(memory, layout, o->engine, DNNL_MEMORY_NONE) == dnnl_success;
}

static bool desk_fit(Desk *desk, const Entry *entry, const Onednn *o)
{
    LayoutAsked scratch = dnnl_primitive_desc_query_md(entry->desc, dnnl_query_scratchpad_md, 0);
    size_t bytes = dnnl_memory_desc_get_size(scratch);
    if (!memory_make(&desk->a, layout_of(entry->a), o) ||
        !memory_make(&desk->c, layout_of(entry->c), o))
        return false;
    desk->scratch_memory = large_alloc(bytes > 0 ? bytes : 1);
    return desk->scratch_memory != NULL && memory_make(&desk->b, layout_of(entry->b), o) &&
           memory_make(&desk->scratch, scratch, o) &&
           dnnl_memory_set_data_handle(desk->scratch, desk->scratch_memory) == dnnl_success;
}

/* A desk nobody works at, made if need be; NULL when there is no memory. */
static Desk *desk_take(Entry *entry, const Onednn *o)
{
    for (Desk *desk = atomic_load(&entry->desks); desk != NULL; desk = desk->next)
        if (!atomic_exchange(&desk->taken, true))
            return desk;
    Desk *desk = calloc(1, sizeof *desk);
    if (desk == NULL)
        return NULL;
    atomic_init(&desk->taken, true);
    if (!desk_fit(desk, entry, o)) {
        desk_free(desk);
        return NULL;
    }
    desk->next = atomic_load(&entry->desks);
    while (!atomic_compare_exchange_weak(&entry->desks, &desk->next, desk))
        ;
    return desk;
}

static bool execute(const Entry *entry, const Onednn *o, const dnnl_exec_arg_t *arguments,
                    int count)
{
    int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    dnnl_status_t status = dnnl_primitive_execute(entry->primitive, o->stream, count, arguments);
    omp_set_num_threads(threads);
    return status == dnnl_success;
}

static bool run_entry(Entry *entry, const Onednn *o, real *c, const void *a, const void *b)
{
    Desk *desk = desk_take(entry, o);
    if (desk == NULL)
        return false;
    const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, desk->a},
                                         {DNNL_ARG_WEIGHTS, desk->b},
                                         {DNNL_ARG_DST, desk->c},
                                         {DNNL_ARG_SCRATCHPAD, desk->scratch}};
    bool done = dnnl_memory_set_data_handle(desk->a, (void *)a) == dnnl_success &&
                dnnl_memory_set_data_handle(desk->b, (void *)b) == dnnl_success &&
                dnnl_memory_set_data_handle(desk->c, c) == dnnl_success &&
                execute(entry, o, arguments, 4);
    atomic_store(&desk->taken, false);
    return done;
}

/* How b lay before it was packed makes no other product of it. */
static Product as_packed(const Product *product)
{
    Product packed = *product;
    packed.b_packed = true;
    packed.b_turned = false;
    packed.ldb = 0;
    return packed;
}

static bool run(Kernels *kernels, real *c, const void *a, const void *b, const Product *product)
{
    Onednn *o = kernels->state;
    Product known = product->b_packed ? as_packed(product) : *product;
    Entry *entry = lookup(o, &known);
    if (entry == NULL || (!entry->found && (product->b_packed || product->bfloat)))
        return false;
    if (entry->found)
        return run_entry(entry, o, c, a, b);
    openblas_product(c, a, b, product);
    return true;
}

/* oneDNN has kernels for packed matrices with AVX-512, if the others have no gaps between rows. */
static bool packs(Kernels *kernels, const Product *product)
{
    Onednn *o = kernels->state;
    Product packed = as_packed(product);
    const Entry *entry = o->only_brgemm ? lookup(o, &packed) : NULL;
    return entry != NULL && entry->found;
}

static bool has(Kernels *kernels, const Product *product)
{
    const Entry *entry = lookup(kernels->state, product);
    return entry != NULL && entry->found;
}

/* The engine ---------------------------------------------------------------------------------- */

static void release(Kernels *kernels)
{
    Onednn *o = kernels->state;
    if (o == NULL)
        return;
    for (int i = 0; i < BUCKETS; i++)
        for (Entry *entry = o->bucket[i], *next; entry != NULL; entry = next) {
            next = entry->next;
            entry_free(entry);
        }
    dnnl_stream_destroy(o->stream);
    dnnl_engine_destroy(o->engine);
    pthread_mutex_destroy(&o->lock);
    free(o);
}

/* oneDNN would convert to float and back where the processor has no such instructions. */
static bool bfloat(void)
{
    return cpu_has_bfloat() && dnnl_get_effective_cpu_isa() >= dnnl_cpu_isa_avx512_core_bf16;
}

static const Engine onednn = {
    .run = run, .packs = packs, .has = has, .bfloat = bfloat, .release = release};

/* What the environment could have set otherwise. An instruction set can be chosen until it is first
 * used, so a second call may be refused: then it must have been the same. Beyond AVX-512 as all
 * have it, later sets only serve numbers of fewer bits: those of floats stay the same. */
static int set_up(bool avx2, Err *err)
{
    dnnl_cpu_isa_t isa = avx2 ? dnnl_cpu_isa_avx2 : dnnl_cpu_isa_avx512_core_amx;
    dnnl_set_verbose(0);
    dnnl_set_jit_dump(0);
    dnnl_set_default_fpmath_mode(dnnl_fpmath_mode_strict);
    dnnl_set_primitive_cache_capacity(0); /* they are kept here */
    dnnl_set_max_cpu_isa(isa);
    dnnl_cpu_isa_t given = dnnl_get_effective_cpu_isa();
    if (avx2 ? given != isa : given < dnnl_cpu_isa_avx512_core)
        return err_set(err, "oneDNN is used with another instruction set already");
    return 0;
}

int onednn_start(Kernels *kernels, bool avx2, Err *err)
{
    if (set_up(avx2, err) != 0)
        return -1;
    Onednn *o = calloc(1, sizeof *o);
    if (o == NULL || pthread_mutex_init(&o->lock, NULL) != 0) {
        free(o);
        return err_memory(err, "oneDNN", sizeof *o);
    }
    kernels->engine = &onednn;
    kernels->state = o;
    o->only_brgemm = !avx2;
    if (dnnl_engine_create(&o->engine, dnnl_cpu, 0) != dnnl_success ||
        dnnl_stream_create(&o->stream, o->engine, dnnl_stream_default_flags) != dnnl_success)
        return err_set(err, "oneDNN: no engine for this processor");
    const dnnl_version_t *version = dnnl_version();
    snprintf(kernels->name, sizeof kernels->name, "oneDNN %d.%d.%d %s", version->major,
             version->minor, version->patch, avx2 ? "avx2" : "avx512");
    return 0;
}

#else

int onednn_start(Kernels *kernels, bool avx2, Err *err)
{
    (void)kernels;
    (void)avx2;
    return err_set(err, "oneDNN was not there when this was built");
}

#endif
