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
#include "json/writer.h"

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
/* The same by its UUID, or by the UUID of one of its pictures. */
pixazo_status px_record_find(const pixazo_repository *repository, px_db_link *link, const char *uuid, pixazo_generation **out,
                             pixazo_error **error);
/* The id of a generation's UUID or of the UUID of one of its pictures; *picture (may be NULL) is 0 for the former. */
pixazo_status px_record_id(px_db_link *link, const char *uuid, int64_t *generation, int64_t *picture, pixazo_error **error);

/* One array of a report: an object for each row of a statement. */
typedef struct px_report_part {
  const char *name, *sql;
  pixazo_status (*put)(px_db_link *link, const px_db_rows *row, px_json_writer *writer, pixazo_error **error);
} px_report_part;
/* {"schema":1,<name>:[...],...} out of one snapshot; *out is px_malloc memory. */
pixazo_status px_report_write(pixazo_repository *repository, const px_report_part *parts, size_t count, char **out,
                              pixazo_error **error);

#endif
