/* SPDX-License-Identifier: MIT */
#include <pixazo/repository.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/options.h"
#include "base/str.h"
#include "repository/internal.h"
#include "repository/journal.h"
#include "repository/schema.h"
#include "repository/search.h"

enum { DEFAULT_BUSY_TIMEOUT_MS = 10000 };

void pixazo_repository_options_init(pixazo_repository_options *options, size_t size)
{
  px_options_init(options, size);
}

static void destroy(pixazo_repository *repository)
{
  px_db_close(repository->db);
  px_free(repository->media_root);
  (void)pixazo_log_unref(repository->log);
  px_free(repository);
}

static void destroy_scoped(pixazo_repository **repository)
{
  if (*repository)
    destroy(*repository);
}

/* Kept in the database, because the views of older tools name files too. */
static pixazo_status remember_media_root(pixazo_repository *repository, pixazo_error **error)
{
  static const char read[] = "SELECT count(*) FROM setting WHERE name = 'media_root' AND value = ?";
  px_cleanup(px_db_end) px_db_link *link = NULL;
  int64_t same = 0;
  PX_TRY(px_db_begin_read(repository->db, &link, error));
  PX_TRY(px_db_number(link, read, PX_BIND(px_db_text(repository->media_root)), &same, error));
  px_db_end(&link);
  if (same > 0)
    return PIXAZO_OK;
  PX_TRY(px_db_begin_write(repository->db, &link, error));
  PX_TRY(px_db_run(link,
                   "INSERT INTO setting (name, value) VALUES ('media_root', ?) "
                   "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                   PX_BIND(px_db_text(repository->media_root)), NULL, error));
  return px_db_commit(&link, error);
}

static pixazo_status copy_options(pixazo_repository *repository, const pixazo_repository_options *options,
                                  pixazo_error **error)
{
  if (options->media_root && options->media_root[0] != '/')
    return px_fail(error, PIXAZO_E_ARGUMENT, "media_root \"%s\" is not absolute", options->media_root);
  size_t length = options->media_root ? strlen(options->media_root) : 0;
  while (length > 1 && options->media_root[length - 1] == '/')
    length--;
  if (length > 0) {
    repository->media_root = px_strndup(options->media_root, length);
    if (!repository->media_root)
      return px_fail_nomem(error);
  }
  repository->log = pixazo_log_ref(options->log);
  return PIXAZO_OK;
}

pixazo_status pixazo_repository_new(const pixazo_repository_options *options, pixazo_repository **out, pixazo_error **error)
{
  pixazo_repository_options chosen;
  PX_REQUIRE(options && out, error, "options and out must not be NULL");
  PX_TRY(px_options_copy(&chosen, sizeof chosen, options, "pixazo_repository_options", error));
  PX_REQUIRE(!px_str_empty(chosen.path), error, "path is missing");
  PX_REQUIRE(chosen.convert_legacy == 0 || chosen.convert_legacy == 1, error, "convert_legacy must be 0 or 1");
  px_cleanup(destroy_scoped) pixazo_repository *repository = px_calloc(1, sizeof *repository);
  if (!repository)
    return px_fail_nomem(error);
  atomic_init(&repository->references, 1);
  px_db_options database = {chosen.path, chosen.busy_timeout_ms ? chosen.busy_timeout_ms : DEFAULT_BUSY_TIMEOUT_MS};
  PX_TRY(copy_options(repository, &chosen, error));
  PX_TRY(px_db_open(&database, &repository->db, error));
  PX_TRY(px_schema_open(repository, chosen.convert_legacy == 1, error));
  PX_TRY(px_search_look(repository, error));
  if (repository->media_root)
    PX_TRY(remember_media_root(repository, error));
  px_log(repository->log, PIXAZO_LOG_DEBUG, "repository", "opened %s", px_db_name(repository->db));
  px_log_deliver(repository->log);
  *out = px_steal(&repository);
  return PIXAZO_OK;
}

pixazo_repository *pixazo_repository_ref(pixazo_repository *repository)
{
  if (repository)
    atomic_fetch_add_explicit(&repository->references, 1, memory_order_relaxed);
  return repository;
}

pixazo_repository *pixazo_repository_unref(pixazo_repository *repository)
{
  if (repository && atomic_fetch_sub_explicit(&repository->references, 1, memory_order_acq_rel) == 1)
    destroy(repository);
  return NULL;
}

pixazo_status pixazo_repository_find(pixazo_repository *repository, const char *uuid, pixazo_generation **out,
                                     pixazo_error **error)
{
  px_cleanup(px_db_end) px_db_link *link = NULL;
  PX_REQUIRE(repository && uuid && out, error, "repository, uuid and out must not be NULL");
  PX_TRY(px_db_begin_read(repository->db, &link, error));
  return px_record_find(repository, link, uuid, out, error);
}

pixazo_status pixazo_repository_find_key(pixazo_repository *repository, const char *principal, const char *idempotency_key,
                                         pixazo_generation **out, pixazo_error **error)
{
  char uuid[PX_UUID_TEXT];
  PX_REQUIRE(repository && out, error, "repository and out must not be NULL");
  PX_REQUIRE(!px_str_empty(idempotency_key), error, "idempotency_key is missing");
  PX_TRY(px_journal_find_key(repository, principal, idempotency_key, uuid, error));
  if (!uuid[0])
    return px_fail(error, PIXAZO_E_NOT_FOUND, "no generation has the idempotency key \"%.128s\"", idempotency_key);
  return pixazo_repository_find(repository, uuid, out, error);
}
