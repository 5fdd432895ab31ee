/* SPDX-License-Identifier: MIT */
/* Lines to the client, from any thread. Nothing else ever goes to stdout. */
#ifndef MCP_OUTPUT_H
#define MCP_OUTPUT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "message.h"

typedef struct output {
  pthread_mutex_t lock;
  int descriptor;
  bool gone;         /* under the lock: nobody reads any more */
  atomic_bool hurry; /* the program ends: a client that does not read is not waited for */
} output;

bool output_init(output *self, int descriptor);
void output_done(output *self);

/* One message without its newline. `closed`, NULL or under this lock: when it is set nothing is written. `close`: sets it.
 * False: not written. */
bool output_line(output *self, const char *text, size_t size, bool *closed, bool close);
/* Sets a flag of output_line: from now on nothing is written that asks for it. Gives what it was. */
bool output_close(output *self, bool *closed);

/* JSON being put together; everything may also go into `stream` directly. Without memory it is all lost, at the end. */
typedef struct draft {
  FILE *stream;
  char *text;
  size_t size;
  bool behind; /* an element stands before the next one: it needs a comma */
} draft;

bool draft_open(draft *self);
/* False: no memory; the text is gone then. Afterwards `text` is owned (free). */
bool draft_close(draft *self);
void put_name(draft *self, const char *name); /* NULL: an element of an array */
void put_open(draft *self, const char *name, char bracket);
void put_close(draft *self, char bracket);
void put_string(draft *self, const char *name, const char *text);
void put_int(draft *self, const char *name, long long value);
void put_bool(draft *self, const char *name, bool value);
void put_json(draft *self, const char *name, span json); /* as it stands, without spaces; absent: null */
void put_base64(draft *self, const char *name, const void *data, size_t size);

#endif
