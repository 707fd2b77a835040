#include "eval-roc/groups.h"

#include "eval-roc/at.h"
#include "lists/group_list_internal.h"
#include "report/groups_internal.h"

int print_groups(const Stream *stream, const Options *o, Pool *pool, Err *err)
{
    GroupList list = {0};
    GroupRates rates = {0};
    float score;
    int rc = threshold_at(&score, stream, o, err);
    if (rc == 0)
        rc = group_list_read(&list, o->groups, err);
    if (rc == 0)
        rc = groups_measure(&rates, score, &stream->comparison, &list,
                            o->draws > 0 ? o->draws : DRAWS, o->seed, pool, err);
    if (rc == 0 && rates.identities == rates.ungrouped)
        rc = err_set(err, "%s: nobody of %s is in it", list.file, stream->comparison.input);
    if (rc == 0 && o->json)
        rc = report_groups_json(stdout, &rates, err);
    else if (rc == 0 && o->tsv)
        report_groups_tsv(stdout, &rates);
    else if (rc == 0)
        report_groups_table(stdout, &rates, &stream->comparison, list.file, o->at);
    groups_release(&rates);
    group_list_release(&list);
    return rc;
}
