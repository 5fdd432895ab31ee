/* SPDX-License-Identifier: MIT */
#include "repository/schema.h"

#include "base/error.h"
#include "base/mem.h"
#include "repository/search.h"

/* Ids of rows stay inside; UUIDs are what the outside sees. Instants are UTC microseconds, days count from
 * 1970-01-01, money is micro-units; state, class and confidence are the numbers of the public headers. */
static const char *const tables[] = {
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)",

    "CREATE TABLE worker (id {id}, uuid TEXT NOT NULL UNIQUE, kind INTEGER NOT NULL, place TEXT NOT NULL, "
    "host TEXT NOT NULL, pid BIGINT NOT NULL, started_us BIGINT NOT NULL, heartbeat_us BIGINT NOT NULL)",

    "CREATE TABLE batch (id {id}, uuid TEXT NOT NULL UNIQUE, created_us BIGINT NOT NULL)",

    "CREATE TABLE generation (id {id}, uuid TEXT NOT NULL UNIQUE, batch BIGINT REFERENCES batch (id), "
    "principal TEXT NOT NULL DEFAULT '', idempotency_key TEXT, parent TEXT, relation TEXT, "
    "request_json TEXT, metadata_json TEXT, effective_json TEXT, outcome_json TEXT, route_json TEXT, "
    "prompt TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, images INTEGER NOT NULL DEFAULT 1, "
    "state INTEGER NOT NULL, class INTEGER NOT NULL DEFAULT 0, http_status INTEGER NOT NULL DEFAULT 0, message TEXT, "
    "safety TEXT, captions TEXT, attempts INTEGER NOT NULL DEFAULT 0, final INTEGER NOT NULL DEFAULT 0, "
    "decided INTEGER NOT NULL DEFAULT 0, "
    "delivered INTEGER NOT NULL DEFAULT 0, purged INTEGER NOT NULL DEFAULT 0, "
    "not_before_us BIGINT NOT NULL DEFAULT 0, worker BIGINT REFERENCES worker (id), token TEXT, "
    "cost_micros BIGINT NOT NULL DEFAULT 0, currency TEXT NOT NULL DEFAULT 'USD', "
    "confidence INTEGER NOT NULL DEFAULT 0, day BIGINT NOT NULL, "
    "sent_us BIGINT NOT NULL DEFAULT 0, answered_us BIGINT NOT NULL DEFAULT 0, ended_us BIGINT NOT NULL DEFAULT 0, "
    "created_us BIGINT NOT NULL, updated_us BIGINT NOT NULL, deleted_us BIGINT NOT NULL DEFAULT 0, "
    "replay_key TEXT, replayed_from TEXT, legacy_time TEXT, legacy_status TEXT)",
    "CREATE UNIQUE INDEX generation_key ON generation (principal, idempotency_key) WHERE idempotency_key IS NOT NULL",
    "CREATE INDEX generation_replay ON generation (replay_key, id) WHERE replay_key IS NOT NULL",
    "CREATE INDEX generation_state ON generation (state, id)",
    "CREATE INDEX generation_model ON generation (provider, model, id)",
    "CREATE INDEX generation_principal ON generation (principal, id) WHERE principal <> ''",
    "CREATE INDEX generation_batch ON generation (batch, id) WHERE batch IS NOT NULL",
    "CREATE INDEX generation_parent ON generation (parent) WHERE parent IS NOT NULL",
    "CREATE INDEX generation_worker ON generation (worker, id) WHERE worker IS NOT NULL",
    "CREATE INDEX generation_created ON generation (created_us)",

    /* Rows that older tools wrote, not yet in the full-text index. */
    "CREATE TABLE search_pending (generation BIGINT PRIMARY KEY) {keyed}",

    "CREATE TABLE attempt (id {id}, uuid TEXT NOT NULL UNIQUE, generation BIGINT NOT NULL REFERENCES generation (id), "
    "n INTEGER NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, state INTEGER NOT NULL, "
    "class INTEGER NOT NULL DEFAULT 0, http_status INTEGER NOT NULL DEFAULT 0, provider_code TEXT, request_id TEXT, "
    "remote_id TEXT, poll_url TEXT, spool TEXT, answer {bytes}, message TEXT, safety TEXT, "
    "sent_us BIGINT NOT NULL, answered_us BIGINT NOT NULL DEFAULT 0, UNIQUE (generation, n))",
    "CREATE INDEX attempt_sending ON attempt (provider) WHERE state = 1",

    "CREATE TABLE image (id {id}, uuid TEXT NOT NULL UNIQUE, generation BIGINT NOT NULL REFERENCES generation (id), "
    "attempt BIGINT NOT NULL REFERENCES attempt (id), position INTEGER NOT NULL, state INTEGER NOT NULL, "
    "remote_url TEXT, expires_us BIGINT NOT NULL DEFAULT 0, store TEXT, store_key TEXT, path TEXT, "
    "sha256 TEXT, md5 TEXT, content_type TEXT, width INTEGER NOT NULL DEFAULT 0, height INTEGER NOT NULL DEFAULT 0, "
    "bytes BIGINT NOT NULL DEFAULT 0, has_alpha INTEGER NOT NULL DEFAULT 0, thumbhash {bytes}, phash BIGINT, "
    "alt_text TEXT, revised_prompt TEXT, seed BIGINT, rating INTEGER NOT NULL DEFAULT 0, starred INTEGER NOT NULL DEFAULT 0, "
    "post_id TEXT, prompt_id TEXT, reason TEXT, safety TEXT, generation_us BIGINT NOT NULL DEFAULT 0, "
    "download_us BIGINT NOT NULL DEFAULT 0, processing_us BIGINT NOT NULL DEFAULT 0, "
    "recorded_us BIGINT NOT NULL DEFAULT 0, deleted_us BIGINT NOT NULL DEFAULT 0, purge_us BIGINT NOT NULL DEFAULT 0, "
    "updated_us BIGINT NOT NULL, UNIQUE (attempt, position))",
    "CREATE INDEX image_generation ON image (generation)",
    "CREATE INDEX image_key ON image (store_key)",
    "CREATE INDEX image_post ON image (post_id) WHERE post_id IS NOT NULL",
    "CREATE INDEX image_prompt ON image (prompt_id) WHERE prompt_id IS NOT NULL",
    "CREATE INDEX image_deleted ON image (deleted_us) WHERE deleted_us > 0",

    "CREATE TABLE rendition (id {id}, image BIGINT NOT NULL REFERENCES image (id), name TEXT NOT NULL, "
    "store_key TEXT NOT NULL, content_type TEXT, sha256 TEXT, width INTEGER NOT NULL DEFAULT 0, "
    "height INTEGER NOT NULL DEFAULT 0, bytes BIGINT NOT NULL DEFAULT 0, duration_us BIGINT NOT NULL DEFAULT 0, "
    "created_us BIGINT NOT NULL, UNIQUE (image, name))",
    "CREATE INDEX rendition_key ON rendition (store_key)",

    "CREATE TABLE tag (image BIGINT NOT NULL REFERENCES image (id), name TEXT NOT NULL, PRIMARY KEY (image, name))",

    "CREATE TABLE ledger (attempt {id} REFERENCES attempt (id), principal TEXT NOT NULL, provider TEXT NOT NULL, "
    "day BIGINT NOT NULL, state INTEGER NOT NULL, upper_bound_micros BIGINT NOT NULL, amount_micros BIGINT NOT NULL, "
    "currency TEXT NOT NULL, confidence INTEGER NOT NULL, over INTEGER NOT NULL DEFAULT 0, "
    "created_us BIGINT NOT NULL, updated_us BIGINT NOT NULL)",
    "CREATE INDEX ledger_day ON ledger (day)",
    "CREATE INDEX ledger_unsettled ON ledger (state) WHERE state IN (1, 4)",

    /* scope "all", "principal", "provider" or "run" (named by its worker); period "day", "month" or "total".
     * used_micros belongs to `period_id`; NULL there means that it is to be added up anew. */
    "CREATE TABLE budget (id {id}, scope TEXT NOT NULL, name TEXT NOT NULL DEFAULT '', period TEXT NOT NULL, "
    "currency TEXT NOT NULL DEFAULT 'USD', cap_micros BIGINT NOT NULL, allow_unknown INTEGER NOT NULL DEFAULT 0, "
    "period_id BIGINT, used_micros BIGINT NOT NULL DEFAULT 0, UNIQUE (scope, name, period, currency))",
    /* provider and principal: "" all together, "*" each for itself, "=name" that one. requests 0, slots 0: any number;
     * max_wait_us -1: as long as it takes. */
    "CREATE TABLE quota (id {id}, provider TEXT NOT NULL DEFAULT '', principal TEXT NOT NULL DEFAULT '', "
    "requests BIGINT NOT NULL DEFAULT 0, window_us BIGINT NOT NULL DEFAULT 0, burst BIGINT NOT NULL DEFAULT 0, "
    "slots BIGINT NOT NULL DEFAULT 0, max_wait_us BIGINT NOT NULL DEFAULT -1, UNIQUE (provider, principal))",
    /* When all that was taken is paid off. */
    "CREATE TABLE bucket (quota BIGINT NOT NULL REFERENCES quota (id), provider TEXT NOT NULL, principal TEXT NOT NULL, "
    "next_us BIGINT NOT NULL, PRIMARY KEY (quota, provider, principal)) {keyed}",

    "CREATE TABLE stat_day (day BIGINT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, shard INTEGER NOT NULL, "
    "currency TEXT NOT NULL, done BIGINT NOT NULL DEFAULT 0, partial BIGINT NOT NULL DEFAULT 0, "
    "failed BIGINT NOT NULL DEFAULT 0, blocked BIGINT NOT NULL DEFAULT 0, ambiguous BIGINT NOT NULL DEFAULT 0, "
    "cancelled BIGINT NOT NULL DEFAULT 0, abandoned BIGINT NOT NULL DEFAULT 0, attempts BIGINT NOT NULL DEFAULT 0, "
    "pictures BIGINT NOT NULL DEFAULT 0, bytes BIGINT NOT NULL DEFAULT 0, cost_micros BIGINT NOT NULL DEFAULT 0, "
    "time_us BIGINT NOT NULL DEFAULT 0, timed BIGINT NOT NULL DEFAULT 0, "
    "PRIMARY KEY (day, provider, model, shard, currency)) {keyed}",
};

typedef struct opening {
  const pixazo_repository *repository;
  bool convert_legacy;
} opening;

static pixazo_status adopt(void *self, px_db_link *link, pixazo_error **error)
{
  const opening *how = self;
  return px_legacy_adopt(link, px_db_name(how->repository->db), how->convert_legacy, error);
}

static pixazo_status make_first_version(void *self, px_db_link *link, pixazo_error **error)
{
  (void)self;
  bool legacy = false;
  PX_TRY(px_legacy_found(link, &legacy, error));
  if (legacy)
    PX_TRY(px_legacy_set_aside(link, error));
  for (size_t i = 0; i < PX_ARRAY_SIZE(tables); i++)
    PX_TRY(px_db_run_expanded(link, tables[i], error));
  PX_TRY(px_search_make(link, error));
  PX_TRY(px_schema_make_views(link, error));
  return legacy ? px_legacy_bring_in(link, error) : PIXAZO_OK;
}

static pixazo_status (*const steps[])(void *, px_db_link *, pixazo_error **) = {make_first_version};

pixazo_status px_schema_open(pixazo_repository *repository, bool convert_legacy, pixazo_error **error)
{
  opening how = {repository, convert_legacy};
  px_db_schema schema = {PX_SCHEMA_APPLICATION, steps, PX_ARRAY_SIZE(steps), adopt, &how};
  return px_db_migrate(repository->db, &schema, error);
}
