/* SPDX-License-Identifier: MIT */
/**
 * @file repository.h
 * The searchable record of everything that was asked, sent, paid and delivered.
 *
 * One SQLite database file, which any number of processes may open. Any thread may use a repository. In a child of
 * the process that opened it every function returns PIXAZO_E_STATE; reading and writing may also fail with PIXAZO_E_IO.
 * Two views give the tables of older tools: `generations` (which such a tool may go on writing to)
 * and `generated_images`.
 */
#ifndef PIXAZO_REPOSITORY_H
#define PIXAZO_REPOSITORY_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/api.h>
#include <pixazo/error.h>
#include <pixazo/gate.h>
#include <pixazo/log.h>
#include <pixazo/query.h>
#include <pixazo/record.h>

PIXAZO_BEGIN_DECLS

/** Zero in any field means "the default". All text is copied. */
typedef struct pixazo_repository_options {
  size_t struct_size;        /**< sizeof(pixazo_repository_options) */
  const char *path;          /**< database file; required; its directory is made if absent; files get mode 0600 */
  const char *media_root;    /**< absolute directory put before keys to form local paths; kept in the database, for its
                                  views; default: paths are "" */
  pixazo_log *log;           /**< one reference is taken; default none */
  uint32_t busy_timeout_ms;  /**< how long to wait for another process's write; default 10000 */
  int32_t convert_legacy;    /**< 1: a file with the table of the Pixazo MCP tool is converted, a copy kept beside it;
                                  default 0: such a file is refused with PIXAZO_E_EXISTS */
} pixazo_repository_options;

/** Static initialiser; the same as pixazo_repository_options_init(). */
#define PIXAZO_REPOSITORY_OPTIONS_INIT                           \
  {                                                              \
    sizeof(pixazo_repository_options), NULL, NULL, NULL, 0, 0 \
  }

/** Sets every field to its default. @param size sizeof(pixazo_repository_options). @since 0.1 */
PIXAZO_API void pixazo_repository_options_init(pixazo_repository_options *options, size_t size);

/** A repository; counted; any thread. */
typedef struct pixazo_repository pixazo_repository;

/** One page of a list; owned; pixazo_page_free. */
typedef struct pixazo_page pixazo_page;

/**
 * Opens the database, makes it when absent, brings an older schema up to date in one transaction.
 * @param options required
 * @param[out] out owned, pixazo_repository_unref
 * @return PIXAZO_OK; PIXAZO_E_ARGUMENT; PIXAZO_E_CORRUPT (not a database, or a damaged one);
 *         PIXAZO_E_UNSUPPORTED (schema of a newer library: nothing is written); PIXAZO_E_EXISTS (legacy table, see
 *         convert_legacy; or a database of another program); PIXAZO_E_BUSY; PIXAZO_E_IO; PIXAZO_E_ABI; PIXAZO_E_NOMEM.
 *         @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_repository_new(const pixazo_repository_options *options, pixazo_repository **out, pixazo_error **error);

/** One more reference; returns @p repository. @since 0.1 */
PIXAZO_API pixazo_repository *pixazo_repository_ref(pixazo_repository *repository);

/** Drops one reference; NULL is allowed; always returns NULL. @since 0.1 */
PIXAZO_API pixazo_repository *pixazo_repository_unref(pixazo_repository *repository);

/** A gate that records and reserves every paid call in this database, for pixazo_client_options.gate.
 *  @param[out] out owned, pixazo_gate_unref. @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_repository_gate(pixazo_repository *repository, pixazo_gate **out, pixazo_error **error);

/**
 * Sets a budget, or changes the one of the same scope, name, period and currency: what calls may cost together. It counts
 * what the ledger holds already. spent + open + reserved never pass it, as long as the bounds of the prices hold; a call
 * that could is refused with PIXAZO_E_BUDGET before anything is sent, in every process that uses this database. Days and
 * months are of UTC. docs/budgets.md says what counts when.
 * @param json object with "scope" ("all", default; "provider", "principal"), "name" (of the provider or principal; "" is the
 *             default principal), "period" ("day", "month", "total", default), "currency" (default "USD"), "cap_micros"
 *             (millionths of the currency's unit; required) and "allow_unknown_price" (default false: a call without a
 *             price in that currency is refused)
 * @return PIXAZO_OK, PIXAZO_E_ARGUMENT (not JSON, another member or out of range), PIXAZO_E_LIMIT, PIXAZO_E_BUSY,
 *         PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_repository_set_budget(pixazo_repository *repository, const char *json, pixazo_error **error);

/**
 * All budgets with what they count in the period of now, as one JSON object with "schema": 1 and "budgets": the members of
 * pixazo_repository_set_budget(), "used_micros" (all of "settled_micros", "reserved_micros" of calls on their way and
 * "open_micros": upper bounds of calls whose outcome nobody knows), "left_micros", "unknown_price_calls" (charged, maybe
 * charged or on their way, and not counted), "over_bound_calls" (that cost more than was reserved), "period_begin_us" and
 * "period_end_us" (null for "total"). A budget of scope "run" belongs to a pipeline or gate; its name is a worker.
 * @param[out] out owned, pixazo_free
 * @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_BUSY, PIXAZO_E_CORRUPT, PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_repository_budgets(pixazo_repository *repository, char **out, pixazo_error **error);

/** Removes the budget of a scope, name, period and currency, with the defaults of pixazo_repository_set_budget(); further
 *  members are left aside, so an item of the list will do. @return PIXAZO_OK, PIXAZO_E_NOT_FOUND, PIXAZO_E_ARGUMENT,
 *  PIXAZO_E_LIMIT, PIXAZO_E_BUSY, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_repository_remove_budget(pixazo_repository *repository, const char *json, pixazo_error **error);

/**
 * Sets a quota, or replaces the one with the same provider and principal: how many calls may be made, in every process that
 * uses this database. A call that must wait waits, and progress says until when (PIXAZO_STAGE_QUEUED); one that would wait
 * longer than max_wait_ms is refused with PIXAZO_E_THROTTLED and pixazo_error_retry_after_ms() before anything is sent.
 * @param json object with "provider" and "principal" (a name: for that one; "*": for each by itself; absent: for all
 *             together), "requests" in "window_ms" (default 3600000), "burst" (how many of these at once after a pause;
 *             default all of them), "slots" (calls at the same time; a call of a process that died holds none) and
 *             "max_wait_ms" (0: refuse at once; default: wait as long as it takes). requests, slots or both are required.
 * @return PIXAZO_OK, PIXAZO_E_ARGUMENT (not JSON, another member or out of range), PIXAZO_E_LIMIT, PIXAZO_E_BUSY,
 *         PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_repository_set_quota(pixazo_repository *repository, const char *json, pixazo_error **error);

/** All quotas as one JSON object with "schema": 1 and "quotas": the members of pixazo_repository_set_quota().
 *  @param[out] out owned, pixazo_free
 *  @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_BUSY, PIXAZO_E_CORRUPT, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_repository_quotas(pixazo_repository *repository, char **out, pixazo_error **error);

/** Removes the quota of a provider and a principal, written as in pixazo_repository_set_quota(); further members are left
 *  aside. @return PIXAZO_OK, PIXAZO_E_NOT_FOUND, PIXAZO_E_ARGUMENT, PIXAZO_E_LIMIT, PIXAZO_E_BUSY, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_repository_remove_quota(pixazo_repository *repository, const char *json, pixazo_error **error);

/**
 * One generation by UUID, or by the UUID of one of its pictures.
 * @param[out] out owned, pixazo_generation_free
 * @return PIXAZO_OK, PIXAZO_E_NOT_FOUND, PIXAZO_E_ARGUMENT (not a UUID), PIXAZO_E_BUSY, PIXAZO_E_CORRUPT, PIXAZO_E_NOMEM.
 *         @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_repository_find(pixazo_repository *repository, const char *uuid, pixazo_generation **out, pixazo_error **error);

/** One generation by principal and idempotency key. @return as pixazo_repository_find(). @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_repository_find_key(pixazo_repository *repository, const char *principal, const char *idempotency_key,
                           pixazo_generation **out, pixazo_error **error);

/**
 * One page of generations.
 * @param query NULL means the newest 20; removed generations are left out
 * @param[out] out owned, pixazo_page_free
 * @return PIXAZO_OK (also for an empty page), PIXAZO_E_ARGUMENT (bad cursor, two ways of paging), PIXAZO_E_BUSY,
 *         PIXAZO_E_CORRUPT, PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_repository_list(pixazo_repository *repository, const pixazo_query *query, pixazo_page **out, pixazo_error **error);

/** How many generations a query selects; limit, cursor, page and offset are left aside. @param query NULL means all.
 *  @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_BUSY, PIXAZO_E_CORRUPT, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_repository_count(pixazo_repository *repository, const pixazo_query *query, int64_t *out, pixazo_error **error);

/**
 * Numbers per provider and model (generations by state, pictures, bytes, cost, mean time), and the ledger's totals
 * (settled, open, reserved per currency), as one JSON object with "schema": 1.
 * @param[out] out owned, pixazo_free.
 * @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_BUSY, PIXAZO_E_CORRUPT, PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_repository_stats(pixazo_repository *repository, char **out, pixazo_error **error);

/**
 * What calls have cost, added up from the ledger, as one JSON object with "schema": 1, "by" and "costs": for each key and
 * currency "settled_micros", "open_micros" (upper bounds of calls whose outcome nobody knows), "reserved_micros" (of calls on
 * their way), "calls" and "unknown_price_calls". A call belongs to the UTC day it was sent.
 * @param by "day" (also for NULL), "month", "provider", "model" ("provider/model") or "principal"
 * @param since_us calls of the day of this instant and later, UTC microseconds; 0 means all
 * @param[out] out owned, pixazo_free
 * @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_BUSY, PIXAZO_E_CORRUPT, PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_repository_costs(pixazo_repository *repository, const char *by, int64_t since_us, char **out, pixazo_error **error);

/**
 * Changes what a user may change on a picture: rating (0 to 5), starred (0, 1), post_id, prompt_id, alt_text.
 * @param uuid of the picture
 * @param json object with the members to change; text at most 4096 bytes, null removes it
 * @return PIXAZO_OK; PIXAZO_E_NOT_FOUND (also: removed); PIXAZO_E_ARGUMENT (not JSON, another
 *         member, or out of range); PIXAZO_E_LIMIT (over 64 KiB); PIXAZO_E_BUSY; PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_repository_update(pixazo_repository *repository, const char *uuid, const char *json, pixazo_error **error);

/**
 * First phase of deleting: the pictures of an ended generation are marked and no longer listed.
 * The rows of what was paid stay. pixazo_repository_purge() is the second phase.
 * @param uuid of a generation, or of one of its pictures for that one alone
 * @return PIXAZO_OK (also when it is marked already), PIXAZO_E_NOT_FOUND, PIXAZO_E_STATE (not ended). @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_repository_remove(pixazo_repository *repository, const char *uuid, pixazo_error **error);

/** Takes the mark off again, as long as it was not purged. @return as pixazo_repository_remove(). @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_repository_restore(pixazo_repository *repository, const char *uuid, pixazo_error **error);

/**
 * Second phase of deleting: gives the store keys of pictures marked before @p before_us that no other row names,
 * as a JSON array of strings; the caller removes them from the store and then calls this again with the same
 * @p before_us and @p done = 1, which drops the rows of exactly those pictures. From the first call on they cannot be
 * restored.
 * @param before_us UTC microseconds, above 0
 * @param done 0 or 1
 * @param[out] keys owned, pixazo_free; may be NULL with @p done = 1
 * @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_BUSY, PIXAZO_E_CORRUPT, PIXAZO_E_IO, PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_repository_purge(pixazo_repository *repository, int64_t before_us, int32_t done, char **keys, pixazo_error **error);

/**
 * Checks the database: SQLite's own quick check, one ledger row per attempt, states that fit.
 * The one function that sets an out-parameter although it fails: the report is what a damaged database is checked for.
 * @param[out] out owned JSON report, pixazo_free; set with PIXAZO_OK and with PIXAZO_E_CORRUPT, also when the file cannot
 *             be read on ("problems" then holds how far it could); untouched by every other failure
 * @return PIXAZO_OK (no problem), PIXAZO_E_CORRUPT (problems, or no database at all), PIXAZO_E_ARGUMENT, PIXAZO_E_BUSY,
 *         PIXAZO_E_IO, PIXAZO_E_NOMEM, PIXAZO_E_LIMIT (the report would be too long). @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_repository_check(pixazo_repository *repository, char **out, pixazo_error **error);

/** Number of generations on a page. @since 0.1 */
PIXAZO_API size_t pixazo_page_count(const pixazo_page *page);
/** Generation @p index of a page; borrowed; NULL past the end. @since 0.1 */
PIXAZO_API const pixazo_generation *pixazo_page_get(const pixazo_page *page, size_t index);
/** Cursor of the next page; "" when this is the last one. @since 0.1 */
PIXAZO_API const char *pixazo_page_cursor(const pixazo_page *page);
/** Frees the page. NULL is allowed. @since 0.1 */
PIXAZO_API void pixazo_page_free(pixazo_page *page);

PIXAZO_END_DECLS

#endif
