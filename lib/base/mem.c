/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <pixazo/memory.h>

#include "base/options.h"

/* The one piece of process-wide state an embedder may set: written once, before the first
 * allocation, and guarded by `used`, so that memory is never released by another allocator. */
static pixazo_memory_hooks hooks;
static atomic_int used;

enum { UNUSED, SETTING, IN_USE };

static void mark_used(void)
{
  int expected = UNUSED;
  if (atomic_load_explicit(&used, memory_order_acquire) != IN_USE &&
      !atomic_compare_exchange_strong(&used, &expected, IN_USE)) {
    while (atomic_load_explicit(&used, memory_order_acquire) == SETTING) {
    }
  }
}

void *px_malloc(size_t size)
{
  mark_used();
  if (size == 0)
    size = 1;
  return hooks.allocate ? hooks.allocate(size, hooks.user_data) : malloc(size);
}

void *px_calloc(size_t count, size_t size)
{
  size_t bytes;
  if (!px_mul_size(count, size, &bytes))
    return NULL;
  mark_used();
  if (!hooks.allocate)
    return calloc(1, bytes ? bytes : 1); /* fresh pages come zeroed: cheaper than memset */
  void *memory = px_malloc(bytes);
  if (memory)
    memset(memory, 0, bytes);
  return memory;
}

void *px_realloc_array(void *memory, size_t count, size_t size)
{
  size_t bytes;
  if (!px_mul_size(count, size, &bytes))
    return NULL;
  if (bytes == 0)
    bytes = 1;
  mark_used();
  return hooks.reallocate ? hooks.reallocate(memory, bytes, hooks.user_data) : realloc(memory, bytes);
}

void px_free(void *memory)
{
  if (!memory)
    return;
  if (hooks.release)
    hooks.release(memory, hooks.user_data);
  else
    free(memory);
}

char *px_strndup(const char *text, size_t length)
{
  char *copy = px_malloc(length + 1);
  if (copy) {
    memcpy(copy, text, length);
    copy[length] = '\0';
  }
  return copy;
}

char *px_strdup(const char *text)
{
  return text ? px_strndup(text, strlen(text)) : NULL;
}

void *px_memdup(const void *data, size_t size)
{
  void *copy = px_malloc(size);
  if (copy && size > 0)
    memcpy(copy, data, size);
  return copy;
}

void px_free_secret(char *text)
{
  if (text)
    explicit_bzero(text, strlen(text));
  px_free(text);
}

bool px_mul_size(size_t a, size_t b, size_t *out)
{
  return !__builtin_mul_overflow(a, b, out);
}

bool px_add_size(size_t a, size_t b, size_t *out)
{
  return !__builtin_add_overflow(a, b, out);
}

void px_free_scoped(void *pointer)
{
  px_free(*(void **)pointer);
}

void px_close_scoped(int *descriptor)
{
  if (*descriptor >= 0) {
    int saved = errno;
    (void)close(*descriptor);
    errno = saved;
  }
}

void pixazo_memory_hooks_init(pixazo_memory_hooks *target, size_t size)
{
  px_options_init(target, size);
}

pixazo_status pixazo_memory_set_hooks(const pixazo_memory_hooks *wanted)
{
  pixazo_memory_hooks copy;
  if (!wanted)
    return PIXAZO_E_ARGUMENT;
  pixazo_status status = px_options_copy(&copy, sizeof copy, wanted, "pixazo_memory_hooks", NULL);
  if (status != PIXAZO_OK)
    return status;
  if (!copy.allocate || !copy.reallocate || !copy.release)
    return PIXAZO_E_ARGUMENT;
  int expected = UNUSED;
  if (!atomic_compare_exchange_strong(&used, &expected, SETTING))
    return PIXAZO_E_STATE;
  hooks = copy;
  atomic_store_explicit(&used, IN_USE, memory_order_release);
  return PIXAZO_OK;
}

void pixazo_free(void *memory)
{
  px_free(memory);
}
