/* SPDX-License-Identifier: MIT */
/* The port of a database driver: one file in drivers/ and one row in db.c. A connection is used by one thread at a
 * time. Parameters count from 1, columns from 0. */
#ifndef PX_DB_DRIVER_H
#define PX_DB_DRIVER_H

#include "db/db.h"

/* One word of a dialect; "@1" and "@2" in the text stand for its arguments. */
typedef struct px_db_word {
  const char *name;
  const char *text;
} px_db_word;

typedef struct px_db_driver {
  const char *name;
  const px_db_word *words; /* ends with a NULL name */
  /* Makes the database when absent and gives its full name; owned. */
  pixazo_status (*locate)(const char *name, char **located, pixazo_error **error);
  pixazo_status (*open)(const px_db_options *options, bool writer, void **connection, pixazo_error **error);
  void (*close)(void *connection);
  pixazo_status (*identify)(void *connection, px_db_identity *identity, pixazo_error **error);
  pixazo_status (*claim)(void *connection, const px_db_identity *identity, pixazo_error **error);
  /* The database is ours: what may be changed about it for good is changed now. */
  pixazo_status (*settle)(void *connection, pixazo_error **error);
  bool (*in_transaction)(void *connection);
  int64_t (*changes)(void *connection);
  int64_t (*last_id)(void *connection); /* of the row that was inserted last */
  pixazo_status (*prepare)(void *connection, const char *sql, void **statement, pixazo_error **error);
  void (*finish)(void *statement);
  pixazo_status (*bind)(void *statement, int index, const px_db_value *value, pixazo_error **error);
  pixazo_status (*step)(void *statement, bool *row, pixazo_error **error);
  void (*reset)(void *statement); /* and drops what is bound */
  void (*column)(void *statement, int index, px_db_value *value);
} px_db_driver;

extern const px_db_driver px_db_sqlite;
extern const px_db_word px_db_sqlite_words[];

/* Shared by the files of this folder. */
struct px_db_link;
void *px_db_link_connection(const struct px_db_link *link);
const px_db_driver *px_db_link_driver(const struct px_db_link *link);
/* A link on the writer without a transaction, for migrations. Ends with px_db_end. */
pixazo_status px_db_lock_writer(px_db *db, px_db_link **out, pixazo_error **error);
pixazo_status px_db_start_write(px_db_link *link, pixazo_error **error);
pixazo_status px_db_link_check(const px_db_link *link, pixazo_error **error);
const px_db_driver *px_db_driver_of(const px_db *db);

/* Statements of one connection, kept prepared. */
typedef struct px_db_cached {
  char *sql;
  void *statement;
  uint64_t hash;
  uint64_t used; /* when; the smallest goes first */
  bool busy;
} px_db_cached;

enum { PX_DB_CACHE = 96 };

typedef struct px_db_cache {
  px_db_cached entries[PX_DB_CACHE];
  uint64_t clock;
} px_db_cache;

px_db_cache *px_db_link_cache(struct px_db_link *link);
void px_db_cache_clear(px_db_cache *cache, const px_db_driver *driver);

#endif
