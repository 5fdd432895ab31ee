/* SPDX-License-Identifier: MIT */
/* A query becomes SQL: text with question marks and the values for them; nothing of a user ever stands in the text. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "repository/query.h"

enum { SQL_MAX = 16 * 1024, MATCH_MAX = 64 * 1024 };

void px_select_done(px_select *select)
{
  px_buf_done(&select->sql);
  for (size_t i = 0; i < select->own_count; i++)
    px_free(select->own[i]);
}

static void add_value(px_select *select, px_db_value value)
{
  if (select->count < PX_SELECT_VALUES)
    select->values[select->count++] = value;
  else
    select->sql.failed = select->sql.over = true;
}

static void add_condition(px_select *select, const char *condition, px_db_value value)
{
  (void)px_buf_add_text(&select->sql, condition);
  add_value(select, value);
}

/* Keeps a text the select made itself until it is done. */
static bool own(px_select *select, char *text)
{
  if (!text || select->own_count == PX_SELECT_TERMS) {
    px_free(text);
    return false;
  }
  select->own[select->own_count++] = text;
  return true;
}

/* The next word of a search text; false at the end. */
static bool next_word(const char **text, const char **word, size_t *size)
{
  while (px_ascii_is_space(**text))
    (*text)++;
  *word = *text;
  while (**text && !px_ascii_is_space(**text))
    (*text)++;
  *size = (size_t)(*text - *word);
  return *size > 0;
}

/* Each word quoted, so that no character of it is an operator; the last may be the start of a word. */
static char *match_text(const char *text)
{
  px_auto(px_buf) match = PX_BUF_INIT(MATCH_MAX);
  const char *word;
  size_t size;
  while (next_word(&text, &word, &size)) {
    (void)px_buf_add_text(&match, match.size ? " \"" : "\"");
    for (size_t i = 0; i < size; i++)
      (void)px_buf_add_text(&match, (char[]){word[i], word[i] == '"' ? '"' : '\0', '\0'});
    (void)px_buf_add_char(&match, '"');
  }
  (void)px_buf_add_text(&match, "*");
  return px_buf_steal(&match);
}

static char *like_text(const char *word, size_t size)
{
  px_auto(px_buf) like = PX_BUF_INIT(MATCH_MAX);
  (void)px_buf_add_char(&like, '%');
  for (size_t i = 0; i < size; i++) {
    if (strchr("%_\\", word[i]))
      (void)px_buf_add_char(&like, '\\');
    (void)px_buf_add_char(&like, word[i]);
  }
  (void)px_buf_add_char(&like, '%');
  return px_buf_steal(&like);
}

static pixazo_status add_likes(px_select *select, const char *text, pixazo_error **error)
{
  const char *word;
  size_t size;
  while (next_word(&text, &word, &size)) {
    if (select->own_count == PX_SELECT_TERMS)
      return px_fail(error, PIXAZO_E_ARGUMENT, "query: text has more than %d words", PX_SELECT_TERMS);
    if (!own(select, like_text(word, size)))
      return px_fail_nomem(error);
    px_db_value like = px_db_text(select->own[select->own_count - 1]);
    add_condition(select, " AND (g.prompt {like}", like);
    add_condition(select, " OR g.captions {like})", like);
  }
  return PIXAZO_OK;
}

static pixazo_status add_match(px_select *select, const char *text, pixazo_error **error)
{
  if (!own(select, match_text(text)))
    return px_fail_nomem(error);
  add_condition(select, " AND {search_where:generation}", px_db_text(select->own[select->own_count - 1]));
  return PIXAZO_OK;
}

/* "lost" is no state of its own: it failed after it was paid for. */
static void add_states(px_select *select, const char *states)
{
  bool lost = false;
  const char *before = " AND (g.state IN (?";
  for (const char *name = states; *name;) {
    size_t size = strcspn(name, ",");
    lost = lost || px_query_state_lost(name, size);
    add_condition(select, before, px_db_int(px_query_state_number(name, size)));
    before = ", ?";
    name += size + (name[size] == ',');
  }
  (void)px_buf_add_char(&select->sql, ')');
  if (lost)
    add_condition(select, " OR g.state = ?", px_db_int(PIXAZO_GENERATION_FAILED));
  if (lost)
    add_condition(select, " AND g.class = ?", px_db_int(PIXAZO_CLASS_LOST));
  (void)px_buf_add_char(&select->sql, ')');
}

static void add_filters(px_select *select, const pixazo_query *query)
{
  static const char *const conditions[PX_QUERY_TEXTS] = {
      [PX_QUERY_PROVIDER] = " AND g.provider = ?",
      [PX_QUERY_MODEL] = " AND g.model = ?",
      [PX_QUERY_PRINCIPAL] = " AND g.principal = ?",
      [PX_QUERY_BATCH] = " AND g.batch = (SELECT b.id FROM batch b WHERE b.uuid = ?)",
      [PX_QUERY_PARENT] = " AND g.parent = ?",
      [PX_QUERY_POST_ID] = " AND g.id IN (SELECT i.generation FROM image i WHERE i.post_id = ? AND i.deleted_us = 0)",
      [PX_QUERY_PROMPT_ID] = " AND g.id IN (SELECT i.generation FROM image i WHERE i.prompt_id = ? AND i.deleted_us = 0)",
  };
  for (int i = 0; i < PX_QUERY_TEXTS; i++) {
    if (conditions[i] && query->texts[i])
      add_condition(select, conditions[i], px_db_text(query->texts[i]));
  }
  if (query->texts[PX_QUERY_STATE])
    add_states(select, query->texts[PX_QUERY_STATE]);
  if (query->given[PX_QUERY_SINCE])
    add_condition(select, " AND g.created_us >= ?", px_db_int(query->numbers[PX_QUERY_SINCE]));
  if (query->given[PX_QUERY_UNTIL])
    add_condition(select, " AND g.created_us < ?", px_db_int(query->numbers[PX_QUERY_UNTIL]));
}

static bool has_words(const char *text)
{
  const char *word;
  size_t size;
  return text && next_word(&text, &word, &size);
}

/* Ids grow with every insert, whatever the clock does, so they are the order. */
static pixazo_status add_page(px_select *select, const pixazo_query *query, const char *id, pixazo_error **error)
{
  int64_t limit, offset, before = 0;
  PX_TRY(px_query_paging(query, &limit, &offset, error));
  PX_TRY(px_cursor_read(query, &before, error));
  if (before > 0) {
    (void)px_buf_printf(&select->sql, " AND %s < ?", id);
    add_value(select, px_db_int(before));
  }
  (void)px_buf_printf(&select->sql, " ORDER BY %s DESC LIMIT ? OFFSET ?", id);
  add_value(select, px_db_int(limit + 1)); /* one more tells whether there is a next page */
  add_value(select, px_db_int(offset));
  return PIXAZO_OK;
}

pixazo_status px_select_build(const pixazo_query *query, const pixazo_repository *repository, bool count, px_select *out,
                              pixazo_error **error)
{
  px_auto(px_select) parts = {.sql = PX_BUF_INIT(SQL_MAX)};
  bool words = has_words(query->texts[PX_QUERY_TEXT]);
  bool indexed = words && repository->search;
  const char *id = indexed ? "{search_id:generation}" : "g.id";
  (void)px_buf_printf(&parts.sql, "SELECT %s FROM %s WHERE g.deleted_us = 0", count ? "count(*)" : id,
                      indexed ? "{search_from:generation}" : "generation g");
  if (words)
    PX_TRY(indexed ? add_match(&parts, query->texts[PX_QUERY_TEXT], error)
                   : add_likes(&parts, query->texts[PX_QUERY_TEXT], error));
  add_filters(&parts, query);
  if (!count)
    PX_TRY(add_page(&parts, query, id, error));
  if (parts.sql.failed)
    return parts.sql.over ? px_fail(error, PIXAZO_E_ARGUMENT, "query: too many filters") : px_fail_nomem(error);
  px_buf template = parts.sql;
  parts.sql = (px_buf)PX_BUF_INIT(2 * SQL_MAX);
  pixazo_status status = px_db_expand(repository->db, px_buf_text(&template), &parts.sql, error);
  px_buf_done(&template);
  PX_TRY(status);
  *out = parts;
  parts = (px_select){.sql = PX_BUF_INIT(0)};
  return PIXAZO_OK;
}

pixazo_status px_cursor_make(const pixazo_query *query, int64_t id, char cursor[PX_CURSOR_SIZE], pixazo_error **error)
{
  char mark[9];
  PX_TRY(px_query_mark(query, mark, error));
  (void)snprintf(cursor, PX_CURSOR_SIZE, "1%016llx%s", (unsigned long long)id, mark);
  return PIXAZO_OK;
}

pixazo_status px_cursor_read(const pixazo_query *query, int64_t *id, pixazo_error **error)
{
  const char *cursor = query->texts[PX_QUERY_CURSOR];
  unsigned char bytes[8];
  char digits[17] = "", mark[9];
  if (px_str_empty(cursor))
    return PIXAZO_OK;
  PX_TRY(px_query_mark(query, mark, error));
  if (strlen(cursor) == 25)
    memcpy(digits, cursor + 1, 16);
  if (cursor[0] != '1' || !px_unhex(digits, bytes, sizeof bytes))
    return px_fail(error, PIXAZO_E_ARGUMENT, "query: \"%.40s\" is not a cursor", cursor);
  if (strcmp(cursor + 17, mark) != 0)
    return px_fail(error, PIXAZO_E_ARGUMENT, "query: the cursor belongs to other filters");
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof bytes; i++)
    value = value << 8 | bytes[i];
  if (value == 0 || value > INT64_MAX)
    return px_fail(error, PIXAZO_E_ARGUMENT, "query: \"%.40s\" is not a cursor", cursor);
  *id = (int64_t)value;
  return PIXAZO_OK;
}
