/* SPDX-License-Identifier: MIT */
/* Whether the database is whole and its rows agree with one another. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "repository/state.h"
#include "repository/writing.h"
#include "json/writer.h"

enum { JSON_MAX = 1024 * 1024, PROBLEMS_MAX = 100 };

typedef struct findings {
  px_json_writer writer;
  size_t count;
} findings;

static void findings_done(findings *found)
{
  px_json_writer_done(&found->writer);
}

static void add_problem(findings *found, const char *kind, const char *what)
{
  if (found->count++ >= PROBLEMS_MAX)
    return;
  px_json_put_begin_object(&found->writer, NULL);
  px_json_put_string(&found->writer, "kind", kind);
  px_json_put_string(&found->writer, "what", what && px_utf8_valid(what, strlen(what)) ? what : "(not text)");
  px_json_put_end_object(&found->writer);
}

/* Each gives one text per problem. */
static const struct {
  const char *kind;
  const char *sql;
} rules[] = {
    {"attempt without a ledger row",
     "SELECT a.uuid FROM attempt a LEFT JOIN ledger l ON l.attempt = a.id WHERE l.attempt IS NULL LIMIT 101"},
    {"ledger row without an attempt",
     "SELECT CAST(l.attempt AS TEXT) FROM ledger l LEFT JOIN attempt a ON a.id = l.attempt WHERE a.id IS NULL LIMIT 101"},
    {"sending attempt whose ledger row is not reserved, or the other way round",
     "SELECT a.uuid FROM attempt a JOIN ledger l ON l.attempt = a.id WHERE (a.state = 1) <> (l.state = 1) LIMIT 101"},
    {"more than one open attempt",
     "SELECT g.uuid FROM generation g JOIN attempt a ON a.generation = g.id AND a.state IN (1, 2) "
     "GROUP BY g.id, g.uuid HAVING count(*) > 1 LIMIT 101"},
    {"recorded picture without key or path", "SELECT i.uuid FROM image i WHERE i.state = 2 AND i.store_key IS NULL AND "
                                             "i.path IS NULL AND i.remote_url IS NULL LIMIT 101"},
    {"open generation without a worker", "SELECT uuid FROM generation WHERE state <= 2 AND worker IS NULL LIMIT 101"},
    {"ended generation with a worker", "SELECT uuid FROM generation WHERE state > 2 AND worker IS NOT NULL LIMIT 101"},
    {"number of attempts", "SELECT g.uuid FROM generation g WHERE g.attempts <> "
                           "(SELECT count(*) FROM attempt a WHERE a.generation = g.id AND a.n > 0) LIMIT 101"},
    /* of days and of all time: what tells a month from the next is no plain SQL */
    {"budget that counts other than its ledger",
     "SELECT b.scope || ' ' || b.name || ' ' || b.period || ' counts ' || b.used_micros || ', its ledger ' || n.sum "
     "FROM budget b JOIN (SELECT b2.id AS id, coalesce(sum(l.amount_micros), 0) AS sum FROM budget b2 LEFT JOIN ledger l "
     "ON l.currency = b2.currency AND (b2.period = 'total' OR l.day = b2.period_id) AND (b2.scope = 'all' "
     "OR (b2.scope = 'principal' AND l.principal = b2.name) OR (b2.scope = 'provider' AND l.provider = b2.name)) "
     "WHERE b2.scope <> 'run' AND b2.period <> 'month' AND b2.period_id IS NOT NULL GROUP BY b2.id) n ON n.id = b.id "
     "WHERE b.used_micros <> n.sum LIMIT 101"},
    {"statistics of ended generations",
     "SELECT 'counted ' || s.n || ', there are ' || g.n FROM (SELECT coalesce(sum(done + partial + failed + blocked + "
     "ambiguous "
     "+ cancelled + abandoned), 0) AS n FROM stat_day) s, (SELECT count(*) AS n FROM generation WHERE state > 2) g "
     "WHERE s.n <> g.n"},
    {"statistics of cost",
     "SELECT 'counted ' || s.n || ', settled ' || l.n FROM (SELECT coalesce(sum(cost_micros), 0) AS n FROM stat_day) s, "
     "(SELECT coalesce(sum(amount_micros), 0) AS n FROM ledger WHERE state = 2) l WHERE s.n <> l.n"},
};

static pixazo_status apply_rule(px_db_link *link, const char *kind, const char *sql, findings *found, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  bool row = false;
  PX_TRY(px_db_query(link, sql, PX_BIND_NONE, &rows, error));
  PX_TRY(px_db_step(rows, &row, error));
  while (row) {
    add_problem(found, kind, px_db_get_text(rows, 0));
    PX_TRY(px_db_step(rows, &row, error));
  }
  return PIXAZO_OK;
}

static pixazo_status check_file(px_db_link *link, findings *found, pixazo_error **error)
{
  px_auto(px_buf) sql = PX_BUF_INIT(1024);
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  bool row = false;
  PX_TRY(px_db_expand_on(link, "{quick_check}", &sql, error));
  PX_TRY(px_db_query(link, px_buf_text(&sql), PX_BIND_NONE, &rows, error));
  PX_TRY(px_db_step(rows, &row, error));
  while (row) {
    const char *line = px_db_get_text(rows, 0);
    if (!px_str_equal(line, "ok"))
      add_problem(found, "database file", line);
    PX_TRY(px_db_step(rows, &row, error));
  }
  return PIXAZO_OK;
}

static pixazo_status check_state(px_db_link *link, const px_db_rows *row, findings *found, pixazo_error **error)
{
  px_standing standing = {.decided = (int32_t)px_db_get_int(row, 3),
                          .final = px_db_get_int(row, 4) != 0,
                          .delivered = px_db_get_int(row, 5) != 0};
  int32_t state = (int32_t)px_db_get_int(row, 2);
  PX_TRY(px_standing_read(link, px_db_get_int(row, 0), &standing, error));
  if (px_generation_state_of(&standing) != state)
    add_problem(found, "state that does not follow from attempts and pictures", px_db_get_text(row, 1));
  return PIXAZO_OK;
}

/* Rows that older tools wrote and generations whose pictures were purged do not follow from rows any more. */
static pixazo_status check_states(px_db_link *link, findings *found, pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  bool row = false;
  PX_TRY(px_db_query(link,
                     "SELECT g.id, g.uuid, g.state, g.decided, g.final, g.delivered FROM generation g "
                     "WHERE g.legacy_status IS NULL AND g.purged = 0",
                     PX_BIND_NONE, &rows, error));
  PX_TRY(px_db_step(rows, &row, error));
  while (row && found->count < PROBLEMS_MAX) {
    PX_TRY(check_state(link, rows, found, error));
    PX_TRY(px_db_step(rows, &row, error));
  }
  return PIXAZO_OK;
}

static pixazo_status check_all(pixazo_repository *repository, findings *found, pixazo_error **error)
{
  px_cleanup(px_db_end) px_db_link *link = NULL;
  PX_TRY(px_db_begin_read(repository->db, &link, error));
  PX_TRY(check_file(link, found, error));
  for (size_t i = 0; i < PX_ARRAY_SIZE(rules); i++)
    PX_TRY(apply_rule(link, rules[i].kind, rules[i].sql, found, error));
  return check_states(link, found, error);
}

pixazo_status pixazo_repository_check(pixazo_repository *repository, char **out, pixazo_error **error)
{
  PX_REQUIRE(repository && out, error, "repository and out must not be NULL");
  px_auto(findings) found = {PX_JSON_WRITER_INIT(JSON_MAX), 0};
  px_autoerror why = NULL;
  px_autofree char *report = NULL;
  px_json_put_begin_object(&found.writer, NULL);
  px_json_put_int64(&found.writer, "schema", 1);
  px_json_put_begin_array(&found.writer, "problems");
  pixazo_status status = check_all(repository, &found, &why);
  if (status == PIXAZO_E_CORRUPT) {
    add_problem(&found, "database file", pixazo_error_message(why));
  } else if (status != PIXAZO_OK) {
    px_error_move(error, px_steal(&why));
    return status;
  }
  px_json_put_end_array(&found.writer);
  px_json_put_int64(&found.writer, "count", (int64_t)found.count);
  px_json_put_end_object(&found.writer);
  PX_TRY(px_json_writer_finish(&found.writer, &report, error));
  *out = px_steal(&report);
  return found.count == 0 ? PIXAZO_OK
                          : px_fail(error, PIXAZO_E_CORRUPT, "%s has %zu problems", px_db_name(repository->db), found.count);
}
