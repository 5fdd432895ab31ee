/* SPDX-License-Identifier: MIT */
/* The API key in what a provider sends back: as it is, percent-encoded as in a link, or escaped as in JSON. */
#ifndef PX_CLIENT_SECRET_H
#define PX_CLIENT_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that `secret` takes at the very beginning of `text`; 0: it does not stand there. NULL and what is too short to be a
 * secret stand nowhere. */
size_t px_secret_at(const char *text, size_t size, const char *secret);
bool px_secret_in(const char *text, size_t size, const char *secret);
/* Stars over every place where it stands; text may be NULL. */
void px_secret_mask(char *text, const char *secret);

#endif
