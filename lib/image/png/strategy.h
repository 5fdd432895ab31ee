/* SPDX-License-Identifier: MIT */
/* Whether the rows of a picture are filtered at all: in pictures of few colours filters hide what repeats. */
#ifndef PX_IMAGE_PNG_STRATEGY_H
#define PX_IMAGE_PNG_STRATEGY_H

#include "image/pixmap.h"
#include "image/png/filter.h"

/* PX_FILTER_NONE or PX_FILTER_CHOOSE for all rows; follows from the pixels alone. Pictures of few colours are tried both
 * ways on a few rows. E_NOMEM. */
pixazo_status px_filter_strategy(px_simd simd, const px_pixmap *pixmap, px_filter *out, pixazo_error **error);

#endif
