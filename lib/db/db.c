/* SPDX-License-Identifier: MIT */
#include "db/db.h"

#include <pthread.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "db/driver.h"

enum { READERS = 4 };

struct px_db_link {
  px_db *db;
  void *connection; /* NULL: not opened yet (readers) */
  px_db_cache cache;
  bool writer;
  bool taken;          /* readers: under db->lock */
  bool in_transaction; /* one was begun and not ended by us */
};

struct px_db {
  /* constant */
  const px_db_driver *driver;
  char *name;
  uint32_t busy_timeout_ms;
  pid_t process;
  /* held by the thread that writes, from begin to commit */
  pthread_mutex_t write_lock;
  px_db_link writer;
  /* synced */
  pthread_mutex_t lock;
  pthread_cond_t returned;
  px_db_link readers[READERS];
};

static const px_db_driver *const drivers[] = {&px_db_sqlite};

static pixazo_status start_locks(px_db *db, pixazo_error **error)
{
  pthread_mutexattr_t checked;
  if (pthread_mutexattr_init(&checked) != 0)
    return px_fail_nomem(error);
  bool good = pthread_mutexattr_settype(&checked, PTHREAD_MUTEX_ERRORCHECK) == 0;
  good = good && pthread_mutex_init(&db->write_lock, &checked) == 0;
  (void)pthread_mutexattr_destroy(&checked);
  if (!good)
    return px_fail_nomem(error);
  (void)pthread_mutex_init(&db->lock, NULL);
  (void)pthread_cond_init(&db->returned, NULL);
  return PIXAZO_OK;
}

static pixazo_status connect_link(px_db *db, px_db_link *link, bool writer, pixazo_error **error)
{
  px_db_options options = {db->name, db->busy_timeout_ms};
  link->db = db;
  link->writer = writer;
  return db->driver->open(&options, writer, &link->connection, error);
}

static void disconnect_link(px_db_link *link)
{
  if (!link->connection)
    return;
  px_db_cache_clear(&link->cache, link->db->driver);
  link->db->driver->close(link->connection);
  link->connection = NULL;
}

static void destroy(px_db *db)
{
  /* A connection must not be used in a child, not even to close it: the locks are the parent's. */
  if (getpid() == db->process) {
    for (int i = 0; i < READERS; i++)
      disconnect_link(&db->readers[i]);
    disconnect_link(&db->writer); /* last: it is the one that folds the log into the file */
    (void)pthread_mutex_destroy(&db->write_lock);
    (void)pthread_mutex_destroy(&db->lock);
    (void)pthread_cond_destroy(&db->returned);
  }
  px_free(db->name);
  px_free(db);
}

pixazo_status px_db_open(const px_db_options *options, px_db **out, pixazo_error **error)
{
  px_db *db = px_calloc(1, sizeof *db);
  if (!db)
    return px_fail_nomem(error);
  db->driver = drivers[0];
  db->busy_timeout_ms = options->busy_timeout_ms;
  db->process = getpid();
  pixazo_status status = start_locks(db, error);
  if (status != PIXAZO_OK) {
    px_free(db);
    return status;
  }
  status = db->driver->locate(options->name, &db->name, error);
  if (status == PIXAZO_OK)
    status = connect_link(db, &db->writer, true, error);
  if (status != PIXAZO_OK) {
    destroy(db);
    return status;
  }
  *out = db;
  return PIXAZO_OK;
}

void px_db_close(px_db *db)
{
  if (db)
    destroy(db);
}

const char *px_db_name(const px_db *db)
{
  return db->name;
}

void *px_db_link_connection(const px_db_link *link)
{
  return link->connection;
}

const px_db_driver *px_db_link_driver(const px_db_link *link)
{
  return link->db->driver;
}

px_db_cache *px_db_link_cache(px_db_link *link)
{
  return &link->cache;
}

static pixazo_status same_process(const px_db *db, pixazo_error **error)
{
  if (getpid() != db->process)
    return px_fail(error, PIXAZO_E_STATE, "%s was opened before this process forked; open it again", db->name);
  return PIXAZO_OK;
}

pixazo_status px_db_lock_writer(px_db *db, px_db_link **out, pixazo_error **error)
{
  PX_TRY(same_process(db, error));
  if (pthread_mutex_lock(&db->write_lock) != 0)
    return px_fail(error, PIXAZO_E_STATE, "this thread is inside a transaction on %s already", db->name);
  *out = &db->writer;
  return PIXAZO_OK;
}

pixazo_status px_db_start_write(px_db_link *link, pixazo_error **error)
{
  PX_TRY(px_db_run_expanded(link, "{begin_write}", error));
  link->in_transaction = true;
  return PIXAZO_OK;
}

pixazo_status px_db_begin_write(px_db *db, px_db_link **out, pixazo_error **error)
{
  px_cleanup(px_db_end) px_db_link *link = NULL;
  PX_TRY(px_db_lock_writer(db, &link, error));
  PX_TRY(px_db_start_write(link, error));
  *out = px_steal(&link);
  return PIXAZO_OK;
}

/* A free reader, an open one first. */
static px_db_link *pick_reader(px_db *db)
{
  px_db_link *picked = NULL;
  for (int i = 0; i < READERS; i++) {
    px_db_link *reader = &db->readers[i];
    if (!reader->taken && (!picked || (reader->connection && !picked->connection)))
      picked = reader;
  }
  return picked;
}

static px_db_link *take_reader(px_db *db)
{
  (void)pthread_mutex_lock(&db->lock);
  px_db_link *reader;
  while (!(reader = pick_reader(db)))
    (void)pthread_cond_wait(&db->returned, &db->lock);
  reader->db = db;
  reader->taken = true;
  (void)pthread_mutex_unlock(&db->lock);
  return reader;
}

pixazo_status px_db_borrow_reader(px_db *db, px_db_link **out, pixazo_error **error)
{
  PX_TRY(same_process(db, error));
  px_cleanup(px_db_end) px_db_link *link = take_reader(db);
  if (!link->connection)
    PX_TRY(connect_link(db, link, false, error));
  *out = px_steal(&link);
  return PIXAZO_OK;
}

pixazo_status px_db_begin_read(px_db *db, px_db_link **out, pixazo_error **error)
{
  px_cleanup(px_db_end) px_db_link *link = NULL;
  PX_TRY(px_db_borrow_reader(db, &link, error));
  PX_TRY(px_db_run(link, "BEGIN", PX_BIND_NONE, NULL, error));
  link->in_transaction = true;
  *out = px_steal(&link);
  return PIXAZO_OK;
}

static void give_back(px_db_link *link)
{
  px_db *db = link->db;
  link->in_transaction = false;
  if (link->writer) {
    (void)pthread_mutex_unlock(&db->write_lock);
    return;
  }
  (void)pthread_mutex_lock(&db->lock);
  link->taken = false;
  (void)pthread_cond_signal(&db->returned);
  (void)pthread_mutex_unlock(&db->lock);
}

void px_db_end(px_db_link **slot)
{
  px_db_link *link = px_steal(slot);
  if (!link)
    return;
  if (link->connection && link->db->driver->in_transaction(link->connection)) {
    link->in_transaction = false;
    (void)px_db_run(link, "ROLLBACK", PX_BIND_NONE, NULL, NULL);
  }
  give_back(link);
}

pixazo_status px_db_commit(px_db_link **slot, pixazo_error **error)
{
  px_cleanup(px_db_end) px_db_link *link = px_steal(slot);
  return px_db_run(link, "COMMIT", PX_BIND_NONE, NULL, error);
}

pixazo_status px_db_savepoint(px_db_link *link, pixazo_error **error)
{
  return px_db_run(link, "SAVEPOINT part", PX_BIND_NONE, NULL, error);
}

pixazo_status px_db_savepoint_end(px_db_link *link, pixazo_status status, pixazo_error **error)
{
  if (status == PIXAZO_OK)
    return px_db_run(link, "RELEASE SAVEPOINT part", PX_BIND_NONE, NULL, error);
  (void)px_db_run(link, "ROLLBACK TO SAVEPOINT part", PX_BIND_NONE, NULL, NULL);
  (void)px_db_run(link, "RELEASE SAVEPOINT part", PX_BIND_NONE, NULL, NULL);
  return status;
}

/* After some failures (disk full) a database drops the whole transaction. Going on would commit each later
 * statement alone. */
pixazo_status px_db_link_check(const px_db_link *link, pixazo_error **error)
{
  if (link->in_transaction && !link->db->driver->in_transaction(link->connection))
    return px_fail(error, PIXAZO_E_IO, "%s: the transaction was undone by an earlier failure", link->db->name);
  return PIXAZO_OK;
}

pixazo_status px_db_expand_on(const px_db_link *link, const char *text, px_buf *out, pixazo_error **error)
{
  return px_db_expand(link->db, text, out, error);
}

const px_db_driver *px_db_driver_of(const px_db *db)
{
  return db->driver;
}
