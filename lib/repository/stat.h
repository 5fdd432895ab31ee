/* SPDX-License-Identifier: MIT */
/* Statistics by day: gathered in memory during a transaction and written once before it commits, in the shard of the
 * worker, so that writers seldom meet in a row. */
#ifndef PX_REPOSITORY_STAT_H
#define PX_REPOSITORY_STAT_H

#include <stddef.h>
#include <stdint.h>

#include "db/db.h"

enum { PX_STAT_SHARDS = 16 };

/* Whose numbers change. Text is borrowed. */
typedef struct px_stat_key {
  int64_t day;
  const char *provider;
  const char *model;
  const char *currency;
} px_stat_key;

typedef enum px_stat_field {
  PX_STAT_DONE, /* the ended states, in the order of PIXAZO_GENERATION_DONE and on */
  PX_STAT_PARTIAL,
  PX_STAT_FAILED,
  PX_STAT_BLOCKED,
  PX_STAT_AMBIGUOUS,
  PX_STAT_CANCELLED,
  PX_STAT_ABANDONED,
  PX_STAT_ATTEMPTS,
  PX_STAT_PICTURES,
  PX_STAT_BYTES,
  PX_STAT_COST,
  PX_STAT_TIME,
  PX_STAT_TIMED,
  PX_STAT_FIELDS
} px_stat_field;

typedef struct px_stat_row {
  int64_t day;
  char *provider;
  char *model;
  char *currency;
  int64_t numbers[PX_STAT_FIELDS];
} px_stat_row;

enum { PX_STAT_UNDO = 16 }; /* more than one part of a transaction ever adds */

typedef struct px_stats {
  px_stat_row *rows;
  size_t count;
  struct {
    size_t row;
    px_stat_field field;
    int64_t amount;
  } undo[PX_STAT_UNDO];
  size_t undo_count;
} px_stats;

pixazo_status px_stats_add(px_stats *stats, const px_stat_key *key, px_stat_field field, int64_t amount,
                           pixazo_error **error);
/* What is added after a mark can be taken back, as its part of the transaction is. */
void px_stats_mark(px_stats *stats);
void px_stats_undo(px_stats *stats);
/* Writes what was gathered and forgets it. */
pixazo_status px_stats_write(px_stats *stats, px_db_link *link, int shard, pixazo_error **error);
void px_stats_clear(px_stats *stats);

#endif
