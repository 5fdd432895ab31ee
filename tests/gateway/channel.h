/* SPDX-License-Identifier: MIT */
/* The bytes of one connection, plain or TLS, never blocking. The only file pair that knows OpenSSL's connections. */
#ifndef GATEWAY_CHANNEL_H
#define GATEWAY_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct channel {
  int descriptor;
  void *tls; /* SSL, NULL = plain */
} channel;

enum { CHANNEL_END = 0, CHANNEL_AGAIN = -1, CHANNEL_BROKEN = -2 };

/* NULL after a message on stderr. */
void *channel_context(const char *certificate, const char *private_key);
void channel_context_free(void *context);

bool channel_secure(channel *self, void *context);
/* 1 = done, CHANNEL_AGAIN, CHANNEL_BROKEN; wants_write says what AGAIN waits for. */
int channel_handshake(channel *self, bool *wants_write);
/* Bytes moved, or CHANNEL_END, CHANNEL_AGAIN, CHANNEL_BROKEN. */
ssize_t channel_read(channel *self, void *buffer, size_t size);
ssize_t channel_write(channel *self, const void *data, size_t size);
/* Nothing more will be written; with_notice: in TLS's own way too. */
void channel_finish(channel *self, bool with_notice);
void channel_close(channel *self, bool reset);

#endif
