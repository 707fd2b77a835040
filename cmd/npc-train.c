/* npc-train: batches of faces in, a model out */
#include "cli/processes.h"
#include "npc-train/config.h"
#include "npc-train/job.h"
#include "npc-train/run.h"
#include "npc-train/tune.h"
#include "npc-train/validate.h"

int main(int argc, char **argv)
{
    Err err = {0};
    SavedTraining saved = {0};
    Run run = {.options = train_options(argc, argv)};
    validate_check(run.options);
    tune_check(run.options);
    run.recipe.changed = run.options->changed;
    int rc = job_begin(&run, &err);
    if (rc == 0)
        rc = config_take(&run, &saved, &err);
    if (rc == 0)
        rc = run_all(&run, &err);
    int status = rc == 0 ? cli_done() : cli_fail(&err);
    job_end(&run, status);
    run_release(&run);
    return status;
}
