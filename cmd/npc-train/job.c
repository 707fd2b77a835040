#include "job.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/counted_internal.h"
#include "cli/processes.h"
#include "interface.h"
#include "save.h"
#include "train/forecast_internal.h"

/* How many times as long a stage may take that is only of the first process. */
enum { PATIENCE = 10 };

/* What --stall watches. */
static struct {
    Comm *comm;
    int64_t seconds;
    const char *_Atomic stage;
    _Atomic bool patient;
    pthread_t thread;
} watched;

void job_stage(const char *stage, bool patient)
{
    atomic_store(&watched.stage, stage);
    atomic_store(&watched.patient, patient);
}

/* Every process whose exchanges have not moved for too long says where it is; a second later, when
 * the others have said so too, the job ends. */
static void *watch(void *arg)
{
    (void)arg;
    int64_t last = -1, still = 0;
    for (;;) {
        sleep(1);
        int64_t now = comm_operations(watched.comm);
        still = now == last ? still + 1 : 0;
        last = now;
        if (still < watched.seconds * (atomic_load(&watched.patient) ? PATIENCE : 1))
            continue;
        Err err = {0};
        err_set(&err, "no progress for %lld s: it is at %s", (long long)still,
                atomic_load(&watched.stage));
        cli_fail(&err);
        sleep(1);
        comm_abort(watched.comm, CLI_FAILED);
    }
    return NULL;
}

int job_begin(Run *run, Err *err)
{
    Options *options = run->options;
    job_stage("its start", false);
    if (cli_processes(&run->comm, err) != 0)
        return -1;
    options->training.comm = run->comm;
    if (run->comm == NULL)
        return 0;
    if (!job_first(run))
        options->log = NULL;
    watched.comm = run->comm;
    watched.seconds = options->stall;
    if (pthread_create(&watched.thread, NULL, watch, NULL) != 0)
        return err_set(err, "cannot start a thread");
    return 0;
}

void job_leave(Run *run)
{
    if (run->comm == NULL)
        return;
    pthread_cancel(watched.thread);
    pthread_join(watched.thread, NULL);
    comm_free(run->comm);
    run->comm = NULL;
}

void job_end(Run *run, int status)
{
    if (run->comm == NULL)
        return;
    if (status != CLI_OK)
        cli_processes_end(run->comm, status);
    job_leave(run);
}

bool job_agree(const Run *run, bool first_says)
{
    comm_share(run->comm, &first_says, sizeof first_says);
    return first_says;
}

int job_most(const Run *run, int number)
{
    double most = number;
    comm_largest(run->comm, &most, 1);
    return (int)most;
}

int job_check(const Run *run, Err *err)
{
    const TrainingConfig *config = &run->options->training;
    char head[RECIPE_TEXT], model[RECIPE_TEXT], recipe[RECIPE_TEXT];
    if (run->comm == NULL)
        return 0;
    head_options_text(&config->head, head, sizeof head);
    snprintf(model, sizeof model, "%s of %d for %d pixels, %lld identities, %s (%.3000s)",
             config->arch, config->embedding, config->size, (long long)config->identities,
             config->head.info->name, head);
    if (!save_recipe(run, recipe))
        return err_set(err, "the recipe does not fit %d bytes", RECIPE_TEXT);
    if (comm_same(run->comm, "set of kernels", kernels_name(run->kernels), err) != 0 ||
        comm_same(run->comm, "set of data", run->data, err) != 0 ||
        comm_same(run->comm, "model", model, err) != 0)
        return -1;
    return comm_same(run->comm, "recipe", recipe, err);
}

static int count_hosts(const Comm *comm)
{
    int hosts = 0;
    for (int r = 0; r < comm_size(comm); r++) {
        int first = 0;
        while (strcmp(comm_host(comm, first), comm_host(comm, r)) != 0)
            first++;
        hosts += first == r;
    }
    return hosts;
}

/* " over eth0", or the names of several where the hosts' interfaces are called differently: those
 * that have sent most of what this measurement did. */
static void name_interfaces(char *text, size_t size, const Run *run, const Interfaces *before,
                            int64_t sent, bool hosts)
{
    char name[COMM_MOST][IF_NAMESIZE] = {0};
    size_t first[COMM_MOST + 1], used = 0;
    int processes = comm_size(run->comm);
    interfaces_busiest(name[comm_rank(run->comm)], before, (uint32_t)(sent / 2));
    for (int r = 0; r <= processes; r++)
        first[r] = (size_t)r * sizeof *name;
    comm_gather(run->comm, name, first);
    text[0] = '\0';
    for (int r = 0; r < processes && used < size; r++) {
        int same = 0;
        while (strcmp(name[same], name[r]) != 0)
            same++;
        if (same == r && name[r][0] != '\0')
            used += (size_t)snprintf(text + used, size - used, "%s %s", used > 0 ? "," : " over",
                                     name[r]);
    }
    if (used == 0)
        snprintf(text, size,
                 hosts ? " over an interface that the kernel does not count" : " through memory");
}

static void tell_forecast(const Run *run, const Forecast *forecast)
{
    TrainingTraffic traffic = training_traffic(run->training);
    double share = 100 * forecast_share(forecast);
    cli_note("  a step sends %.1f MB beside the backward pass and %.1f MB that it waits for",
             traffic.gradients / 1e6, traffic.bytes / 1e6);
    cli_note("  and waits for %.0f short messages; predicted: %.0f ms, of which %.0f %% is waiting",
             traffic.messages, 1e3 * (forecast->net + forecast->head + forecast->waiting), share);
    if (share > 50)
        cli_warn("the network will take most of a step: larger batches, --norm-group or a faster "
                 "interface may help (see distributed(7))");
}

int job_introduce(const Run *run, Err *err)
{
    char over[256];
    Interfaces before;
    Forecast forecast;
    if (run->comm == NULL || !job_agree(run, !run->options->cli->quiet))
        return 0;
    int hosts = count_hosts(run->comm);
    int64_t sent = comm_spent(run->comm).bytes;
    interfaces_read(&before);
    CommSpeed speed = comm_measure(run->comm);
    name_interfaces(over, sizeof over, run, &before, comm_spent(run->comm).bytes - sent, hosts > 1);
    if (forecast_make(&forecast, run->training, &speed, err) != 0)
        return -1;
    cli_note("%d processes on %s%s: %.0f us for a short message, %.3g GB/s", comm_size(run->comm),
             counted(hosts, "host", "hosts").text, over, 1e6 * speed.latency,
             speed.bandwidth / 1e9);
    tell_forecast(run, &forecast);
    return 0;
}
