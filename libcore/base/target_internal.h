/* What a path stands for, when it is more than a file's name. */
#ifndef BASE_TARGET_INTERNAL_H
#define BASE_TARGET_INTERNAL_H

/* N of a path that means this process's descriptor N: /dev/stdin, /dev/stdout, /dev/stderr,
 * /dev/fd/N, /proc/self/fd/N. -1 for any other. Opening such a path would open the file behind it
 * anew, from its start and without O_APPEND, or fail on a socket: use the descriptor. */
int target_descriptor(const char *path);

/* The path with symbolic links in its last place followed, whether anything is at their end or not;
 * it stops at a path that stands for a descriptor. In new memory; NULL with errno set. */
char *target_follow(const char *path);

/* The folder of a path, "." if it names none. In new memory; NULL when there is none. */
char *target_folder(const char *path);

/* Has the folder of a path written to disk, so that a name given there outlasts a crash of the
 * machine. Folders that may not be read, and file systems that have no such thing, count as done.
 * -1 with errno set where the disk fails. */
int target_settle(const char *path);

#endif
