/* A tool as one of several processes that a launcher of MPI has started: mpirun, srun. */
#ifndef CMD_CLI_PROCESSES_H
#define CMD_CLI_PROCESSES_H

#include "comm/comm_internal.h"

/* After cli_start(). *comm = NULL for a process alone. Otherwise it is the job's, from the module
 * for MPI; where that is missing, or the launcher started processes that cannot reach each other,
 * it is refused: P copies would write the same file. From now on the first process alone speaks,
 * and errors name the process. 0 or -1. */
int cli_processes(Comm **comm, Err *err);

#endif
