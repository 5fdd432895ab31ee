/* SPDX-License-Identifier: MIT */
/* Memory: the only way to allocate inside the library, overflow-checked sizes, scoped ownership. */
#ifndef PX_BASE_MEM_H
#define PX_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

void *px_malloc(size_t size);                                   /* NULL on failure; size 0 gives 1 byte */
void *px_calloc(size_t count, size_t size);                     /* zeroed; NULL on overflow too */
void *px_realloc_array(void *memory, size_t count, size_t size); /* old memory stays valid on failure */
void px_free(void *memory);
char *px_strdup(const char *text); /* NULL for NULL */
char *px_strndup(const char *text, size_t length);
void *px_memdup(const void *data, size_t size);
/* Overwrites before freeing: for keys. */
void px_free_secret(char *text);

bool px_mul_size(size_t a, size_t b, size_t *out); /* false on overflow */
bool px_add_size(size_t a, size_t b, size_t *out);

/* Scoped ownership. `px_auto(px_buf) b = ...;` calls px_buf_done(&b) when b leaves its scope;
 * `px_autofree char *p = NULL;` frees p. px_steal(&p) moves a pointer out. */
#define px_auto(type) __attribute__((cleanup(type##_done))) type
#define px_autofree __attribute__((cleanup(px_free_scoped)))
#define px_autoclose __attribute__((cleanup(px_close_scoped)))
#define px_cleanup(function) __attribute__((cleanup(function)))
#define px_steal(pointer)                   \
  __extension__({                           \
    __typeof__(*(pointer)) px_stolen = *(pointer); \
    *(pointer) = NULL;                      \
    px_stolen;                              \
  })

void px_free_scoped(void *pointer);  /* for px_autofree: takes the address of the pointer */
void px_close_scoped(int *descriptor); /* for px_autoclose: closes when >= 0, keeps errno */

#define PX_ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
