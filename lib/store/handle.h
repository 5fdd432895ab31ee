/* SPDX-License-Identifier: MIT */
/* A store as the files of this folder see it: a table of functions, built-in or the program's, behind one handle. */
#ifndef PX_STORE_HANDLE_H
#define PX_STORE_HANDLE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include <pixazo/log.h>
#include <pixazo/store_backend.h>

#include "json/json.h"

#define PX_STORE_INCOMING ".incoming" /* where the local store keeps unfinished files */

enum {
  PX_STORE_KEY_MAX = 512,
  PX_STORE_CURSOR_MAX = 1024,
  PX_STORE_TEXT_MAX = 8192 /* links and paths */
};

struct pixazo_store {
  atomic_uint references;
  /* constant */
  pixazo_store_ops ops;
  void *self;
  const char *kind;
  pixazo_log *log;
  pid_t process;
  bool any_thread;
  bool moves; /* a file that is given up is moved where that is possible, and in any case gone after a put */
  pthread_mutex_t serial; /* held around every call of a store without PIXAZO_OPS_ANY_THREAD */
};

/* Takes over self on success only. */
pixazo_status px_store_new(const char *kind, const pixazo_store_ops *ops, void *self, bool any_thread, pixazo_log *log,
                           pixazo_store **out, pixazo_error **error);

/* What every public function does around the call of an operation:
 *   PX_TRY(px_store_check(store, store->ops.stat != NULL, "tell facts", key, error));
 *   px_cleanup(px_store_leave) pixazo_store *inside = px_store_enter(store);
 * px_store_check: E_ARGUMENT for NULL or a bad key (key NULL: not looked at), E_STATE after fork, E_UNSUPPORTED. */
pixazo_status px_store_check(const pixazo_store *store, bool able, const char *what, const char *key, pixazo_error **error);
pixazo_store *px_store_enter(pixazo_store *store);
void px_store_leave(pixazo_store **store);

/* Rows of the registry. `options` is an object without members the constructor does not know. */
pixazo_status px_store_local_from_json(const px_json *options, pixazo_log *log, pixazo_store **out, pixazo_error **error);
pixazo_status px_store_memory_from_json(const px_json *options, pixazo_log *log, pixazo_store **out, pixazo_error **error);
/* E_ARGUMENT when the object has a member that is not in the list (NULL at its end); "kind" is always known. */
pixazo_status px_store_known_members(const px_json *options, const char *const *names, pixazo_error **error);

#endif
