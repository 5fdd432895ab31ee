/* SPDX-License-Identifier: MIT */
#include "repository/search.h"

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"

enum { SQL_MAX = 1024 };

static pixazo_status ask(px_db_link *link, const char *text, const px_db_value *values, size_t count, int64_t *number,
                         pixazo_error **error)
{
  px_auto(px_buf) sql = PX_BUF_INIT(SQL_MAX);
  PX_TRY(px_db_expand_on(link, text, &sql, error));
  return px_db_number(link, px_buf_text(&sql), values, count, number, error);
}

pixazo_status px_search_make(px_db_link *link, pixazo_error **error)
{
  int64_t possible = 0;
  PX_TRY(ask(link, "{search_possible}", PX_BIND_NONE, &possible, error));
  return possible > 0 ? px_db_run_expanded(link, "{search_table:generation:prompt}", error) : PIXAZO_OK;
}

pixazo_status px_search_look(pixazo_repository *repository, pixazo_error **error)
{
  px_cleanup(px_db_end) px_db_link *link = NULL;
  int64_t tables = 0, possible = 0;
  PX_TRY(px_db_begin_read(repository->db, &link, error));
  PX_TRY(ask(link, "{has_table}", PX_BIND(px_db_text("generation_search")), &tables, error));
  PX_TRY(ask(link, "{search_possible}", PX_BIND_NONE, &possible, error));
  repository->search = tables > 0 && possible > 0;
  return PIXAZO_OK;
}

static pixazo_status add_to_index(px_db_link *link, int64_t first, pixazo_error **error)
{
  px_auto(px_buf) sql = PX_BUF_INIT(SQL_MAX);
  PX_TRY(px_db_expand_on(link, "{search_add:generation:prompt} SELECT id, prompt FROM generation WHERE id >= ?", &sql, error));
  return px_db_run(link, px_buf_text(&sql), PX_BIND(px_db_int(first)), NULL, error);
}

static pixazo_status try_index(px_db_link *link, int64_t first, pixazo_error **error)
{
  PX_TRY(px_db_savepoint(link, error));
  return px_db_savepoint_end(link, add_to_index(link, first, error), error);
}

pixazo_status px_search_add(const pixazo_repository *repository, px_db_link *link, int64_t first, pixazo_error **error)
{
  px_autoerror why = NULL;
  if (repository->search && try_index(link, first, &why) == PIXAZO_OK)
    return PIXAZO_OK;
  if (why)
    px_log(repository->log, PIXAZO_LOG_WARNING, "repository", "prompts are not in the index yet: %s",
           pixazo_error_message(why));
  return px_db_run(link, "INSERT INTO search_pending (generation) SELECT id FROM generation WHERE id >= ?",
                   PX_BIND(px_db_int(first)), NULL, error);
}

static pixazo_status any_pending(pixazo_repository *repository, int64_t *any, pixazo_error **error)
{
  px_cleanup(px_db_end) px_db_link *link = NULL;
  PX_TRY(px_db_begin_read(repository->db, &link, error));
  return px_db_number(link, "SELECT 1 FROM search_pending LIMIT 1", PX_BIND_NONE, any, error);
}

pixazo_status px_search_catch_up(pixazo_repository *repository, pixazo_error **error)
{
  px_cleanup(px_db_end) px_db_link *link = NULL;
  int64_t any = 0;
  if (!repository->search)
    return PIXAZO_OK;
  PX_TRY(any_pending(repository, &any, error));
  if (!any)
    return PIXAZO_OK;
  PX_TRY(px_db_begin_write(repository->db, &link, error));
  PX_TRY(px_db_run_expanded(link,
                            "{search_add:generation:prompt} SELECT g.id, g.prompt FROM search_pending p "
                            "JOIN generation g ON g.id = p.generation",
                            error));
  PX_TRY(px_db_run(link, "DELETE FROM search_pending", PX_BIND_NONE, NULL, error));
  return px_db_commit(&link, error);
}
