#include "identify/ijb_internal.h"

#include <math.h>
#include <stdlib.h>

#include "identify/template_list_internal.h"

typedef struct Members {
    int64_t *subject;      /* [templates] */
    TemplateList *gallery; /* [galleries] */
    TemplateList joined, probes;
} Members;

/* The members of the galleries one after another, each template once. */
static int join(Members *m, int galleries, int64_t templates, Err *err)
{
    bool *seen = calloc((size_t)templates, sizeof *seen);
    m->joined.place = malloc((size_t)templates * sizeof *m->joined.place);
    if (seen == NULL || m->joined.place == NULL) {
        free(seen);
        return err_memory(err, "a list of templates", (size_t)templates * 9);
    }
    for (int g = 0; g < galleries; g++)
        for (int64_t i = 0; i < m->gallery[g].n; i++) {
            int64_t at = m->gallery[g].place[i];
            if (!seen[at])
                m->joined.place[m->joined.n++] = at;
            seen[at] = true;
        }
    free(seen);
    return 0;
}

static int read_lists(Members *m, const IjbLists *lists, const TemplateImages *images,
                      const bool *present, Err *err)
{
    m->subject = malloc((size_t)images->templates * sizeof *m->subject);
    m->gallery = calloc((size_t)lists->galleries, sizeof *m->gallery);
    if (m->subject == NULL || m->gallery == NULL)
        return err_memory(err, "subjects", (size_t)images->templates * sizeof *m->subject);
    for (int64_t i = 0; i < images->templates; i++)
        m->subject[i] = -1;
    for (int g = 0; g < lists->galleries; g++)
        if (template_list_read(&m->gallery[g], m->subject, lists->gallery[g], images, present,
                               err) != 0)
            return -1;
    if (template_list_read(&m->probes, m->subject, lists->probe, images, present, err) != 0)
        return -1;
    return join(m, lists->galleries, images->templates, err);
}

static void release(Members *m, int galleries)
{
    for (int g = 0; m->gallery != NULL && g < galleries; g++)
        template_list_release(&m->gallery[g]);
    free(m->gallery);
    template_list_release(&m->joined);
    template_list_release(&m->probes);
    free(m->subject);
}

static Identification mean_of(const Identification *each, int n, const IdentificationAsk *ask)
{
    Identification mean = {0};
    for (int g = 0; g < n; g++) {
        for (int i = 0; i < ask->ranks; i++)
            mean.rate[i] += each[g].rate[i] / n;
        for (int i = 0; i < ask->fpirs; i++)
            mean.tpir[i] += each[g].tpir[i] / n;
    }
    for (int i = 0; i < ask->fpirs; i++)
        mean.threshold[i] = NAN;
    return mean;
}

static RowSpan span(const TemplateList *list)
{
    return (RowSpan){list->place, list->n};
}

static int measure(IjbIdentification *out, const Members *m, int galleries,
                   const IdentificationAsk *ask, const Subjects *subjects, Pool *pool, Err *err)
{
    for (int g = 0; g < galleries; g++)
        if (identification_measure(&out->gallery[g], NULL, ask, subjects, span(&m->gallery[g]),
                                   span(&m->probes), pool, err) != 0)
            return -1;
    out->several = galleries > 1;
    if (!out->several)
        return 0;
    out->mean = mean_of(out->gallery, galleries, ask);
    return identification_closed(&out->joined, ask, subjects, span(&m->joined), span(&m->probes),
                                 pool, err);
}

int ijb_identify(IjbIdentification *out, const IjbLists *lists, const IdentificationAsk *ask,
                 const TemplateImages *images, const float *feature, const bool *present, int64_t d,
                 Comm *comm, Pool *pool, Err *err)
{
    Members m = {0};
    *out = (IjbIdentification){.gallery = calloc((size_t)lists->galleries, sizeof *out->gallery)};
    if (out->gallery == NULL)
        return err_memory(err, "galleries", (size_t)lists->galleries * sizeof *out->gallery);
    int rc = read_lists(&m, lists, images, present, err);
    const Subjects subjects = {feature, m.subject, d, comm};
    if (rc == 0)
        rc = measure(out, &m, lists->galleries, ask, &subjects, pool, err);
    release(&m, lists->galleries);
    return rc;
}

void ijb_identification_release(IjbIdentification *out)
{
    free(out->gallery);
    *out = (IjbIdentification){0};
}
