/* SPDX-License-Identifier: MIT */
/* Setting, listing and removing quotas. */
#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "repository/internal.h"
#include "json/terms_json.h"

/* Buckets of other terms are read as they are: one that is too full is cut when it is asked. */
static pixazo_status put_terms(px_db_link *link, const px_quota_terms *terms, pixazo_error **error)
{
  return px_db_run(link,
                   "INSERT INTO quota (provider, principal, requests, window_us, burst, slots, max_wait_us) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (provider, principal) DO UPDATE SET "
                   "requests = excluded.requests, window_us = excluded.window_us, burst = excluded.burst, "
                   "slots = excluded.slots, max_wait_us = excluded.max_wait_us",
                   PX_BIND(px_db_text(terms->provider), px_db_text(terms->principal), px_db_int(terms->requests),
                           px_db_int(terms->window_us), px_db_int(terms->burst), px_db_int(terms->slots),
                           px_db_int(terms->max_wait_us)),
                   NULL, error);
}

pixazo_status pixazo_repository_set_quota(pixazo_repository *repository, const char *json, pixazo_error **error)
{
  PX_REQUIRE(repository && json, error, "repository and json must not be NULL");
  px_cleanup(px_db_end) px_db_link *link = NULL;
  px_quota_terms terms;
  PX_TRY(px_quota_terms_read(json, &terms, error));
  PX_TRY(px_db_begin_write(repository->db, &link, error));
  PX_TRY(put_terms(link, &terms, error));
  PX_TRY(px_db_run(link, "DELETE FROM bucket WHERE next_us < ?", PX_BIND(px_db_int(px_wall_us(px_clock_system()))), NULL,
                   error)); /* paid off: the same as absent */
  return px_db_commit(&link, error);
}

pixazo_status pixazo_repository_remove_quota(pixazo_repository *repository, const char *json, pixazo_error **error)
{
  PX_REQUIRE(repository && json, error, "repository and json must not be NULL");
  px_cleanup(px_db_end) px_db_link *link = NULL;
  px_quota_terms terms;
  int64_t id = 0;
  PX_TRY(px_quota_terms_find(json, &terms, error));
  PX_TRY(px_db_begin_write(repository->db, &link, error));
  PX_TRY(px_db_number(link, "SELECT id FROM quota WHERE provider = ? AND principal = ?",
                      PX_BIND(px_db_text(terms.provider), px_db_text(terms.principal)), &id, error));
  if (id == 0)
    return px_fail(error, PIXAZO_E_NOT_FOUND, "there is no quota of this provider and principal");
  PX_TRY(px_db_run(link, "DELETE FROM bucket WHERE quota = ?", PX_BIND(px_db_int(id)), NULL, error));
  PX_TRY(px_db_run(link, "DELETE FROM quota WHERE id = ?", PX_BIND(px_db_int(id)), NULL, error));
  return px_db_commit(&link, error);
}

static void put_dimension(px_json_writer *writer, const char *key, const char *dimension)
{
  if (dimension && dimension[0] != '\0')
    px_json_put_string(writer, key, dimension[0] == '=' ? dimension + 1 : dimension);
}

static pixazo_status put_quota(px_db_link *link, const px_db_rows *row, px_json_writer *writer, pixazo_error **error)
{
  (void)link;
  (void)error;
  px_json_put_begin_object(writer, NULL);
  put_dimension(writer, "provider", px_db_get_text(row, 0));
  put_dimension(writer, "principal", px_db_get_text(row, 1));
  if (px_db_get_int(row, 2) > 0) {
    px_json_put_int64(writer, "requests", px_db_get_int(row, 2));
    px_json_put_int64(writer, "window_ms", px_db_get_int(row, 3) / 1000);
    px_json_put_int64(writer, "burst", px_db_get_int(row, 4));
  }
  if (px_db_get_int(row, 5) > 0)
    px_json_put_int64(writer, "slots", px_db_get_int(row, 5));
  if (px_db_get_int(row, 6) >= 0)
    px_json_put_int64(writer, "max_wait_ms", px_db_get_int(row, 6) / 1000);
  px_json_put_end_object(writer);
  return PIXAZO_OK;
}

pixazo_status pixazo_repository_quotas(pixazo_repository *repository, char **out, pixazo_error **error)
{
  static const px_report_part part = {
      "quotas", "SELECT provider, principal, requests, window_us, burst, slots, max_wait_us FROM quota ORDER BY id", put_quota};
  PX_REQUIRE(repository && out, error, "repository and out must not be NULL");
  return px_report_write(repository, &part, 1, out, error);
}
