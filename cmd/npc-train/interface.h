/* Over which network interface the processes of a job talk, which the launcher chose. */
#ifndef CMD_NPC_TRAIN_INTERFACE_H
#define CMD_NPC_TRAIN_INTERFACE_H

#include <net/if.h>
#include <stdint.h>

enum { INTERFACES = 64 };

/* What each interface of this host has sent so far, modulo 2^32. */
typedef struct Interfaces {
    int n;
    struct {
        char name[IF_NAMESIZE];
        uint32_t sent;
    } at[INTERFACES];
} Interfaces;

void interfaces_read(Interfaces *interfaces);

/* name[IF_NAMESIZE] = the one that has sent the most since `before`, or "" where none has sent
 * `least` bytes: processes of one host exchange through memory, and some hardware past the
 * kernel. */
void interfaces_busiest(char *name, const Interfaces *before, uint32_t least);

#endif
