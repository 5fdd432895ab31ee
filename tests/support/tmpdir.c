/* SPDX-License-Identifier: MIT */
#include "support/tmpdir.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

char *tmpdir_make(void)
{
  const char *base = getenv("TMPDIR");
  char *name = NULL;
  if (asprintf(&name, "%s/pixazo-test-XXXXXX", base && *base ? base : "/tmp") < 0 || !mkdtemp(name)) {
    perror("cannot make a temporary directory");
    exit(1);
  }
  return name;
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
  (void)facts;
  (void)kind;
  (void)place;
  return remove(path);
}

static int open_up(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
  (void)facts;
  (void)place;
  return kind == FTW_D || kind == FTW_DNR ? chmod(path, 0700) : 0;
}

void tmpdir_remove(char *directory)
{
  if (directory && !getenv("PIXAZO_KEEP_TEST_FILES")) {
    (void)nftw(directory, open_up, 16, FTW_PHYS);
    (void)nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  }
  free(directory);
}

char *tmpdir_path(const char *directory, const char *name)
{
  char *path = NULL;
  if (asprintf(&path, "%s/%s", directory, name) < 0)
    abort();
  return path;
}

int tmpdir_setup(void **state)
{
  *state = tmpdir_make();
  return 0;
}

int tmpdir_teardown(void **state)
{
  tmpdir_remove(*state);
  return 0;
}
