/* SPDX-License-Identifier: MIT */
/**
 * @file memory.h
 * Allocation hooks, and the one way to free what the library hands out as owned text.
 */
#ifndef PIXAZO_MEMORY_H
#define PIXAZO_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/api.h>
#include <pixazo/error.h>

PIXAZO_BEGIN_DECLS

/**
 * Where the library's own memory comes from. All three functions are required and must be
 * callable from any thread. Third-party libraries (curl, SQLite, codecs) keep their allocators.
 */
typedef struct pixazo_memory_hooks {
  size_t struct_size;                                              /**< sizeof(pixazo_memory_hooks) */
  void *(*allocate)(size_t size, void *user_data);                 /**< like malloc; size is never 0 */
  void *(*reallocate)(void *memory, size_t size, void *user_data); /**< like realloc; size is never 0 */
  void (*release)(void *memory, void *user_data);                  /**< like free; memory is never NULL */
  void *user_data;                                                 /**< not owned; given to each call */
} pixazo_memory_hooks;

/** Sets every field to its default (NULL) and struct_size to @p size. @since 0.1 */
PIXAZO_API void pixazo_memory_hooks_init(pixazo_memory_hooks *hooks, size_t size);

/**
 * Installs allocation hooks for the whole process, once, before any other pixazo call.
 *
 * @param hooks copied; the functions must stay callable until the process ends
 * @return PIXAZO_OK; PIXAZO_E_STATE when the library has allocated already;
 *         PIXAZO_E_ARGUMENT when a function is missing; PIXAZO_E_ABI for an unknown tail
 * @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_memory_set_hooks(const pixazo_memory_hooks *hooks);

/** Frees text or bytes that a function documents as "owned, pixazo_free". NULL is allowed. @since 0.1 */
PIXAZO_API void pixazo_free(void *memory);

PIXAZO_END_DECLS

#endif
