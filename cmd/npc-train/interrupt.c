#include "interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t noted;

/* The signal is blocked while this runs: what is raised here ends the process on return. */
static void note(int number)
{
    if (noted != 0) {
        signal(number, SIG_DFL);
        raise(number);
    }
    noted = number;
}

static void watch(int number)
{
    struct sigaction was, now = {.sa_handler = note, .sa_flags = SA_RESTART};
    sigemptyset(&now.sa_mask);
    if (sigaction(number, NULL, &was) == 0 && was.sa_handler != SIG_IGN)
        sigaction(number, &now, NULL);
}

void interrupt_watch(void)
{
    watch(SIGINT);
    watch(SIGTERM);
}

int interrupt_signal(void)
{
    return noted;
}

void interrupt_end(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}
