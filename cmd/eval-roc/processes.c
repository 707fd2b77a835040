#include "eval-roc/processes.h"

#include "cli/processes.h"

int begin_processes(Options *o, Err *err)
{
    const char *const file[] = {o->input, o->versus,    o->pairs,     o->groups,
                                o->dev,   o->dev_pairs, o->threshold, o->failures};
    const char **output[] = {
        &o->roc,         &o->histogram,   &o->scores, &o->threshold_out, &o->calibration_out,
        &o->reliability, &o->hardest_out, &o->epc};
    if (cli_processes_alike(&o->comm, err) != 0)
        return -1;
    for (size_t i = 0; i < sizeof output / sizeof *output; i++)
        *output[i] = cli_processes_output(o->comm, *output[i]);
    return cli_processes_files(o->comm, file, sizeof file / sizeof *file, err);
}
