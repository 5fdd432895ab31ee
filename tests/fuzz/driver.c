/* SPDX-License-Identifier: MIT */
/* Gives each file of the directories on the command line to the fuzz target, and each file cut in the middle. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static size_t inputs;

/* A copy of exactly this size, so that reading behind it is seen. */
static void run(const uint8_t *data, size_t size)
{
  uint8_t *copy = malloc(size ? size : 1);
  if (!copy)
    exit(1);
  if (size)
    memcpy(copy, data, size);
  (void)LLVMFuzzerTestOneInput(copy, size);
  free(copy);
  inputs++;
}

static void replay(const char *path)
{
  static uint8_t bytes[1 << 22];
  FILE *file = fopen(path, "rb");
  if (!file) {
    perror(path);
    exit(1);
  }
  size_t size = fread(bytes, 1, sizeof bytes, file);
  (void)fclose(file);
  run(bytes, size);
  run(bytes, size / 2);
}

static void replay_directory(const char *path)
{
  DIR *directory = opendir(path);
  if (!directory) {
    perror(path);
    exit(1);
  }
  for (const struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
    char name[4096];
    if (entry->d_name[0] == '.')
      continue;
    (void)snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
    replay(name);
  }
  (void)closedir(directory);
}

int main(int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    replay_directory(argv[i]);
  (void)printf("%zu inputs\n", inputs);
  return inputs > 0 ? 0 : 1;
}
