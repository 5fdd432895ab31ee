/* SPDX-License-Identifier: MIT */
#include "repository/search.h"

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"

enum { SQL_MAX = 1024, CAPTIONS_MAX = 1024 * 1024 };

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
  return possible > 0 ? px_db_run_expanded(link, "{search_table:generation:prompt, captions}", error) : PIXAZO_OK;
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
  PX_TRY(px_db_expand_on(link,
                         "{search_add:generation:prompt, captions} SELECT id, prompt, captions FROM generation WHERE id >= ?",
                         &sql, error));
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

static pixazo_status gather_captions(px_db_link *link, int64_t generation, px_buf *captions, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  bool row = false;
  PX_TRY(px_db_query(link,
                     "SELECT alt_text FROM image WHERE generation = ? AND deleted_us = 0 AND alt_text IS NOT NULL ORDER BY id",
                     PX_BIND(px_db_int(generation)), &rows, error));
  PX_TRY(px_db_step(rows, &row, error));
  while (row) {
    (void)px_buf_printf(captions, "%s%s", captions->size > 0 ? "\n" : "", px_db_get_text(rows, 0));
    PX_TRY(px_db_step(rows, &row, error));
  }
  return captions->failed ? px_fail_nomem(error) : PIXAZO_OK;
}

/* The row of the index stands for what the generation's row says, before and after. */
static pixazo_status index_again(px_db_link *link, int64_t generation, const px_db_value *prompt, const px_db_value *before,
                                 const px_db_value *after, pixazo_error **error)
{
  px_auto(px_buf) remove = PX_BUF_INIT(SQL_MAX);
  px_auto(px_buf) add = PX_BUF_INIT(SQL_MAX);
  PX_TRY(px_db_expand_on(link, "{search_remove:generation:prompt, captions}", &remove, error));
  PX_TRY(px_db_expand_on(link, "{search_add:generation:prompt, captions} VALUES (?, ?, ?)", &add, error));
  PX_TRY(px_db_run(link, px_buf_text(&remove), PX_BIND(px_db_int(generation), *prompt, *before), NULL, error));
  return px_db_run(link, px_buf_text(&add), PX_BIND(px_db_int(generation), *prompt, *after), NULL, error);
}

pixazo_status px_search_captions(const pixazo_repository *repository, px_db_link *link, int64_t generation, bool given,
                                 bool fresh, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  px_auto(px_buf) captions = PX_BUF_INIT(CAPTIONS_MAX);
  PX_TRY(px_db_first(link,
                     "SELECT prompt, captions, (SELECT count(*) FROM search_pending WHERE generation = id) FROM generation "
                     "WHERE id = ?",
                     PX_BIND(px_db_int(generation)), &rows, error));
  const char *was = rows ? px_db_get_text(rows, 1) : NULL;
  if (!rows || (!given && !was))
    return PIXAZO_OK;
  PX_TRY(gather_captions(link, generation, &captions, error));
  px_db_value prompt = px_db_text(px_db_get_text(rows, 0)), before = px_db_text(was), after = px_db_text(px_buf_text(&captions));
  bool pending = fresh || px_db_get_int(rows, 2) > 0;
  if (!pending && !repository->search) /* who can write the index put it in: only such a one can take it out again */
    return PIXAZO_OK;
  if (!pending)
    PX_TRY(index_again(link, generation, &prompt, &before, &after, error));
  return px_db_run(link, "UPDATE generation SET captions = ? WHERE id = ?", PX_BIND(after, px_db_int(generation)), NULL, error);
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
                            "{search_add:generation:prompt, captions} SELECT g.id, g.prompt, g.captions FROM search_pending p "
                            "JOIN generation g ON g.id = p.generation",
                            error));
  PX_TRY(px_db_run(link, "DELETE FROM search_pending", PX_BIND_NONE, NULL, error));
  return px_db_commit(&link, error);
}
