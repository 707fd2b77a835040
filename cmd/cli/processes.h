/* A tool as one of several processes that a launcher of MPI has started: mpirun, srun. */
#ifndef CMD_CLI_PROCESSES_H
#define CMD_CLI_PROCESSES_H

#include "comm/comm_internal.h"

/* After cli_start(). *comm = NULL for a process alone. Otherwise it is the job's, from the module
 * for MPI; where that is missing, or the launcher started processes that cannot reach each other,
 * it is refused: P copies would write the same file. From now on the first process alone speaks,
 * and errors name the process. 0 or -1. */
int cli_processes(Comm **comm, Err *err);

/* The same for a tool whose processes each read all files, of which the first writes all: what the
 * others print goes nowhere. */
int cli_processes_alike(Comm **comm, Err *err);

/* Several processes cannot all read standard input: refuses it among file[n]. NULLs are fine. */
int cli_processes_files(const Comm *comm, const char *const *file, int n, Err *err);

/* Another file than `path` where a process writes nothing. */
const char *cli_processes_output(const Comm *comm, const char *path);

/* The last thing a tool does. Where it failed, all processes end with that status. */
void cli_processes_end(Comm *comm, int status);

#endif
