/* SPDX-License-Identifier: MIT */
/* Inside the journal: what its files share. */
#ifndef PX_REPOSITORY_WRITING_H
#define PX_REPOSITORY_WRITING_H

#include "repository/internal.h"
#include "repository/journal.h"
#include "repository/ledger.h"
#include "repository/stat.h"
#include "repository/state.h"
#include "repository/worker.h"

struct px_journal {
  pixazo_repository *repository; /* one reference */
  const px_clock *clock;
  px_worker worker;
  int shard;
  px_db_link *link; /* between begin and commit */
  px_stats stats;   /* of this transaction */
  px_ledger ledger; /* likewise */
  int64_t first_new; /* likewise: the generation it made first; 0: none */
  int64_t beat_us;  /* monotonic; of a gate: when it last said that it lives */
};

pixazo_status px_journal_open_as(const px_journal_options *options, int32_t kind, px_journal **out, pixazo_error **error);
/* Sets the budget of this run, NULL: none; a transaction of its own. */
pixazo_status px_journal_limit_run(px_journal *journal, const px_budget_terms *terms, pixazo_error **error);
/* E_STATE outside of a transaction. */
pixazo_status px_journal_check(const px_journal *journal, pixazo_error **error);

/* One write of the journal: a part of the transaction that is kept whole or undone, statistics too. */
pixazo_status px_part_begin(px_journal *journal, pixazo_error **error);
pixazo_status px_part_end(px_journal *journal, pixazo_status status, pixazo_error **error); /* returns `status` */

/* px_search_captions, whether this very transaction made the generation or not. */
pixazo_status px_journal_captions(px_journal *journal, int64_t generation, bool given, pixazo_error **error);

/* A generation as it stands, and as it shall be: fields from `class` on are written back by px_generation_write.
 * Text is borrowed: what was read lives as long as `rows`. */
typedef struct px_generation_row {
  px_db_rows *rows;
  int64_t id;
  const char *uuid;
  const char *provider;
  const char *model;
  const char *currency;
  const char *principal;
  int64_t ended_us;
  int32_t state;
  bool owned; /* by some worker */
  bool mine;  /* of this worker, or of nobody */
  int32_t class;
  int32_t http_status;
  int32_t attempts;
  int32_t final;
  int32_t decided;
  int32_t delivered;
  int64_t not_before_us;
  int64_t day;
  int64_t sent_us;
  int64_t answered_us;
  const char *message;
  const char *new_provider; /* NULL: unchanged, as for all below */
  const char *new_model;
  const char *effective_json;
  const char *outcome_json;
  const char *route_json;
} px_generation_row;

void px_generation_row_done(px_generation_row *row);
/* E_NOT_FOUND. */
pixazo_status px_generation_read(px_journal *journal, const char *uuid, px_generation_row *row, pixazo_error **error);
/* Derives the state from attempts and pictures, adds up the cost, writes it all and counts it. E_CONFLICT: not mine. */
pixazo_status px_generation_write(px_journal *journal, px_generation_row *row, pixazo_error **error);
/* Counts the states of a generation's attempts and pictures. */
pixazo_status px_standing_read(px_db_link *link, int64_t generation, px_standing *standing, pixazo_error **error);
pixazo_status px_generation_require_mine(const px_generation_row *row, pixazo_error **error);

#endif
