/* SPDX-License-Identifier: MIT */
/* What the files of this folder share. */
#ifndef PX_REPOSITORY_INTERNAL_H
#define PX_REPOSITORY_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/repository.h>

#include "base/record.h"
#include "db/db.h"

struct pixazo_repository {
  atomic_uint references;
  /* constant */
  px_db *db;
  pixazo_log *log;
  char *media_root; /* NULL: paths are not known */
  bool search;      /* the full-text index is there */
};

/* A row by its id; E_NOT_FOUND with "no generation <what>". */
pixazo_status px_record_load(const pixazo_repository *repository, px_db_link *link, int64_t id, pixazo_generation **out,
                             pixazo_error **error);
/* The id of a generation's UUID or of the UUID of one of its pictures; *picture (may be NULL) is 0 for the former. */
pixazo_status px_record_id(px_db_link *link, const char *uuid, int64_t *generation, int64_t *picture, pixazo_error **error);

#endif
