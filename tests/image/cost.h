/* SPDX-License-Identifier: MIT */
/* What reading a picture costs. Each file is read by a process of its own (the program again, with the file's name), which
 * says how much CPU and memory that took. */
#ifndef PX_IMAGE_COST_H
#define PX_IMAGE_COST_H

#include <stddef.h>

#include "support/pictures.h"

enum { HEADER_MS = 50, HEADER_KB = 16 * 1024 }; /* that a file may cost which is refused by its headers */

typedef struct cost {
  int status; /* of the decoder */
  double cpu_ms;
  long memory_kb;
} cost;

/* The reading process: what main() does when it is given a file. */
int cost_read(const char *path);

/* CPU is the least of three runs, memory the most. Takes the file; `state` is that of the temporary directory. */
cost cost_of(file_bytes *file, void *const *state, const char *name);

/* Each prints what it found and counts as a case; each takes the file. */
void expect_refused(file_bytes *file, void **state, pixazo_status wanted, const char *name);
/* Read, or refused as too large, at no more than four times the cost of an ordinary picture and 8 bytes a pixel and 32 MB. */
void expect_cheap(file_bytes *file, void **state, const cost *ordinary, size_t pixels, const char *name);
/* What a picture costs that is nothing special. */
cost ordinary_cost(file_bytes *file, void **state, const char *name);

void cost_count(void); /* one more case that was looked at by hand */
size_t cost_cases(void);

#endif
