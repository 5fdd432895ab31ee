/* SPDX-License-Identifier: MIT */
/* The ABI rule of size-first structs, in one place: copy in, refuse an unknown used tail. */
#ifndef PX_BASE_OPTIONS_H
#define PX_BASE_OPTIONS_H

#include <stddef.h>

#include <pixazo/error.h>

/* Zeroes `size` bytes and writes `size` into the leading size_t. */
void px_options_init(void *options, size_t size);

/* Copies a caller's struct of any age into `target` (`size` bytes, the newest layout).
 * NULL gives all defaults. Missing fields become zero; an unknown tail must be zero.
 * E_ABI: unknown tail used, or a size that cannot be right. */
pixazo_status px_options_copy(void *target, size_t size, const void *source, const char *name, pixazo_error **error);

#endif
