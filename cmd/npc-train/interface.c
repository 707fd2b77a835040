#include "interface.h"

#include <ifaddrs.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

void interfaces_read(Interfaces *interfaces)
{
    struct ifaddrs *all;
    *interfaces = (Interfaces){0};
    if (getifaddrs(&all) != 0)
        return;
    for (const struct ifaddrs *a = all; a != NULL && interfaces->n < INTERFACES; a = a->ifa_next) {
        const struct rtnl_link_stats *stats = a->ifa_data;
        if (a->ifa_addr == NULL || a->ifa_addr->sa_family != AF_PACKET || stats == NULL)
            continue;
        int i = interfaces->n++;
        snprintf(interfaces->at[i].name, IF_NAMESIZE, "%s", a->ifa_name);
        interfaces->at[i].sent = stats->tx_bytes;
    }
    freeifaddrs(all);
}

void interfaces_busiest(char *name, const Interfaces *before, uint32_t least)
{
    Interfaces now;
    interfaces_read(&now);
    name[0] = '\0';
    for (int i = 0; i < now.n; i++)
        for (int k = 0; k < before->n; k++) {
            uint32_t sent = now.at[i].sent - before->at[k].sent;
            if (strcmp(now.at[i].name, before->at[k].name) != 0 || sent < least)
                continue;
            least = sent;
            snprintf(name, IF_NAMESIZE, "%s", now.at[i].name);
        }
}
