/* SPDX-License-Identifier: MIT */
#include "repository/worker.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "repository/budget.h"

enum { LOCK_NAME = PX_UUID_TEXT + 8, HOST_MAX = 256, EXPANDED_MAX = 4096 };

static void lock_name(const char *uuid, char name[LOCK_NAME])
{
  (void)snprintf(name, LOCK_NAME, "%s.lock", uuid);
}

static pixazo_status take_lock(px_worker *worker, const char *directory, pixazo_error **error)
{
  char name[LOCK_NAME];
  PX_TRY(px_directory_make(directory, 0700, error));
  PX_TRY(px_directory_open(directory, &worker->directory, error));
  lock_name(worker->uuid, name);
  PX_TRY(px_file_create_at(worker->directory, name, 0600, &worker->lock, error));
  if (flock(worker->lock, LOCK_EX | LOCK_NB) != 0)
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot lock %s/%s", directory, name);
  /* After a power loss the file must still say whose spool this is. */
  return px_directory_flush(worker->directory, directory, error);
}

static pixazo_status insert_row(px_worker *worker, px_db *db, const char *directory, const px_clock *clock,
                                pixazo_error **error)
{
  char host[HOST_MAX] = "";
  px_cleanup(px_db_end) px_db_link *link = NULL;
  px_auto(px_buf) sql = PX_BUF_INIT(EXPANDED_MAX);
  (void)gethostname(host, sizeof host - 1);
  PX_TRY(px_db_begin_write(db, &link, error));
  PX_TRY(px_db_expand_on(link,
                         "INSERT INTO worker (uuid, kind, place, host, pid, started_us, heartbeat_us) "
                         "VALUES (?, ?, ?, ?, ?, ?, {now_us})",
                         &sql, error));
  PX_TRY(px_db_insert(link, px_buf_text(&sql),
                      PX_BIND(px_db_text(worker->uuid), px_db_int(worker->kind), px_db_text(directory), px_db_text(host),
                              px_db_int(getpid()), px_db_int(px_wall_us(clock))),
                      &worker->id, error));
  return px_db_commit(&link, error);
}

pixazo_status px_worker_start(px_worker *worker, px_db *db, const char *directory, int32_t kind, const px_clock *clock,
                              pixazo_error **error)
{
  worker->kind = kind;
  px_uuid_new(clock, worker->uuid);
  pixazo_status status = take_lock(worker, directory, error);
  if (status == PIXAZO_OK)
    status = insert_row(worker, db, directory, clock, error);
  if (status != PIXAZO_OK) {
    if (worker->directory >= 0)
      px_worker_bury(worker->directory, worker->uuid);
    px_close_scoped(&worker->lock);
    px_close_scoped(&worker->directory);
  }
  return status;
}

static pixazo_status delete_row(const px_worker *worker, px_db *db, bool *gone)
{
  px_cleanup(px_db_end) px_db_link *link = NULL;
  int64_t changed = 0;
  PX_TRY(px_db_begin_write(db, &link, NULL));
  PX_TRY(px_db_run(link, "DELETE FROM worker WHERE id = ? AND NOT EXISTS (SELECT 1 FROM generation WHERE worker = ?)",
                   PX_BIND(px_db_int(worker->id), px_db_int(worker->id)), &changed, NULL));
  if (changed > 0)
    PX_TRY(px_budget_drop_run(link, worker->uuid, NULL));
  PX_TRY(px_db_commit(&link, NULL));
  *gone = changed > 0;
  return PIXAZO_OK;
}

/* In a forked child the row stays, because no transaction begins there, and the parent's lock with it. */
void px_worker_stop(px_worker *worker, px_db *db)
{
  bool gone = false;
  if (worker->id != 0 && delete_row(worker, db, &gone) == PIXAZO_OK && gone)
    px_worker_bury(worker->directory, worker->uuid);
  px_close_scoped(&worker->lock);
  px_close_scoped(&worker->directory);
}

pixazo_status px_worker_heartbeat(const px_worker *worker, px_db_link *link, pixazo_error **error)
{
  px_auto(px_buf) sql = PX_BUF_INIT(EXPANDED_MAX);
  PX_TRY(px_db_expand_on(link, "UPDATE worker SET heartbeat_us = {now_us} WHERE id = ? AND uuid = ?", &sql, error));
  int64_t changed = 0;
  PX_TRY(px_db_run(link, px_buf_text(&sql), PX_BIND(px_db_int(worker->id), px_db_text(worker->uuid)), &changed, error));
  if (changed == 0)
    return px_fail(error, PIXAZO_E_CONFLICT, "worker %s was declared dead; its work belongs to others now", worker->uuid);
  return PIXAZO_OK;
}

/* Somebody who only looks (px_worker_lives) holds the lock for a moment. */
static bool take_for_good(int descriptor)
{
  enum { LOOKS = 3 };
  static const struct timespec MOMENT = {0, 1000000};
  for (int i = 0; i < LOOKS; i++) {
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0)
      return true;
    (void)nanosleep(&MOMENT, NULL);
  }
  return false;
}

pixazo_status px_worker_probe(int directory, const char *uuid, int32_t *state, int *lock, pixazo_error **error)
{
  char name[LOCK_NAME];
  px_autoerror why = NULL;
  px_autoclose int descriptor = -1;
  lock_name(uuid, name);
  pixazo_status status = px_file_open_at(directory, name, &descriptor, NULL, &why);
  if (status == PIXAZO_E_NOT_FOUND) {
    *state = PX_LOCK_ABSENT;
    return PIXAZO_OK;
  }
  if (status != PIXAZO_OK) {
    px_error_move(error, px_steal(&why));
    return status;
  }
  if (!take_for_good(descriptor)) {
    *state = PX_LOCK_LIVE;
    return PIXAZO_OK;
  }
  *state = PX_LOCK_TAKEN;
  *lock = descriptor;
  descriptor = -1;
  return PIXAZO_OK;
}

/* 1: locked; 0: not, its worker is gone; -1: cannot be seen. Never keeps the lock from whoever comes to take it for good:
 * those look again (px_worker_probe). */
static int locked(const char *place, const char *uuid)
{
  char name[LOCK_NAME];
  px_autoclose int directory = -1;
  px_autoclose int descriptor = -1;
  lock_name(uuid, name);
  if (px_directory_open(place, &directory, NULL) != PIXAZO_OK ||
      px_file_open_at(directory, name, &descriptor, NULL, NULL) != PIXAZO_OK)
    return -1;
  return flock(descriptor, LOCK_SH | LOCK_NB) != 0;
}

bool px_worker_lives(const char *place, const char *uuid, int32_t kind, int64_t silent_us)
{
  int seen = locked(place, uuid);
  if (seen >= 0)
    return seen == 1;
  return silent_us <= (kind == PX_WORKER_GATE ? PX_WORKER_GATE_SILENCE_US : PX_WORKER_SILENCE_US);
}

void px_worker_bury(int directory, const char *uuid)
{
  char name[LOCK_NAME];
  lock_name(uuid, name);
  (void)px_file_remove_at(directory, name, NULL);
}
