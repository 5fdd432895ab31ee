/* SPDX-License-Identifier: MIT */
/* A directory of its own for each test, below $TMPDIR or /tmp. */
#ifndef PX_SUPPORT_TMPDIR_H
#define PX_SUPPORT_TMPDIR_H

/* A new empty directory; free it with tmpdir_remove. Never NULL: the program ends when none can be made. */
char *tmpdir_make(void);
/* Removes everything below and the directory, unless PIXAZO_KEEP_TEST_FILES is set; frees the name. */
void tmpdir_remove(char *directory);
/* "directory/name"; free() it. */
char *tmpdir_path(const char *directory, const char *name);

/* cmocka set-up and tear-down that keep the directory in *state. */
int tmpdir_setup(void **state);
int tmpdir_teardown(void **state);

#endif
