/* SPDX-License-Identifier: MIT */
/* The answer of a hook, filled through the public setters. */
#ifndef PX_PIPELINE_REVIEW_H
#define PX_PIPELINE_REVIEW_H

#include <stdbool.h>
#include <stddef.h>

#include <pixazo/review.h>

enum { PX_REVIEW_CATEGORIES = 32, PX_REVIEW_CATEGORY_BYTES = 64, PX_REVIEW_REASON_BYTES = 600 };

/* Without memory of its own: to block must not fail. */
struct pixazo_review {
  bool of_picture;
  bool blocked;
  bool has_alt_text;
  size_t category_count;
  char reason[PX_REVIEW_REASON_BYTES + 1];
  char categories[PX_REVIEW_CATEGORIES][PX_REVIEW_CATEGORY_BYTES + 1];
  char alt_text[PIXAZO_ALT_TEXT_MAX + 1];
};

/* What a blocking review says, as the record keeps it. */
pixazo_status px_review_json(const pixazo_review *review, char **out, pixazo_error **error);

#endif
