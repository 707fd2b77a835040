/* Names for files and folders that are not whole yet.
 *
 * ".npcface.HOST.PROCESS.XXXXXX", in the folder where they are to appear under their own name. A
 * process that is killed leaves its own behind; the next one that wants such a name in that folder
 * removes them: those of this host whose process is gone, and which nobody holds locked. */
#ifndef BASE_HIDDEN_INTERNAL_H
#define BASE_HIDDEN_INTERNAL_H

/* A new file, open for writing, closed on exec, mode 0600, locked as long as it is open. Its
 * descriptor, and its path in new memory; -1 with errno set, and NULL. */
int hidden_file(const char *folder, char **path);

/* A new folder, mode 0700, in new memory; NULL with errno set. *lock keeps it, until it is closed;
 * -1 where folders cannot be locked. */
char *hidden_folder(const char *folder, int *lock);

/* A path that is free just now, for link(), in new memory; NULL with errno set. */
char *hidden_free(const char *folder);

/* Removes a folder with all that is in it; what cannot be removed stays. */
void hidden_remove(char *folder);

#endif
