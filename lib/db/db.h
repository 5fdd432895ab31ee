/* SPDX-License-Identifier: MIT */
/* A database behind a driver: one writing connection under a lock, a few reading ones, cached statements,
 * transactions, migrations. Statements use positional `?`; what one database says differently is a word of its
 * dialect: "{id}", "{iso:g.created_us}" (px_db_expand). */
#ifndef PX_DB_DB_H
#define PX_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/error.h>

#include "base/buf.h"

typedef struct px_db px_db;
typedef struct px_db_link px_db_link; /* a connection inside a transaction; of the thread that began it */
typedef struct px_db_rows px_db_rows; /* a running statement */

typedef struct px_db_options {
  const char *name; /* SQLite: path of the file; made with its directory when absent, mode 0600 */
  uint32_t busy_timeout_ms;
} px_db_options;

/* Connects; writes nothing yet to a database that exists. px_db_migrate comes next. */
pixazo_status px_db_open(const px_db_options *options, px_db **out, pixazo_error **error);
/* Every link must have ended. In a forked child the connections are left alone. NULL is fine. */
void px_db_close(px_db *db);
const char *px_db_name(const px_db *db); /* absolute */

/* Values to bind. Text and bytes are borrowed until the statement is done. */
typedef enum px_db_kind { PX_DB_NULL, PX_DB_INT, PX_DB_TEXT, PX_DB_BYTES } px_db_kind;

typedef struct px_db_value {
  px_db_kind kind;
  int64_t integer;
  const void *data;
  size_t size;
} px_db_value;

px_db_value px_db_null(void);
px_db_value px_db_int(int64_t value);
px_db_value px_db_text(const char *text);               /* NULL binds NULL */
px_db_value px_db_bytes(const void *data, size_t size); /* NULL binds NULL */

/* The last two arguments of px_db_query and px_db_first before the results: PX_BIND(px_db_int(1), px_db_text("a")). */
#define PX_BIND(...) (const px_db_value[]){__VA_ARGS__}, sizeof((const px_db_value[]){__VA_ARGS__}) / sizeof(px_db_value)
#define PX_BIND_NONE NULL, 0

/* Transactions. E_BUSY: another process writes for longer than the time-out. E_STATE: the process has forked, or
 * this thread is inside a writing transaction already. */
pixazo_status px_db_begin_write(px_db *db, px_db_link **out, pixazo_error **error);
pixazo_status px_db_begin_read(px_db *db, px_db_link **out, pixazo_error **error); /* one snapshot */
/* No transaction: for one statement, which is a snapshot by itself. */
pixazo_status px_db_borrow_reader(px_db *db, px_db_link **out, pixazo_error **error);
/* Ends the link whatever happens; durable on success, rolled back on failure. Sets *link to NULL. */
pixazo_status px_db_commit(px_db_link **link, pixazo_error **error);
/* Rolls back what was not committed and ends the link; for px_cleanup too. NULL links are fine. */
void px_db_end(px_db_link **link);

/* Part of a transaction that can be undone alone. */
pixazo_status px_db_savepoint(px_db_link *link, pixazo_error **error);
/* Keeps the part when `status` is PIXAZO_OK, undoes it otherwise. Returns `status`, or why keeping failed. */
pixazo_status px_db_savepoint_end(px_db_link *link, pixazo_status status, pixazo_error **error);

/* Runs a statement to its end. `changed` may be NULL: rows inserted, updated or deleted. */
pixazo_status px_db_run(px_db_link *link, const char *sql, const px_db_value *values, size_t count, int64_t *changed,
                        pixazo_error **error);
/* Runs an INSERT of one row at most; *id is that of the new row, 0 when there is none. */
pixazo_status px_db_insert(px_db_link *link, const char *sql, const px_db_value *values, size_t count, int64_t *id,
                           pixazo_error **error);
/* Starts a statement; px_db_step gives its rows. */
pixazo_status px_db_query(px_db_link *link, const char *sql, const px_db_value *values, size_t count, px_db_rows **out,
                          pixazo_error **error);
/* Starts it and takes the first row; *out is NULL when there is none. */
pixazo_status px_db_first(px_db_link *link, const char *sql, const px_db_value *values, size_t count, px_db_rows **out,
                          pixazo_error **error);
/* The integer in the first row's first column; *number stays when there is no row. */
pixazo_status px_db_number(px_db_link *link, const char *sql, const px_db_value *values, size_t count, int64_t *number,
                           pixazo_error **error);
pixazo_status px_db_step(px_db_rows *rows, bool *row, pixazo_error **error);
void px_db_rows_done(px_db_rows **rows);

/* Columns of the current row, from 0. Text and bytes are borrowed until the next step; NULL for NULL. */
bool px_db_is_null(const px_db_rows *rows, int column);
int64_t px_db_get_int(const px_db_rows *rows, int column); /* 0 for NULL and for text that is no number */
const char *px_db_get_text(const px_db_rows *rows, int column);
const void *px_db_get_bytes(const px_db_rows *rows, int column, size_t *size);

/* The dialect: replaces "{word}" and "{word:argument:argument}". E_INTERNAL for a word it does not have. */
pixazo_status px_db_expand(const px_db *db, const char *text, px_buf *out, pixazo_error **error);
pixazo_status px_db_expand_on(const px_db_link *link, const char *text, px_buf *out, pixazo_error **error);
/* px_db_run without values of a text that is expanded first. */
pixazo_status px_db_run_expanded(px_db_link *link, const char *text, pixazo_error **error);

/* Who made the database and which schema it has. */
typedef struct px_db_identity {
  int32_t application_id;
  int32_t version;
  bool empty; /* no table at all */
} px_db_identity;

typedef struct px_db_schema {
  int32_t application_id;
  /* steps[n] brings version n to n + 1, inside the one transaction of the migration. */
  pixazo_status (*const *steps)(void *self, px_db_link *link, pixazo_error **error);
  size_t count;
  /* Asked about a database with tables of somebody else before anything is written, outside of a transaction.
   * OK: the steps know what to do with it. NULL refuses it. */
  pixazo_status (*adopt)(void *self, px_db_link *link, pixazo_error **error);
  void *self;
} px_db_schema;

/* Brings the schema up to date in one transaction. E_UNSUPPORTED: of a newer library; E_EXISTS: of another program.
 * Both leave the database as it was, byte for byte. */
pixazo_status px_db_migrate(px_db *db, const px_db_schema *schema, pixazo_error **error);

#endif
