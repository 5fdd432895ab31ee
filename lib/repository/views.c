/* SPDX-License-Identifier: MIT */
/* The tables of older tools as views. */
#include "base/error.h"
#include "base/mem.h"
#include "repository/schema.h"

/* The status words of the Pixazo MCP tool. */
#define STATUS_TEXT                                                                                     \
  "coalesce(g.legacy_status, CASE "                                                                     \
  "WHEN g.state IN (3, 4) OR EXISTS (SELECT 1 FROM image r WHERE r.generation = g.id AND r.state = 2) " \
  "THEN 'SUCCESS' "                                                                                     \
  "WHEN g.class = 8 AND (g.state > 2 OR EXISTS (SELECT 1 FROM image r WHERE r.generation = g.id)) "     \
  "THEN 'DOWNLOAD_FAILED' "                                                                             \
  "WHEN g.state <= 2 THEN 'PENDING' "                                                                   \
  "WHEN g.http_status >= 400 THEN 'HTTP_' || g.http_status "                                            \
  "ELSE 'EXCEPTION' END)"

#define LOCAL_PATH(image) \
  "coalesce(" image ".path, (SELECT s.value FROM setting s WHERE s.name = 'media_root') || '/' || " image ".store_key)"

/* What the old tool writes becomes a whole generation: attempt, ledger row and picture too. The order of the inserts
 * matters: the ledger's key is the attempt's id, so the last id stays the attempt's until the picture is written; tables
 * without row ids do not touch it. */
#define IS_HTTP "new.status LIKE 'HTTP^_%' ESCAPE '^'"
#define HTTP_STATUS "CASE WHEN " IS_HTTP " THEN min(max(CAST(substr(new.status, 6) AS INTEGER), 0), 999) ELSE 0 END"
#define ACCEPTED "new.status IN ('SUCCESS', 'DOWNLOAD_FAILED')"
#define IS_REFUSED "(" IS_HTTP " AND CAST(substr(new.status, 6) AS INTEGER) BETWEEN 400 AND 499)"
#define CLASS "CASE WHEN " ACCEPTED " THEN 8 WHEN " IS_REFUSED " THEN 2 ELSE 4 END"

static const char *const views[] = {
    "CREATE VIEW generations (id, timestamp, prompt, parameters_json, image_url, status) AS "
    "SELECT g.id, coalesce(g.legacy_time, {iso:g.created_us}), g.prompt, g.request_json, "
    "(SELECT CASE WHEN i.state = 2 THEN coalesce(" LOCAL_PATH(
        "i") ", i.remote_url) ELSE i.remote_url END "
             "FROM image i WHERE i.generation = g.id AND i.deleted_us = 0 "
             "ORDER BY CASE WHEN i.state = 2 THEN 0 ELSE 1 END, i.attempt, i.position LIMIT 1), " STATUS_TEXT
             " FROM generation g",

    "{on_insert_instead:generations} "
    "INSERT INTO generation (id, uuid, request_json, prompt, provider, model, state, class, http_status, attempts, "
    "final, day, sent_us, answered_us, ended_us, created_us, updated_us, legacy_time, legacy_status) "
    "SELECT new.id, {uuid}, new.parameters_json, new.prompt, 'pixazo', 'sdxl', "
    "CASE WHEN new.status = 'SUCCESS' THEN 3 ELSE 5 END, " CLASS ", " HTTP_STATUS ", 1, 1, "
    "t.at / 86400000000, t.at, t.at, t.at, t.at, t.at, new.timestamp, new.status "
    "FROM (SELECT {micros:new.timestamp} AS at) t; "
    "INSERT INTO search_pending (generation) VALUES ({last_id}); "
    "INSERT INTO attempt (uuid, generation, n, provider, model, state, class, http_status, sent_us, answered_us) "
    "SELECT {uuid}, g.id, 1, g.provider, g.model, CASE g.class WHEN 8 THEN 2 WHEN 2 THEN 4 ELSE 6 END, g.class, "
    "g.http_status, g.sent_us, g.answered_us FROM generation g WHERE g.id = {last_id}; "
    "INSERT INTO ledger (attempt, principal, provider, day, state, upper_bound_micros, amount_micros, currency, "
    "confidence, created_us, updated_us) "
    "SELECT a.id, '', a.provider, a.sent_us / 86400000000, CASE a.state WHEN 2 THEN 2 ELSE 3 END, 0, 0, 'USD', 0, "
    "a.sent_us, a.sent_us FROM attempt a WHERE a.id = {last_id}; "
    "INSERT INTO stat_day (day, provider, model, shard, currency, done, failed, attempts, pictures) "
    "SELECT g.day, g.provider, g.model, 0, g.currency, g.state = 3, g.state = 5, 1, g.state = 3 "
    "FROM attempt a JOIN generation g ON g.id = a.generation WHERE a.id = {last_id} "
    "ON CONFLICT (day, provider, model, shard, currency) DO UPDATE SET done = done + excluded.done, "
    "failed = failed + excluded.failed, attempts = attempts + 1, pictures = pictures + excluded.pictures; "
    "INSERT INTO image (uuid, generation, attempt, position, state, remote_url, path, reason, recorded_us, updated_us) "
    "SELECT {uuid}, a.generation, a.id, 0, CASE WHEN new.status = 'SUCCESS' THEN 2 ELSE 4 END, "
    "CASE WHEN new.image_url LIKE 'http%' OR new.status <> 'SUCCESS' THEN new.image_url END, "
    "CASE WHEN new.image_url NOT LIKE 'http%' AND new.status = 'SUCCESS' THEN new.image_url END, "
    "CASE WHEN new.status <> 'SUCCESS' THEN 'not downloaded' END, a.answered_us, a.answered_us "
    "FROM attempt a WHERE a.id = {last_id} AND (" ACCEPTED " OR new.image_url IS NOT NULL); {end_trigger}",

    "CREATE VIEW generated_images (id, \"user\", post_id, prompt_id, prompt, negative_prompt, provider, model_used, "
    "parameters, image_file, thumbnail, image_url, alt_text, width, height, file_size, format, quality, rating, cost, "
    "generation_time, status, created_at, updated_at) AS "
    "SELECT i.uuid, g.principal, i.post_id, i.prompt_id, g.prompt, {json:g.effective_json:negative_prompt}, g.provider, "
    "g.model, coalesce(g.effective_json, g.request_json), coalesce(i.path, i.store_key), "
    "(SELECT r.store_key FROM rendition r WHERE r.image = i.id ORDER BY r.width, r.id LIMIT 1), i.remote_url, "
    "i.alt_text, i.width, i.height, i.bytes, {after_slash:i.content_type}, {json:g.effective_json:quality}, i.rating, "
    "g.cost_micros / 1000000.0 / (SELECT count(*) FROM image n WHERE n.generation = g.id), "
    "i.generation_us / 1000000.0, "
    "CASE i.state WHEN 1 THEN 'expected' WHEN 2 THEN 'recorded' WHEN 3 THEN 'quarantined' ELSE 'lost' END, "
    "{iso:g.created_us}, {iso:i.updated_us} "
    "FROM image i JOIN generation g ON g.id = i.generation WHERE i.deleted_us = 0",
};

pixazo_status px_schema_make_views(px_db_link *link, pixazo_error **error)
{
  for (size_t i = 0; i < PX_ARRAY_SIZE(views); i++)
    PX_TRY(px_db_run_expanded(link, views[i], error));
  return PIXAZO_OK;
}
