/* SPDX-License-Identifier: MIT */
/* JSON texts from outside: checked against RFC 8259 and bounded before any tree is built, read by path with
 * errors that name the path, numbers kept as the text they came in. */
#ifndef PX_JSON_JSON_H
#define PX_JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/error.h>

/* A node of a tree. The root is owned (px_json_free); every other node and every string is borrowed from it. */
typedef struct px_json px_json;

typedef enum px_json_kind {
  PX_JSON_NULL,
  PX_JSON_BOOL,
  PX_JSON_NUMBER,
  PX_JSON_STRING,
  PX_JSON_ARRAY,
  PX_JSON_OBJECT
} px_json_kind;

enum { PX_JSON_DEPTH_MAX = 64 };

typedef struct px_json_limits {
  size_t max_bytes;    /* 0: 32 MiB */
  uint32_t max_depth;  /* 0: 64, which is also the most */
  uint32_t max_tokens; /* 0: 1000000; keys, values and brackets */
} px_json_limits;

/* E_CORRUPT: not JSON, not UTF-8, a \u0000, a lone surrogate, a key twice in one object ("byte 17: ...").
 * E_LIMIT, E_NOMEM. `limits` may be NULL. `text` needs no NUL and is not kept. */
pixazo_status px_json_parse(const char *text, size_t size, const px_json_limits *limits, px_json **out,
                            pixazo_error **error);
/* The same for text that the caller wrote: what is no JSON is E_ARGUMENT, and each message begins with `what`. */
pixazo_status px_json_parse_given(const char *text, size_t size, const px_json_limits *limits, const char *what,
                                  px_json **out, pixazo_error **error);
void px_json_free(px_json *root);  /* NULL is fine */
void px_json_done(px_json **root); /* for px_cleanup(px_json_done) */

/* Shape. `node` may be NULL where it says so. */
px_json_kind px_json_kind_of(const px_json *node);
const char *px_json_kind_name(px_json_kind kind);        /* "string" */
bool px_json_is(const px_json *node, px_json_kind kind); /* false for NULL */
size_t px_json_size(const px_json *node);                /* elements or members; 0 for anything else and NULL */

/* Walking: first child and next sibling; NULL at the end. Indexing costs a walk, so loop with these. */
const px_json *px_json_first(const px_json *node); /* NULL allowed */
const px_json *px_json_next(const px_json *node);
const char *px_json_name(const px_json *node);                          /* member name; NULL for elements and the root */
const px_json *px_json_element(const px_json *array, size_t index);     /* NULL when absent */
const px_json *px_json_member(const px_json *object, const char *name); /* exact name, dots and all; NULL when absent */

/* Paths: "data[0].url", "[2]", "a.b"; "" is the node itself. NULL when a step is absent or of another kind. */
const px_json *px_json_find(const px_json *node, const char *path);

/* Values of a node whose kind is known. Text of a number is exactly as it came. */
const char *px_json_text(const px_json *node); /* of a string or number, else NULL; NULL allowed */

/* Typed reads by path. E_NOT_FOUND: absent or null ("data[0].url: missing").
 * E_CORRUPT: another kind ("data[0].url: want string, got number"), or a number out of range. */
pixazo_status px_json_get_string(const px_json *node, const char *path, const char **out, pixazo_error **error);
/* Exact in the whole int64 range; 7.0 and 1e3 count as integers up to 2^53, 7.5 is refused. */
pixazo_status px_json_get_int64(const px_json *node, const char *path, int64_t *out, pixazo_error **error);
pixazo_status px_json_get_double(const px_json *node, const char *path, double *out, pixazo_error **error);
pixazo_status px_json_get_bool(const px_json *node, const char *path, bool *out, pixazo_error **error);
pixazo_status px_json_get_array(const px_json *node, const char *path, const px_json **out, pixazo_error **error);
pixazo_status px_json_get_object(const px_json *node, const char *path, const px_json **out, pixazo_error **error);

/* The same, but absent or null is OK and leaves *out as it was (the caller's default). */
pixazo_status px_json_may_string(const px_json *node, const char *path, const char **out, pixazo_error **error);
pixazo_status px_json_may_int64(const px_json *node, const char *path, int64_t *out, pixazo_error **error);
pixazo_status px_json_may_double(const px_json *node, const char *path, double *out, pixazo_error **error);
pixazo_status px_json_may_bool(const px_json *node, const char *path, bool *out, pixazo_error **error);
pixazo_status px_json_may_array(const px_json *node, const char *path, const px_json **out, pixazo_error **error);
pixazo_status px_json_may_object(const px_json *node, const char *path, const px_json **out, pixazo_error **error);

/* Compact text of a node and all below it; numbers exactly as they came. Owned, px_free; NULL: no memory. */
char *px_json_print(const px_json *node);

#endif
