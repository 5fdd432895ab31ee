/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "repository/query.h"
#include "repository/search.h"

struct pixazo_page {
  pixazo_generation **items;
  size_t count;
  char cursor[PX_CURSOR_SIZE];
};

size_t pixazo_page_count(const pixazo_page *page)
{
  return page ? page->count : 0;
}

const pixazo_generation *pixazo_page_get(const pixazo_page *page, size_t index)
{
  return page && index < page->count ? page->items[index] : NULL;
}

const char *pixazo_page_cursor(const pixazo_page *page)
{
  return page ? page->cursor : "";
}

void pixazo_page_free(pixazo_page *page)
{
  if (!page)
    return;
  for (size_t i = 0; i < page->count; i++)
    pixazo_generation_free(page->items[i]);
  px_free(page->items);
  px_free(page);
}

static void free_page(pixazo_page **page)
{
  pixazo_page_free(*page);
}

/* Row ids of the page, one more when there is a next one. */
static pixazo_status read_ids(px_db_link *link, const px_select *select, int64_t *ids, size_t *count, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  bool row = false;
  PX_TRY(px_db_query(link, px_buf_text(&select->sql), select->values, select->count, &rows, error));
  PX_TRY(px_db_step(rows, &row, error));
  while (row) {
    ids[(*count)++] = px_db_get_int(rows, 0);
    PX_TRY(px_db_step(rows, &row, error));
  }
  return PIXAZO_OK;
}

static pixazo_status load_page(const pixazo_repository *repository, px_db_link *link, const int64_t *ids, size_t count,
                               pixazo_page *page, pixazo_error **error)
{
  page->items = px_calloc(count, sizeof(pixazo_generation *));
  if (!page->items)
    return px_fail_nomem(error);
  for (; page->count < count; page->count++)
    PX_TRY(px_record_load(repository, link, ids[page->count], &page->items[page->count], error));
  return PIXAZO_OK;
}

static pixazo_status fill_page(const pixazo_repository *repository, const pixazo_query *query, pixazo_page *page,
                               pixazo_error **error)
{
  px_cleanup(px_db_end) px_db_link *link = NULL;
  px_auto(px_select) select = {.sql = PX_BUF_INIT(0)};
  int64_t limit = 0, offset = 0;
  size_t count = 0;
  PX_TRY(px_query_paging(query, &limit, &offset, error));
  PX_TRY(px_select_build(query, repository, false, &select, error));
  px_autofree int64_t *ids = px_calloc((size_t)limit + 1, sizeof *ids);
  if (!ids)
    return px_fail_nomem(error);
  PX_TRY(px_db_begin_read(repository->db, &link, error));
  PX_TRY(read_ids(link, &select, ids, &count, error));
  if (count > (size_t)limit) {
    count = (size_t)limit;
    PX_TRY(px_cursor_make(query, ids[count - 1], page->cursor, error));
  }
  return load_page(repository, link, ids, count, page, error);
}

pixazo_status pixazo_repository_list(pixazo_repository *repository, const pixazo_query *query, pixazo_page **out,
                                     pixazo_error **error)
{
  static const pixazo_query newest;
  PX_REQUIRE(repository && out, error, "repository and out must not be NULL");
  px_cleanup(free_page) pixazo_page *page = px_calloc(1, sizeof *page);
  if (!page)
    return px_fail_nomem(error);
  if (!query)
    query = &newest;
  if (query->texts[PX_QUERY_TEXT])
    PX_TRY(px_search_catch_up(repository, error));
  PX_TRY(fill_page(repository, query, page, error));
  *out = px_steal(&page);
  return PIXAZO_OK;
}

pixazo_status pixazo_repository_count(pixazo_repository *repository, const pixazo_query *query, int64_t *out,
                                      pixazo_error **error)
{
  static const pixazo_query all;
  px_cleanup(px_db_end) px_db_link *link = NULL;
  px_auto(px_select) select = {.sql = PX_BUF_INIT(0)};
  PX_REQUIRE(repository && out, error, "repository and out must not be NULL");
  if (!query)
    query = &all;
  if (query->texts[PX_QUERY_TEXT])
    PX_TRY(px_search_catch_up(repository, error));
  PX_TRY(px_select_build(query, repository, true, &select, error));
  PX_TRY(px_db_begin_read(repository->db, &link, error));
  return px_db_number(link, px_buf_text(&select.sql), select.values, select.count, out, error);
}
