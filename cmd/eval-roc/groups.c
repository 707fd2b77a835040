#include "eval-roc/groups.h"

#include "lists/group_list_internal.h"
#include "report/groups_internal.h"

int print_groups(const Comparison *c, float score, double at, const Options *o, Pool *pool,
                 Err *err)
{
    GroupList list = {0};
    GroupRates rates = {0};
    int rc = group_list_read(&list, o->groups, err);
    if (rc == 0)
        rc = groups_measure(&rates, score, c, &list, options_draws(o), o->seed, pool, err);
    if (rc == 0 && rates.identities == rates.ungrouped)
        rc = err_set(err, "%s: nobody of %s is in it", list.file, c->input);
    if (rc == 0 && o->json)
        rc = report_groups_json(stdout, &rates, err);
    else if (rc == 0 && o->tsv)
        report_groups_tsv(stdout, &rates);
    else if (rc == 0)
        report_groups_table(stdout, &rates, c, list.file, at);
    groups_release(&rates);
    group_list_release(&list);
    return rc;
}
