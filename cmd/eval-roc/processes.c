#include "eval-roc/processes.h"

#include <stdio.h>
#include <string.h>

#include "cli/processes.h"

static void leave_output(Options *o)
{
    if (comm_rank(o->comm) == 0)
        return;
    o->roc = o->roc != NULL ? "/dev/null" : NULL;
    o->histogram = o->histogram != NULL ? "/dev/null" : NULL;
    o->scores = o->scores != NULL ? "/dev/null" : NULL;
    o->threshold_out = o->threshold_out != NULL ? "/dev/null" : NULL;
    o->calibration_out = o->calibration_out != NULL ? "/dev/null" : NULL;
    o->reliability = o->reliability != NULL ? "/dev/null" : NULL;
    o->hardest_out = "/dev/null";
    if (freopen("/dev/null", "w", stdout) == NULL)
        cli_misuse("cannot open /dev/null");
}

int begin_processes(Options *o, Err *err)
{
    const char *file[] = {o->input, o->versus,    o->pairs,    o->groups,
                          o->dev,   o->dev_pairs, o->threshold};
    if (cli_processes(&o->comm, err) != 0)
        return -1;
    for (size_t i = 0; i < sizeof file / sizeof *file && o->comm != NULL; i++)
        if (file[i] != NULL && strcmp(file[i], "-") == 0)
            return err_set(err,
                           "several processes each read all files, of which none can be standard "
                           "input");
    leave_output(o);
    return 0;
}

void end_processes(const Options *o, int status)
{
    if (o->comm != NULL && status != CLI_OK)
        comm_abort(o->comm, status);
    comm_free(o->comm);
}
