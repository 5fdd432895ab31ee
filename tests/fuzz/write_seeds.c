/* SPDX-License-Identifier: MIT */
/* Writes the small good files of tests/image as seeds. Usage: write_seeds DIRECTORY */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "image/samples.h"

/* `head` goes before the file: the choices of a target that wants some. */
static void write_seed(const char *root, const char *target, size_t number, const char *head, const file_bytes *bytes)
{
  char path[4096];
  (void)snprintf(path, sizeof path, "%s/%s", root, target);
  (void)mkdir(path, 0755);
  (void)snprintf(path, sizeof path, "%s/%s/made-%02zu", root, target, number);
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(head, 1, strlen(head), file) != strlen(head) ||
      fwrite(bytes->data, 1, bytes->size, file) != bytes->size || fclose(file) != 0) {
    perror(path);
    exit(1);
  }
}

int main(int argc, char **argv)
{
  static const char *const targets[] = {"", "png", "jpeg", "webp"};
  static sample_files samples;
  if (argc != 2)
    return 2;
  (void)mkdir(argv[1], 0755);
  samples_make(&samples);
  for (size_t i = 0; i < samples.count; i++) {
    const char head[3] = {(char)(i * 37 % 255 + 1), (char)(i * 91 % 255 + 1), '\0'};
    write_seed(argv[1], targets[samples.list[i].format], i, "", &samples.list[i].bytes);
    write_seed(argv[1], "metadata", i, "", &samples.list[i].bytes);
    write_seed(argv[1], "export", i, head, &samples.list[i].bytes);
  }
  samples_done(&samples);
  return 0;
}
