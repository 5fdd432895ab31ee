/* SPDX-License-Identifier: MIT */
/* What SQLite says in its own way. SQL that another database would not understand stands here and nowhere else. */
#include "db/driver.h"

const px_db_word px_db_sqlite_words[] = {
    {"begin_write", "BEGIN IMMEDIATE"},
    {"id", "INTEGER PRIMARY KEY"},
    {"bytes", "BLOB"},
    {"now_us", "(CAST(strftime('%s', 'now') AS INTEGER) * 1000000)"},
    {"has_table", "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?"},
    {"columns", "SELECT name FROM pragma_table_info(?) ORDER BY cid"},
    {"quick_check", "SELECT quick_check FROM pragma_quick_check(100)"},
    {"copy", "VACUUM INTO ?"},
    /* ISO 8601 of UTC microseconds, and back; a text that is no time counts as now. */
    {"iso", "(strftime('%Y-%m-%dT%H:%M:%S', @1 / 1000000, 'unixepoch') || printf('.%06dZ', @1 % 1000000))"},
    {"micros", "coalesce(CAST(round((julianday(@1) - 2440587.5) * 86400000.0) AS INTEGER) * 1000, "
               "CAST(strftime('%s', 'now') AS INTEGER) * 1000000)"},
    /* A member of a JSON text; NULL when there is none or the text is not JSON. */
    {"json", "CASE WHEN json_valid(@1) THEN json_extract(@1, '$.@2') END"},
    /* A UUID of version 7, for rows that a statement makes. */
    {"uuid", "printf('%08x-%04x-7%03x-%s%03x-%012x', "
             "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) >> 16, "
             "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) & 65535, random() & 4095, "
             "substr('89ab', (random() & 3) + 1, 1), random() & 4095, random() & 281474976710655)"},
    {"after_slash", "substr(@1, instr(@1, '/') + 1)"},
    {"keyed", "WITHOUT ROWID"},
    {"like", "LIKE ? ESCAPE '\\'"},
    {"on_insert_instead", "CREATE TRIGGER @1_insert INSTEAD OF INSERT ON @1 BEGIN"},
    {"end_trigger", "END"},
    {"last_id", "last_insert_rowid()"},
    /* Full text: an index over columns of a table; @1 is the table, @2 the columns. It is written by statements, not
     * by triggers: with trusted_schema off, a trigger must not touch a virtual table. */
    {"search_possible", "SELECT count(*) FROM pragma_module_list WHERE name = 'fts5'"},
    {"search_table", "CREATE VIRTUAL TABLE @1_search USING fts5(@2, content='@1', content_rowid='id', "
                     "tokenize='unicode61 remove_diacritics 2')"},
    {"search_add", "INSERT INTO @1_search (rowid, @2)"},
    /* Wants the very values that were added. */
    {"search_remove", "INSERT INTO @1_search (@1_search, rowid, @2) VALUES ('delete', ?, ?, ?)"},
    /* The index leads the join: it yields matches newest first, so a page never collects them all. */
    {"search_from", "@1_search CROSS JOIN @1 g ON g.id = @1_search.rowid"},
    {"search_where", "@1_search MATCH ?"},
    {"search_id", "@1_search.rowid"},
    {NULL, NULL},
};
