/* SPDX-License-Identifier: MIT */
/* The shared part of the peers written in C: arguments, threads, clocks, the line of figures. A peer gives the
 * three functions. */
#ifndef PIXAZO_BENCH_DRIVER_H
#define PIXAZO_BENCH_DRIVER_H

#include <stddef.h>

enum { PEER_FILES_MAX = 4 };

struct peer_file {
  const char *name; /* below OUTPUT_DIR */
  const void *data;
  size_t size;
  void *owner; /* of the bytes, for peer_release */
};

struct peer_input {
  const char *workload;
  const char *path; /* of the same bytes */
  const void *data;
  size_t size;
  const void *below; /* the picture that BENCH_BASE names; NULL without */
  size_t below_size;
  unsigned threads; /* inside one picture */
};

/* Once, before anything else. 0: the workload is unknown to this peer. */
int peer_open(const struct peer_input *input);
/* One picture, on any thread; gives how many files were made; ends the program when it cannot. */
size_t peer_work(const struct peer_input *input, struct peer_file files[PEER_FILES_MAX]);
void peer_release(struct peer_file *file);

#endif
