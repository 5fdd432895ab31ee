/* SPDX-License-Identifier: MIT */
/* What a query holds, and how it becomes SQL. */
#ifndef PX_REPOSITORY_QUERY_H
#define PX_REPOSITORY_QUERY_H

#include <pixazo/query.h>

#include "repository/internal.h"

typedef enum px_query_text {
  PX_QUERY_STATE,
  PX_QUERY_PROVIDER,
  PX_QUERY_MODEL,
  PX_QUERY_PRINCIPAL,
  PX_QUERY_BATCH,
  PX_QUERY_PARENT,
  PX_QUERY_POST_ID,
  PX_QUERY_PROMPT_ID,
  PX_QUERY_TEXT,
  PX_QUERY_CURSOR,
  PX_QUERY_TEXTS
} px_query_text;

typedef enum px_query_number {
  PX_QUERY_SINCE,
  PX_QUERY_UNTIL,
  PX_QUERY_LIMIT,
  PX_QUERY_PAGE,
  PX_QUERY_OFFSET,
  PX_QUERY_NUMBERS
} px_query_number;

struct pixazo_query {
  char *texts[PX_QUERY_TEXTS]; /* NULL: not set */
  int64_t numbers[PX_QUERY_NUMBERS];
  bool given[PX_QUERY_NUMBERS];
};

/* Number of the state named by `size` bytes; 0 for none. */
int32_t px_query_state_number(const char *name, size_t size);
bool px_query_state_lost(const char *name, size_t size); /* "lost", which is a filter and no state */
/* How many rows a page has and how many come before it. E_ARGUMENT: cursor, page and offset exclude one another. */
pixazo_status px_query_paging(const pixazo_query *query, int64_t *limit, int64_t *offset, pixazo_error **error);
/* Bytes of the filters that tell whose a cursor is: 8 hex digits. */
pixazo_status px_query_mark(const pixazo_query *query, char mark[9], pixazo_error **error);
/* Cursor of the page after row `id`, and back. E_ARGUMENT: not a cursor, or one of another query. */
enum { PX_CURSOR_SIZE = 40 };
pixazo_status px_cursor_make(const pixazo_query *query, int64_t id, char cursor[PX_CURSOR_SIZE], pixazo_error **error);
pixazo_status px_cursor_read(const pixazo_query *query, int64_t *id, pixazo_error **error); /* *id 0: the first page */

/* A statement being put together. Values point into the query and into `own`. */
enum { PX_SELECT_VALUES = 160, PX_SELECT_TERMS = 64 };
typedef struct px_select {
  px_buf sql;
  px_db_value values[PX_SELECT_VALUES];
  size_t count;
  char *own[PX_SELECT_TERMS];
  size_t own_count;
} px_select;

void px_select_done(px_select *select);
/* Row ids of the generations, newest first; `count` true: how many there are. */
pixazo_status px_select_build(const pixazo_query *query, const pixazo_repository *repository, bool count, px_select *out,
                              pixazo_error **error);

#endif
