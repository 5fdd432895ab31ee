/* SPDX-License-Identifier: MIT */
/**
 * @file query.h
 * Which generations to list: filters, order and paging, built piece by piece or from JSON.
 *
 * | key             | type    | meaning |
 * |-----------------|---------|---------|
 * | state           | string  | one or several, comma separated: "planned", "active", "done", ...; also "lost": failed ones
 * |                 |         | that were paid for and whose answer could not be taken |
 * | provider, model | string  | exact |
 * | principal       | string  | exact; "" is the default principal |
 * | batch           | string  | UUID |
 * | parent          | string  | UUID of the generation it is a part, a retry or an edit of |
 * | post_id, prompt_id | string | of one of its pictures |
 * | text            | string  | words of the prompt and of alternative texts, all of them; the last may be the start of one |
 * | since_us, until_us | integer | created at or after / before, UTC microseconds |
 * | limit           | integer | at most this many, 1 to 1000; default 20 |
 * | cursor          | string  | go on after the page that gave it; only with the same filters |
 * | page            | integer | from 1; an alternative to cursor; pages are limit long |
 * | offset          | integer | an alternative to page |
 *
 * Of cursor, page and offset at most one; two of them are PIXAZO_E_ARGUMENT when the query is used. Text is at most 1024
 * bytes, `text` 4096.
 *
 * Newest first. A query belongs to one thread while it is built and is read-only when used.
 */
#ifndef PIXAZO_QUERY_H
#define PIXAZO_QUERY_H

#include <stdint.h>

#include <pixazo/api.h>
#include <pixazo/error.h>

PIXAZO_BEGIN_DECLS

/** A query being built; sole owner; pixazo_query_free. */
typedef struct pixazo_query pixazo_query;

/** Makes a query for the newest generations. @param[out] out owned, pixazo_query_free.
 *  @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_query_new(pixazo_query **out, pixazo_error **error);

/** Makes a query from a JSON object of the keys above. @return PIXAZO_OK, PIXAZO_E_ARGUMENT (not JSON, unknown
 *  key, wrong type or range), PIXAZO_E_LIMIT (over 64 KiB), PIXAZO_E_NOMEM. @param[out] out owned,
 *  pixazo_query_free. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_query_new_from_json(const char *json, pixazo_query **out, pixazo_error **error);

/** Sets a string filter; copied; NULL removes it. @return PIXAZO_OK, PIXAZO_E_ARGUMENT (unknown key, unknown state, not a
 *  UUID, too long, not UTF-8), PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_query_set_string(pixazo_query *query, const char *key, const char *value, pixazo_error **error);

/** Sets an integer filter. @return PIXAZO_OK, PIXAZO_E_ARGUMENT (unknown key or out of range). @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_query_set_int(pixazo_query *query, const char *key, int64_t value, pixazo_error **error);

/** The query as JSON with "schema": 1. @param[out] out owned, pixazo_free.
 *  @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_query_to_json(const pixazo_query *query, char **out, pixazo_error **error);

/** Frees the query. NULL is allowed. @since 0.1 */
PIXAZO_API void pixazo_query_free(pixazo_query *query);

PIXAZO_END_DECLS

#endif
