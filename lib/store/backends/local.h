/* SPDX-License-Identifier: MIT */
/* What the files of the local store share. */
#ifndef PX_STORE_LOCAL_H
#define PX_STORE_LOCAL_H

#include "store/handle.h"

/* Directories to flush, each once, relative to the root. */
typedef struct px_local_touched {
  char **names;
  size_t count, capacity;
} px_local_touched;
void px_local_touched_done(px_local_touched *touched);

typedef struct px_local {
  /* constant */
  int root;        /* everything is reached from this descriptor, never by path */
  dev_t device;    /* of the root */
  int incoming;    /* unfinished files */
  char *directory; /* absolute, for pixazo_store_path only */
  mode_t file_mode, directory_mode;
  /* held through a whole flush, so that one that finds nothing to do knows that the one before it has ended */
  pthread_mutex_t flushing;
  bool failed; /* a flush failed: what was put before is not safe, and asking again would not show it */
  pthread_mutex_t lock;
  /* synced: under lock */
  px_local_touched touched;
} px_local;

/* A key taken apart: the held directory and the name in it. */
typedef struct px_local_place {
  int directory;
  const char *name;
  char parent[PX_STORE_KEY_MAX + 1];
} px_local_place;
#define PX_LOCAL_PLACE_INIT {-1, NULL, ""}
void px_local_place_done(px_local_place *where);
/* Makes the directory with this mode; mode 0: it must exist (E_NOT_FOUND). */
pixazo_status px_local_find_place(const px_local *self, const char *key, mode_t mode, px_local_place *where,
                                  pixazo_error **error);

/* Operations of the table. */
pixazo_status px_local_put(void *target, const pixazo_store_put_job *job, pixazo_error **error);
pixazo_status px_local_flush(void *target, pixazo_error **error);
pixazo_status px_local_list(void *self, const char *prefix, const char *cursor, uint32_t limit,
                            pixazo_store_listing *listing, pixazo_error **error);

#endif
