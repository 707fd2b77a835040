/* SIGINT and SIGTERM while a run has something to save. */
#ifndef CMD_NPC_TRAIN_INTERRUPT_H
#define CMD_NPC_TRAIN_INTERRUPT_H

/* From now on the first of these signals is only noted; a second one, of either kind, ends the
 * process as if nothing were watched. A signal that was ignored stays ignored. */
void interrupt_watch(void);

/* The signal that was noted, or 0. */
int interrupt_signal(void);

/* Ends the process by that signal, so that a shell sees 128 + its number, and a loop
 * around it stops. */
void interrupt_end(int number);

#endif
