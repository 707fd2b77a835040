#include "eval-roc/paper.h"

#include <string.h>

#include "base/path_internal.h"
#include "cli/named.h"
#include "eval-roc/intervals.h"
#include "report/paper_internal.h"

/* After the name that was given, else the file without its extension. */
static int add(Paper *paper, const char *operand, const char *equals, const Evaluation *v,
               const Intervals *intervals, Err *err)
{
    const char *base = path_base(operand), *dot = strrchr(base, '.');
    if (equals != NULL)
        return paper_add(paper, operand, (size_t)(equals - operand), v, intervals, err);
    size_t length = dot != NULL && dot > base ? (size_t)(dot - base) : strlen(base);
    return paper_add(paper, base, length, v, intervals, err);
}

static int measure(Paper *paper, const char *operand, const Options *o, Pool *pool, Err *err)
{
    static Stream stream;
    const char *equals = named_equals(operand);
    Intervals intervals = {0};
    Uncertainty *uncertainty = NULL;
    int rc = stream_measure(&stream, equals != NULL ? equals + 1 : operand, o->pairs, o, pool, err);
    if (rc == 0 && options_intervals(o))
        rc = find_intervals(&intervals, &uncertainty, &stream, o, pool, err);
    if (rc == 0)
        rc = add(paper, operand, equals, &stream.evaluation,
                 uncertainty != NULL ? &intervals : NULL, err);
    intervals_release(&intervals);
    uncertainty_free(uncertainty);
    stream_release(&stream);
    return rc;
}

int print_paper(const Options *o, Pool *pool, Err *err)
{
    Paper paper = {.far = o->far, .fars = o->fars};
    int rc = 0;
    for (int i = 0; rc == 0 && i < o->operands; i++)
        rc = measure(&paper, o->operand[i], o, pool, err);
    if (rc == 0)
        report_paper(stdout, &paper, o->latex);
    paper_release(&paper);
    return rc;
}
