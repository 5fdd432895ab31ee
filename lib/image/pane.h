/* SPDX-License-Identifier: MIT */
/* A file too large to be held, looked at through a pane: a piece of it that moves. Nothing is mapped: a file that is cut
 * under us is an error. */
#ifndef PX_IMAGE_PANE_H
#define PX_IMAGE_PANE_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/error.h>

typedef struct px_pane {
  int descriptor; /* borrowed */
  uint64_t size;  /* of the file */
  const char *name; /* for messages; borrowed */
  size_t piece;     /* bytes that are read at once; 0: 128 KB */
  unsigned char *buffer;
  size_t room;
  uint64_t begin; /* of what the buffer holds */
  size_t filled;
  pixazo_status status; /* of the first read that failed; no later one is tried */
  pixazo_error *error;
} px_pane;

void px_pane_done(px_pane *pane);

/* The bytes at `at`: at least so many, or as many as the file still has; `*have` says how many there are. They stay until
 * the next call. NULL: no byte is there, or reading failed. */
const unsigned char *px_pane_at(px_pane *pane, uint64_t at, size_t least, size_t *have);

/* Whether all was read: E_IO, E_CORRUPT for a file that is shorter by now, E_NOMEM. */
pixazo_status px_pane_check(const px_pane *pane, pixazo_error **error);

#endif
