/* SPDX-License-Identifier: MIT */
/* A worker: a row in the database and a file whose lock is held as long as the process lives. The lock is how others
 * see at once that it was killed; the name of the file tells whose spool the directory is. */
#ifndef PX_REPOSITORY_WORKER_H
#define PX_REPOSITORY_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "db/db.h"

/* SPOOL: of a pipeline, its lock is in its spool. GATE: of a bare client, its lock is beside the database. */
enum { PX_WORKER_SPOOL = 1, PX_WORKER_GATE = 2 };

typedef struct px_worker {
  int64_t id;
  char uuid[PX_UUID_TEXT];
  int directory; /* held open */
  int lock;
  int32_t kind;
} px_worker;

#define PX_WORKER_INIT \
  {                    \
    0, "", -1, -1, 0   \
  }

/* Takes the lock first, so that a row without a lock is a dead worker. */
pixazo_status px_worker_start(px_worker *worker, px_db *db, const char *directory, int32_t kind, const px_clock *clock,
                              pixazo_error **error);
/* Removes row and file when no generation names the worker any more; the lock goes in any case. */
void px_worker_stop(px_worker *worker, px_db *db);
pixazo_status px_worker_heartbeat(const px_worker *worker, px_db_link *link, pixazo_error **error);

/* A worker that was silent for longer is dead. The gate of a bare client speaks only when it is asked. */
#define PX_WORKER_SILENCE_US INT64_C(60000000)
#define PX_WORKER_GATE_SILENCE_US INT64_C(3600000000)

enum { PX_LOCK_TAKEN = 1, PX_LOCK_LIVE = 2, PX_LOCK_ABSENT = 3 };
/* Looks whether another worker of a directory lives. TAKEN: it does not, and *lock holds its file for the caller. */
pixazo_status px_worker_probe(int directory, const char *uuid, int32_t *state, int *lock, pixazo_error **error);
/* Whether a worker lives, from its row: its lock tells at once; where that cannot be seen, how long it was silent does. */
bool px_worker_lives(const char *place, const char *uuid, int32_t kind, int64_t silent_us);
/* Removes the lock file of a worker that is gone. */
void px_worker_bury(int directory, const char *uuid);

#endif
