/* SPDX-License-Identifier: MIT */
/* Documents that people write: read by tables of members, so that a misspelt one is an error, with messages that begin
 * with the path of what is wrong ("models[2].parameters.steps.max: want a number, got string"). */
#ifndef PX_JSON_PLACE_H
#define PX_JSON_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include <pixazo/error.h>

#include "json/json.h"

/* A node and the way to it. */
typedef struct px_place {
  const struct px_place *parent; /* NULL: the document itself */
  const char *name;              /* member of the parent; NULL: element `index` of it */
  size_t index;
  const px_json *node;
} px_place;

typedef enum px_want {
  PX_WANT_TEXT,   /* const char *, borrowed from the tree */
  PX_WANT_BOOL,   /* bool */
  PX_WANT_INT32,  /* int32_t */
  PX_WANT_INT64,  /* int64_t */
  PX_WANT_UINT32, /* uint32_t */
  PX_WANT_UINT64, /* uint64_t */
  PX_WANT_DOUBLE, /* double */
  PX_WANT_OBJECT, /* const px_json * */
  PX_WANT_ARRAY,  /* const px_json * */
  PX_WANT_ANY     /* const px_json * */
} px_want;

typedef struct px_member {
  const char *name;
  px_want want;
  size_t offset;  /* in the struct that is filled */
  double minimum; /* of numbers; of texts the least bytes */
  double maximum; /* of numbers; of texts and lists the most bytes or elements */
  bool required;
} px_member;

/* E_ARGUMENT with the path before the words. */
pixazo_status px_place_fail(const px_place *place, pixazo_error **error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "want WHAT between MINIMUM and MAXIMUM". */
pixazo_status px_place_fail_range(const px_place *place, const char *what, double minimum, double maximum,
                                  pixazo_error **error);
/* The place of a member or of an element; its node is NULL when it is not there. */
px_place px_place_member(const px_place *place, const char *name);
px_place px_place_child(const px_place *place, const px_json *child, size_t index);
/* E_ARGUMENT when it is of another kind. */
pixazo_status px_place_is(const px_place *place, px_json_kind kind, pixazo_error **error);
/* Fills a struct from an object by the table. Absent and null leave the struct as it was; a member that is not in the
 * table is an error. */
pixazo_status px_place_read(const px_place *place, const px_member *members, size_t count, void *out, pixazo_error **error);
/* Position of the text among these; E_ARGUMENT names them all. */
pixazo_status px_place_word(const px_place *place, const char *const *words, size_t count, size_t *out, pixazo_error **error);

#endif
