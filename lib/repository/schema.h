/* SPDX-License-Identifier: MIT */
/* The tables, their versions, and the views of older tools. docs/internals/repository.md explains them. */
#ifndef PX_REPOSITORY_SCHEMA_H
#define PX_REPOSITORY_SCHEMA_H

#include "db/db.h"
#include "repository/internal.h"

enum { PX_SCHEMA_APPLICATION = 0x50495841 }; /* "PIXA" */

/* Brings the database of a repository up to date. */
pixazo_status px_schema_open(pixazo_repository *repository, bool convert_legacy, pixazo_error **error);

pixazo_status px_schema_make_views(px_db_link *link, pixazo_error **error);

/* The table of the Pixazo MCP tool. */
pixazo_status px_legacy_found(px_db_link *link, bool *found, pixazo_error **error);
/* Before anything is written: refuses, or keeps a copy beside the file. */
pixazo_status px_legacy_adopt(px_db_link *link, const char *path, bool convert, pixazo_error **error);
pixazo_status px_legacy_set_aside(px_db_link *link, pixazo_error **error); /* first thing in the migration */
pixazo_status px_legacy_bring_in(px_db_link *link, pixazo_error **error);  /* when the new schema stands */

#endif
