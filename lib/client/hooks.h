/* SPDX-License-Identifier: MIT */
/* What the blocking calls share: the retry hook, files in memory, blobs out of them. */
#ifndef PX_CLIENT_HOOKS_H
#define PX_CLIENT_HOOKS_H

#include "client/exchange.h"

typedef struct px_retry_notice {
  px_waiter *waiter;
  const pixazo_error *cause;
  int32_t attempt_class;
  uint32_t retry;
  uint32_t delay_ms;
} px_retry_notice;

/* Logs the retry and asks the hook, which may change *delay_ms. False: vetoed. */
bool px_hooks_retry(const px_retry_notice *notice, uint32_t *delay_ms);

/* An unnamed file in memory. */
pixazo_status px_memory_file(const char *name, int *descriptor, pixazo_error **error);
pixazo_status px_blob_of_descriptor(int descriptor, pixazo_blob **out, pixazo_error **error);

#endif
