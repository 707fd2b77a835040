#include "processes.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num_internal.h"
#include "tool.h"

/* A number that a launcher has put into the environment, or 0. */
static int64_t number_of(const char *name)
{
    int64_t n;
    const char *text = getenv(name);
    return text != NULL && num_int(text, 1, INT32_MAX, &n) ? n : 0;
}

/* How many processes this one is started among. A batch script of Slurm has variables of its job,
 * but none of a step: what it starts is alone. */
static int64_t started(bool *connected)
{
    int64_t n = number_of("OMPI_COMM_WORLD_SIZE");
    if (n == 0)
        n = number_of("PMI_SIZE");
    *connected = n > 0 || getenv("PMIX_RANK") != NULL || getenv("PMI_RANK") != NULL;
    return n > 0 ? n : number_of("SLURM_STEP_NUM_TASKS");
}

/* Where `make` and `make install` put it, as seen from the tool. */
static int module_path(char path[PATH_MAX], Err *err)
{
    static const char module[] = "/../lib/npcface/npcface-mpi.so";
    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - sizeof module);
    if (n <= 0)
        return err_errno(err, "cannot find the tool's own file");
    path[n] = '\0';
    strcpy(strrchr(path, '/'), module);
    return 0;
}

static int load(Comm **comm, int64_t processes, Err *err)
{
    char path[PATH_MAX];
    Err inner = {0};
    if (module_path(path, err) != 0)
        return -1;
    if (access(path, R_OK) != 0)
        return err_set(err, "started as one of %lld processes, but there is no module for MPI (%s)",
                       (long long)processes, path);
    *comm = comm_load(path, &inner);
    if (*comm == NULL)
        return err_set(err, "%s", inner.text);
    if (comm_size(*comm) == 1)
        return err_set(err,
                       "started as one of %lld processes, but MPI knows only this one: the module "
                       "(%s) is for another MPI than the launcher's, or srun wants --mpi=pmi2",
                       (long long)processes, path);
    return 0;
}

int cli_processes(Comm **comm, Err *err)
{
    bool connected;
    int64_t processes = started(&connected);
    *comm = NULL;
    if (processes <= 1)
        return 0;
    if (!connected)
        return err_set(err,
                       "srun started %lld processes that know nothing of each other: use srun "
                       "--mpi=pmix, or --ntasks 1",
                       (long long)processes);
    if (load(comm, processes, err) != 0)
        return -1;
    cli_speak_as(comm_rank(*comm), comm_host(*comm, comm_rank(*comm)));
    return 0;
}

int cli_processes_alike(Comm **comm, Err *err)
{
    if (cli_processes(comm, err) != 0)
        return -1;
    if (comm_rank(*comm) > 0 && freopen("/dev/null", "w", stdout) == NULL)
        return err_errno(err, "cannot open /dev/null");
    return 0;
}

int cli_processes_files(const Comm *comm, const char *const *file, int n, Err *err)
{
    for (int i = 0; comm != NULL && i < n; i++)
        if (file[i] != NULL && strcmp(file[i], "-") == 0)
            return err_set(err,
                           "several processes each read all files, of which none can be standard "
                           "input");
    return 0;
}

const char *cli_processes_output(const Comm *comm, const char *path)
{
    return path != NULL && comm_rank(comm) > 0 ? "/dev/null" : path;
}

void cli_processes_end(Comm *comm, int status)
{
    if (comm != NULL && status != CLI_OK) {
        sleep(comm_rank(comm) > 0); /* the first one may be about to say why */
        comm_abort(comm, status);
    }
    comm_free(comm);
}
