/* The parts of oneDNN's C interface that differ between its versions 2 and 3: descriptions of
 * memory became objects, and primitives lost the descriptors they were described by. */
#ifndef PRODUCT_ONEDNN_INTERNAL_H
#define PRODUCT_ONEDNN_INTERNAL_H

#include <oneapi/dnnl/dnnl.h>
#include <stdbool.h>
#include <stdint.h>

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t Layout;
typedef const_dnnl_memory_desc_t LayoutAsked;
#define layout_of(layout) (layout)
#else
typedef dnnl_memory_desc_t Layout;
typedef const dnnl_memory_desc_t *LayoutAsked;
#define layout_of(layout) (&(layout))
#endif

/* A matrix whose numbers [i,j] lie at i * down + j * across; false when oneDNN refuses. */
static inline bool layout_make(Layout *layout, dnnl_data_type_t type, int64_t rows, int64_t columns,
                               int64_t down, int64_t across)
{
    const dnnl_dims_t dims = {rows, columns}, strides = {down, across};
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_memory_desc_create_with_strides(layout, 2, dims, type, strides) == dnnl_success;
#else
    return dnnl_memory_desc_init_by_strides(layout, 2, dims, type, strides) == dnnl_success;
#endif
}

/* A matrix of columns in panels, see product_pack(). */
static inline bool layout_panels(Layout *layout, bool bfloat, int64_t rows, int64_t columns)
{
    dnnl_data_type_t type = bfloat ? dnnl_bf16 : dnnl_f32;
    dnnl_format_tag_t tag = bfloat ? dnnl_BA16a64b2a : dnnl_BA16a64b;
    const dnnl_dims_t dims = {rows, columns};
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_memory_desc_create_with_tag(layout, 2, dims, type, tag) == dnnl_success;
#else
    return dnnl_memory_desc_init_by_tag(layout, 2, dims, type, tag) == dnnl_success;
#endif
}

static inline void layout_free(Layout *layout)
{
#if DNNL_VERSION_MAJOR >= 3
    if (*layout != NULL)
        dnnl_memory_desc_destroy(*layout);
    *layout = NULL;
#else
    (void)layout;
#endif
}

static inline dnnl_status_t append_sum(dnnl_post_ops_t ops)
{
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_post_ops_append_sum(ops, 1, 0, dnnl_data_type_undef);
#else
    return dnnl_post_ops_append_sum(ops, 1);
#endif
}

static inline dnnl_status_t describe_product(dnnl_primitive_desc_t *desc, dnnl_engine_t engine,
                                             const Layout *a, const Layout *b, const Layout *c,
                                             const_dnnl_primitive_attr_t attributes)
{
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_matmul_primitive_desc_create(desc, engine, *a, *b, NULL, *c, attributes);
#else
    dnnl_matmul_desc_t product;
    dnnl_status_t status = dnnl_matmul_desc_init(&product, a, b, NULL, c);
    return status != dnnl_success
               ? status
               : dnnl_primitive_desc_create(desc, &product, attributes, engine, NULL);
#endif
}

#endif
