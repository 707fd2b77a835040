/* How processes reach each other: what comm/ stands on. A module outside the library provides one
 * over MPI (comm/mpi/module.c), so that neither the library nor its users need MPI. */
#ifndef COMM_TRANSPORT_INTERNAL_H
#define COMM_TRANSPORT_INTERNAL_H

#include <stddef.h>

/* Changes with the struct below, so that a module of another build is not used. */
enum { TRANSPORT_VERSION = 1 };

/* Exchanges in different channels may be under way at a time, in one thread each. */
enum { TRANSPORT_CHANNELS = 2, TRANSPORT_HOST = 64 };

/* A transport that fails ends the job by itself, as MPI does: what is returned, arrived. */
typedef struct Transport {
    int rank, size;
    void *self;

    /* Sends out[bytes] to one process and receives in[in_bytes] from another, at a time; -1: there
     * is none on that side. */
    void (*exchange)(void *self, int channel, int to, const void *out, size_t bytes, int from,
                     void *in, size_t in_bytes);

    void (*abort)(void *self, int status); /* ends all processes; does not return */
    void (*close)(void *self);             /* after the last exchange of all processes */
} Transport;

/* The one name that a module has. Fills *transport; 0, or -1 with a message of at most `size` bytes
 * in `why`. */
#define TRANSPORT_OPEN "npcface_transport_open"
typedef int TransportOpen(Transport *transport, int version, char *why, size_t size);

#endif
