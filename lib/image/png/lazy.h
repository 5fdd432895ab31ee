/* SPDX-License-Identifier: MIT */
/* The quick way to tokens where bytes repeat: at each place the match that saves most, unless the next place has a better one. */
#ifndef PX_IMAGE_PNG_LAZY_H
#define PX_IMAGE_PNG_LAZY_H

#include "image/png/parse.h"

/* Tokens of a piece as px_parser_run makes them; the costs of the parser are known. */
size_t px_lazy_run(px_parser *parser, const px_effort *effort, const size_t piece[2], px_token *tokens);

#endif
