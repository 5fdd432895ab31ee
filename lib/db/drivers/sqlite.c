/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/libraries.h"
#include "base/mem.h"
#include "db/driver.h"

static pixazo_status status_of(int code)
{
  switch (code & 0xFF) {
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return PIXAZO_E_BUSY;
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    return PIXAZO_E_CORRUPT;
  case SQLITE_NOMEM:
    return PIXAZO_E_NOMEM;
  case SQLITE_FULL:
  case SQLITE_IOERR:
  case SQLITE_CANTOPEN:
  case SQLITE_READONLY:
  case SQLITE_PERM:
    return PIXAZO_E_IO;
  case SQLITE_CONSTRAINT:
    return PIXAZO_E_CONFLICT;
  case SQLITE_TOOBIG:
    return PIXAZO_E_LIMIT;
  default:
    return PIXAZO_E_INTERNAL;
  }
}

static const char *name_of(sqlite3 *connection)
{
  const char *name = sqlite3_db_filename(connection, "main");
  return name ? name : "the database";
}

static pixazo_status fail(sqlite3 *connection, int code, pixazo_error **error)
{
  if ((code & 0xFF) == SQLITE_NOMEM)
    return px_fail_nomem(error);
  return px_fail(error, status_of(code), "%s: %s", name_of(connection), sqlite3_errmsg(connection));
}

static pixazo_status run(sqlite3 *connection, const char *sql, pixazo_error **error)
{
  int code = sqlite3_exec(connection, sql, NULL, NULL, NULL);
  return code == SQLITE_OK ? PIXAZO_OK : fail(connection, code, error);
}

/* Directory and file are made here, because SQLite's own files would have the modes the umask leaves. An existing
 * file is never opened beside SQLite: closing it would drop the locks this process holds on it. */
static pixazo_status make_file(const char *path, pixazo_error **error)
{
  int descriptor = px_open_at(AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return errno == EEXIST ? PIXAZO_OK : px_fail_errno(error, PIXAZO_E_IO, errno, "cannot create %s", path);
  int result = fchmod(descriptor, 0600);
  int number = errno;
  (void)close(descriptor);
  return result == 0 ? PIXAZO_OK : px_fail_errno(error, PIXAZO_E_IO, number, "cannot set the mode of %s", path);
}

/* Links in the directory part are the user's own and resolved; the file itself must not be one. */
static pixazo_status locate(const char *name, char **located, pixazo_error **error)
{
  char directory[PATH_MAX];
  const char *slash = strrchr(name, '/');
  const char *file = slash ? slash + 1 : name;
  px_autofree char *parent = slash ? px_strndup(name, slash == name ? 1 : (size_t)(slash - name)) : px_strdup(".");
  if (!parent)
    return px_fail_nomem(error);
  if (!*file)
    return px_fail(error, PIXAZO_E_ARGUMENT, "\"%s\" names a directory, not a database file", name);
  PX_TRY(px_directory_make(parent, 0700, error));
  if (!realpath(parent, directory))
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot resolve %s", parent);
  px_auto(px_buf) path = PX_BUF_INIT(PX_PATH_MAX);
  (void)px_buf_printf(&path, "%s/%s", strcmp(directory, "/") == 0 ? "" : directory, file);
  if (path.failed)
    return path.over ? px_fail(error, PIXAZO_E_ARGUMENT, "the path of %s is too long", file) : px_fail_nomem(error);
  PX_TRY(make_file(px_buf_text(&path), error));
  *located = px_buf_steal(&path);
  return *located ? PIXAZO_OK : px_fail_nomem(error);
}

static void set_limits(sqlite3 *connection)
{
  static const struct {
    int id;
    int value;
  } limits[] = {
      {SQLITE_LIMIT_LENGTH, 64 * 1024 * 1024},
      {SQLITE_LIMIT_SQL_LENGTH, 256 * 1024},
      {SQLITE_LIMIT_COLUMN, 200},
      {SQLITE_LIMIT_EXPR_DEPTH, 200},
      {SQLITE_LIMIT_COMPOUND_SELECT, 20},
      {SQLITE_LIMIT_FUNCTION_ARG, 20},
      {SQLITE_LIMIT_ATTACHED, 1}, /* VACUUM INTO needs one */
      {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 8192},
      {SQLITE_LIMIT_VARIABLE_NUMBER, 200},
      {SQLITE_LIMIT_TRIGGER_DEPTH, 10},
      {SQLITE_LIMIT_WORKER_THREADS, 0},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(limits); i++)
    (void)sqlite3_limit(connection, limits[i].id, limits[i].value);
}

/* Nothing here writes to the file: it may be somebody else's. */
static pixazo_status configure(sqlite3 *connection, const px_db_options *options, bool writer, pixazo_error **error)
{
  static const char common[] = "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;"
                               "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA synchronous = FULL;";
  set_limits(connection);
  (void)sqlite3_busy_timeout(connection, (int)(options->busy_timeout_ms > INT_MAX ? INT_MAX : options->busy_timeout_ms));
  (void)sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  (void)sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  (void)sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
  (void)sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  PX_TRY(run(connection, common, error));
  return run(connection, writer ? "PRAGMA cache_size = -1000" : "PRAGMA query_only = ON; PRAGMA cache_size = -512", error);
}

static pixazo_status sqlite_open(const px_db_options *options, bool writer, void **out, pixazo_error **error)
{
  if (!sqlite3_threadsafe())
    return px_fail(error, PIXAZO_E_UNSUPPORTED, "this SQLite was built without threads");
  sqlite3 *connection = NULL;
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
  int code = sqlite3_open_v2(options->name, &connection, flags, NULL);
  pixazo_status status;
  if (code == SQLITE_OK)
    status = configure(connection, options, writer, error);
  else
    status = connection ? px_fail(error, status_of(code), "cannot open %s: %s", options->name, sqlite3_errmsg(connection))
                        : px_fail_nomem(error);
  if (status != PIXAZO_OK) {
    (void)sqlite3_close_v2(connection);
    return status;
  }
  *out = connection;
  return PIXAZO_OK;
}

static void sqlite_shut(void *connection)
{
  (void)sqlite3_close_v2(connection);
}

static pixazo_status read_number(sqlite3 *connection, const char *sql, int64_t *number, pixazo_error **error)
{
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(connection, sql, -1, &statement, NULL);
  if (code == SQLITE_OK)
    code = sqlite3_step(statement);
  pixazo_status status = code == SQLITE_ROW ? PIXAZO_OK : fail(connection, code, error);
  if (status == PIXAZO_OK)
    *number = sqlite3_column_int64(statement, 0);
  (void)sqlite3_finalize(statement);
  return status;
}

/* SQLite takes a file shorter than one page for an empty database and would write over it, whatever it was. Asked
 * before the pages are counted, because another process may be making the file just now. */
static bool has_bytes(sqlite3 *connection)
{
  struct stat facts;
  return stat(name_of(connection), &facts) == 0 && facts.st_size > 0;
}

static pixazo_status identify(void *connection, px_db_identity *identity, pixazo_error **error)
{
  int64_t application_id = 0, version = 0, tables = 0, pages = 0;
  bool bytes = has_bytes(connection);
  PX_TRY(read_number(connection, "PRAGMA page_count", &pages, error));
  if (bytes && pages == 0)
    return px_fail(error, PIXAZO_E_CORRUPT, "%s is not a database, or was cut short", name_of(connection));
  PX_TRY(read_number(connection, "SELECT count(*) FROM sqlite_schema", &tables, error));
  PX_TRY(read_number(connection, "PRAGMA application_id", &application_id, error));
  PX_TRY(read_number(connection, "PRAGMA user_version", &version, error));
  *identity = (px_db_identity){(int32_t)application_id, (int32_t)version, tables == 0};
  return PIXAZO_OK;
}

static pixazo_status claim(void *connection, const px_db_identity *identity, pixazo_error **error)
{
  px_auto(px_buf) sql = PX_BUF_INIT(256);
  (void)px_buf_printf(&sql, "PRAGMA application_id = %d; PRAGMA user_version = %d", identity->application_id,
                      identity->version);
  return sql.failed ? px_fail_nomem(error) : run(connection, px_buf_text(&sql), error);
}

/* The change to WAL does not always call SQLite's busy handler: two processes that make one file at once meet here. */
static pixazo_status settle(void *connection, pixazo_error **error)
{
  enum { TRIES = 200, PAUSE_MS = 25 };
  int code = SQLITE_BUSY;
  for (int i = 0; i < TRIES && (code & 0xFF) == SQLITE_BUSY; i++) {
    if (i > 0)
      (void)sqlite3_sleep(PAUSE_MS);
    code = sqlite3_exec(connection, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
  }
  if (code != SQLITE_OK)
    return fail(connection, code, error);
  (void)sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
  return run(connection, "PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 2000", error);
}

static bool in_transaction(void *connection)
{
  return !sqlite3_get_autocommit(connection);
}

static int64_t count_changes(void *connection)
{
  return sqlite3_changes64(connection);
}

static int64_t last_id(void *connection)
{
  return sqlite3_last_insert_rowid(connection);
}

/* Our statements are right, so one that SQLite does not accept met a schema that is not ours any more. */
static pixazo_status prepare(void *connection, const char *sql, void **out, pixazo_error **error)
{
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v3(connection, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
  if (code == SQLITE_ERROR)
    return px_fail(error, PIXAZO_E_CORRUPT, "%s is not as it should be: %s", name_of(connection),
                   sqlite3_errmsg(connection));
  if (code != SQLITE_OK)
    return fail(connection, code, error);
  *out = statement;
  return PIXAZO_OK;
}

static void finish(void *statement)
{
  (void)sqlite3_finalize(statement);
}

static pixazo_status bind(void *statement, int index, const px_db_value *value, pixazo_error **error)
{
  int code = SQLITE_OK;
  switch (value->kind) {
  case PX_DB_NULL:
    code = sqlite3_bind_null(statement, index);
    break;
  case PX_DB_INT:
    code = sqlite3_bind_int64(statement, index, value->integer);
    break;
  case PX_DB_TEXT:
    code = sqlite3_bind_text64(statement, index, value->data, value->size, SQLITE_STATIC, SQLITE_UTF8);
    break;
  case PX_DB_BYTES:
    code = sqlite3_bind_blob64(statement, index, value->data, value->size, SQLITE_STATIC);
    break;
  }
  return code == SQLITE_OK ? PIXAZO_OK : fail(sqlite3_db_handle(statement), code, error);
}

static pixazo_status step(void *statement, bool *row, pixazo_error **error)
{
  int code = sqlite3_step(statement);
  if (code != SQLITE_ROW && code != SQLITE_DONE)
    return fail(sqlite3_db_handle(statement), code, error);
  *row = code == SQLITE_ROW;
  return PIXAZO_OK;
}

static void reset(void *statement)
{
  (void)sqlite3_reset(statement);
  (void)sqlite3_clear_bindings(statement);
}

/* A damaged or foreign row may hold any type in any column. */
static void column(void *statement, int index, px_db_value *value)
{
  switch (sqlite3_column_type(statement, index)) {
  case SQLITE_INTEGER:
  case SQLITE_FLOAT:
    *value = px_db_int(sqlite3_column_int64(statement, index));
    break;
  case SQLITE_TEXT:
    *value =
        (px_db_value){PX_DB_TEXT, 0, sqlite3_column_text(statement, index), (size_t)sqlite3_column_bytes(statement, index)};
    break;
  case SQLITE_BLOB:
    *value =
        (px_db_value){PX_DB_BYTES, 0, sqlite3_column_blob(statement, index), (size_t)sqlite3_column_bytes(statement, index)};
    break;
  default:
    *value = px_db_null();
  }
  if (value->kind != PX_DB_INT && !value->data)
    value->kind = PX_DB_NULL;
}

const px_db_driver px_db_sqlite = {
    "sqlite",       px_db_sqlite_words, locate,  sqlite_open, sqlite_shut, identify, claim, settle,
    in_transaction, count_changes,      last_id, prepare,     finish,      bind,     step,  reset,
    column,
};

bool px_library_search(void)
{
  return sqlite3_compileoption_used("ENABLE_FTS5") != 0;
}

const char *px_library_database(void)
{
  return sqlite3_libversion();
}
