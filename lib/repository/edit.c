/* SPDX-License-Identifier: MIT */
/* What users change: marks on pictures, and deleting in two phases. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "repository/internal.h"
#include "repository/search.h"
#include "repository/state.h"
#include "json/json.h"
#include "json/writer.h"

enum { JSON_MAX = 64 * 1024, KEYS_MAX = 256 * 1024 * 1024, TEXT_MAX = 4096 };

/* The members that may change; `given` says which do. */
enum { RATING, STARRED, POST_ID, PROMPT_ID, ALT_TEXT, MEMBERS };

typedef struct changes {
  bool given[MEMBERS];
  px_db_value values[MEMBERS];
} changes;

static pixazo_status read_number(const px_json *member, int64_t most, px_db_value *value, pixazo_error **error)
{
  bool flag = false;
  int64_t number = 0;
  if (most == 1 && px_json_get_bool(member, "", &flag, NULL) == PIXAZO_OK)
    number = flag;
  else if (px_json_get_int64(member, "", &number, NULL) != PIXAZO_OK || number < 0 || number > most)
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s must be an integer from 0 to %d", px_json_name(member), (int)most);
  *value = px_db_int(number);
  return PIXAZO_OK;
}

static pixazo_status read_text(const px_json *member, px_db_value *value, pixazo_error **error)
{
  if (!px_json_is(member, PX_JSON_NULL) && !px_json_is(member, PX_JSON_STRING))
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s must be text or null", px_json_name(member));
  const char *text = px_json_is(member, PX_JSON_STRING) ? px_json_text(member) : NULL;
  if (text && strlen(text) > TEXT_MAX)
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s has more than %d bytes", px_json_name(member), TEXT_MAX);
  *value = px_db_text(text);
  return PIXAZO_OK;
}

static pixazo_status read_member(const px_json *member, changes *wanted, pixazo_error **error)
{
  static const char *const names[MEMBERS] = {"rating", "starred", "post_id", "prompt_id", "alt_text"};
  const char *name = px_json_name(member);
  int which = 0;
  while (which < MEMBERS && !px_str_equal(name, names[which]))
    which++;
  if (which == MEMBERS)
    return px_str_equal(name, "schema") ? PIXAZO_OK : px_fail(error, PIXAZO_E_ARGUMENT, "\"%.64s\" cannot be changed", name);
  wanted->given[which] = true;
  return which <= STARRED ? read_number(member, which == RATING ? 5 : 1, &wanted->values[which], error)
                          : read_text(member, &wanted->values[which], error);
}

static pixazo_status write_changes(px_db_link *link, const char *uuid, const changes *wanted, int64_t *changed,
                                   pixazo_error **error)
{
  const px_db_value *v = wanted->values;
  const bool *given = wanted->given;
  return px_db_run(link,
                   "UPDATE image SET rating = CASE WHEN ? = 1 THEN ? ELSE rating END, "
                   "starred = CASE WHEN ? = 1 THEN ? ELSE starred END, post_id = CASE WHEN ? = 1 THEN ? ELSE post_id END, "
                   "prompt_id = CASE WHEN ? = 1 THEN ? ELSE prompt_id END, "
                   "alt_text = CASE WHEN ? = 1 THEN ? ELSE alt_text END, updated_us = ? WHERE uuid = ? AND deleted_us = 0",
                   PX_BIND(px_db_int(given[RATING]), v[RATING], px_db_int(given[STARRED]), v[STARRED],
                           px_db_int(given[POST_ID]), v[POST_ID], px_db_int(given[PROMPT_ID]), v[PROMPT_ID],
                           px_db_int(given[ALT_TEXT]), v[ALT_TEXT], px_db_int(px_wall_us(px_clock_system())),
                           px_db_text(uuid)),
                   changed, error);
}

static pixazo_status search_anew(pixazo_repository *repository, px_db_link *link, const char *uuid, pixazo_error **error)
{
  int64_t generation = 0;
  PX_TRY(px_record_id(link, uuid, &generation, NULL, error));
  return px_search_captions(repository, link, generation, true, false, error);
}

pixazo_status pixazo_repository_update(pixazo_repository *repository, const char *uuid, const char *json,
                                       pixazo_error **error)
{
  PX_REQUIRE(repository && uuid && json, error, "repository, uuid and json must not be NULL");
  PX_REQUIRE(px_uuid_valid(uuid), error, "uuid is not a UUID");
  px_json_limits limits = {JSON_MAX, 4, 64};
  px_cleanup(px_json_done) px_json *root = NULL;
  px_cleanup(px_db_end) px_db_link *link = NULL;
  changes wanted = {0};
  int64_t changed = 0;
  PX_TRY(px_json_parse_given(json, strlen(json), &limits, "changes", &root, error));
  if (!px_json_is(root, PX_JSON_OBJECT))
    return px_fail(error, PIXAZO_E_ARGUMENT, "the changes are not a JSON object");
  for (const px_json *member = px_json_first(root); member; member = px_json_next(member))
    PX_TRY(read_member(member, &wanted, error));
  PX_TRY(px_db_begin_write(repository->db, &link, error));
  PX_TRY(write_changes(link, uuid, &wanted, &changed, error));
  if (changed == 0)
    return px_fail(error, PIXAZO_E_NOT_FOUND, "no picture %s", uuid);
  if (wanted.given[ALT_TEXT])
    PX_TRY(search_anew(repository, link, uuid, error));
  return px_db_commit(&link, error);
}

/* Opens a transaction on a generation that has ended. */
static pixazo_status begin_on_ended(pixazo_repository *repository, const char *uuid, px_db_link **link, int64_t *generation,
                                    int64_t *picture, pixazo_error **error)
{
  px_cleanup(px_db_end) px_db_link *opened = NULL;
  int64_t state = 0;
  PX_TRY(px_db_begin_write(repository->db, &opened, error));
  PX_TRY(px_record_id(opened, uuid, generation, picture, error));
  PX_TRY(px_db_number(opened, "SELECT state FROM generation WHERE id = ?", PX_BIND(px_db_int(*generation)), &state, error));
  if (!px_generation_ended((int32_t)state))
    return px_fail(error, PIXAZO_E_STATE, "generation %s has not ended: it is %s", uuid,
                   pixazo_generation_state_name((int32_t)state));
  *link = px_steal(&opened);
  return PIXAZO_OK;
}

pixazo_status pixazo_repository_remove(pixazo_repository *repository, const char *uuid, pixazo_error **error)
{
  PX_REQUIRE(repository && uuid, error, "repository and uuid must not be NULL");
  px_cleanup(px_db_end) px_db_link *link = NULL;
  int64_t generation = 0, picture = 0, now = px_wall_us(px_clock_system());
  PX_TRY(begin_on_ended(repository, uuid, &link, &generation, &picture, error));
  PX_TRY(px_db_run(link, "UPDATE image SET deleted_us = ? WHERE generation = ? AND deleted_us = 0 AND (? = 0 OR id = ?)",
                   PX_BIND(px_db_int(now), px_db_int(generation), px_db_int(picture), px_db_int(picture)), NULL, error));
  if (picture == 0)
    PX_TRY(px_db_run(link, "UPDATE generation SET deleted_us = ? WHERE id = ? AND deleted_us = 0",
                     PX_BIND(px_db_int(now), px_db_int(generation)), NULL, error));
  PX_TRY(px_search_captions(repository, link, generation, false, false, error));
  return px_db_commit(&link, error);
}

/* Pictures handed to the caller of purge may be gone from the store; of a purged generation no rows are left. */
static pixazo_status refuse_purged(px_db_link *link, const char *uuid, int64_t generation, int64_t picture,
                                   pixazo_error **error)
{
  int64_t purged = 0;
  PX_TRY(px_db_number(
      link,
      "SELECT (SELECT count(*) FROM image WHERE generation = ? AND purge_us > 0 AND (? = 0 OR id = ?)) + "
      "(SELECT count(*) FROM generation g WHERE g.id = ? AND ? = 0 AND g.purged = 1 AND g.deleted_us > 0)",
      PX_BIND(px_db_int(generation), px_db_int(picture), px_db_int(picture), px_db_int(generation), px_db_int(picture)),
      &purged, error));
  return purged == 0 ? PIXAZO_OK : px_fail(error, PIXAZO_E_STATE, "%s was purged", uuid);
}

pixazo_status pixazo_repository_restore(pixazo_repository *repository, const char *uuid, pixazo_error **error)
{
  PX_REQUIRE(repository && uuid, error, "repository and uuid must not be NULL");
  px_cleanup(px_db_end) px_db_link *link = NULL;
  int64_t generation = 0, picture = 0;
  PX_TRY(begin_on_ended(repository, uuid, &link, &generation, &picture, error));
  PX_TRY(refuse_purged(link, uuid, generation, picture, error));
  PX_TRY(px_db_run(link, "UPDATE image SET deleted_us = 0 WHERE generation = ? AND (? = 0 OR id = ?)",
                   PX_BIND(px_db_int(generation), px_db_int(picture), px_db_int(picture)), NULL, error));
  PX_TRY(px_db_run(link, "UPDATE generation SET deleted_us = 0 WHERE id = ?", PX_BIND(px_db_int(generation)), NULL, error));
  PX_TRY(px_search_captions(repository, link, generation, false, false, error));
  return px_db_commit(&link, error);
}

/* Keys of the pictures stamped with `before_us` that nothing else names. */
static pixazo_status list_keys(px_db_link *link, int64_t before_us, char **out, pixazo_error **error)
{
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(KEYS_MAX);
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  bool row = false;
  px_db_value stamp = px_db_int(before_us);
  PX_TRY(px_db_query(link,
                     "SELECT k.store_key FROM (SELECT store_key FROM image WHERE purge_us = ? UNION "
                     "SELECT r.store_key FROM rendition r JOIN image i ON i.id = r.image WHERE i.purge_us = ?) k "
                     "WHERE k.store_key IS NOT NULL AND k.store_key <> '' "
                     "AND NOT EXISTS (SELECT 1 FROM image o WHERE o.store_key = k.store_key AND o.purge_us <> ?) "
                     "AND NOT EXISTS (SELECT 1 FROM rendition r JOIN image o ON o.id = r.image "
                     "WHERE r.store_key = k.store_key AND o.purge_us <> ?) ORDER BY 1",
                     PX_BIND(stamp, stamp, stamp, stamp), &rows, error));
  px_json_put_begin_array(&writer, NULL);
  PX_TRY(px_db_step(rows, &row, error));
  while (row) {
    px_json_put_string(&writer, NULL, px_db_get_text(rows, 0));
    PX_TRY(px_db_step(rows, &row, error));
  }
  px_json_put_end_array(&writer);
  return px_json_writer_finish(&writer, out, error);
}

static pixazo_status drop_rows(px_db_link *link, int64_t before_us, pixazo_error **error)
{
  static const char *const statements[] = {
      "UPDATE generation SET purged = 1 WHERE id IN (SELECT generation FROM image WHERE purge_us = ?)",
      "DELETE FROM rendition WHERE image IN (SELECT id FROM image WHERE purge_us = ?)",
      "DELETE FROM tag WHERE image IN (SELECT id FROM image WHERE purge_us = ?)",
      "DELETE FROM image WHERE purge_us = ?",
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(statements); i++)
    PX_TRY(px_db_run(link, statements[i], PX_BIND(px_db_int(before_us)), NULL, error));
  return PIXAZO_OK;
}

pixazo_status pixazo_repository_purge(pixazo_repository *repository, int64_t before_us, int32_t done, char **keys,
                                      pixazo_error **error)
{
  PX_REQUIRE(repository && (keys || done == 1), error, "repository and keys must not be NULL");
  PX_REQUIRE(before_us > 0 && (done == 0 || done == 1), error, "before_us must be positive and done 0 or 1");
  px_cleanup(px_db_end) px_db_link *link = NULL;
  px_autofree char *found = NULL;
  PX_TRY(px_db_begin_write(repository->db, &link, error));
  if (done == 0)
    PX_TRY(px_db_run(link, "UPDATE image SET purge_us = ? WHERE deleted_us > 0 AND deleted_us < ?",
                     PX_BIND(px_db_int(before_us), px_db_int(before_us)), NULL, error));
  PX_TRY(list_keys(link, before_us, &found, error));
  if (done == 1)
    PX_TRY(drop_rows(link, before_us, error));
  PX_TRY(px_db_commit(&link, error));
  if (keys)
    *keys = px_steal(&found);
  return PIXAZO_OK;
}
