/* SPDX-License-Identifier: MIT */
#include "gateway/channel.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* Only HTTP/1.1 is spoken here; a client that offers nothing else is refused. */
static int choose_protocol(SSL *tls, const unsigned char **out, unsigned char *out_size, const unsigned char *offered,
                           unsigned int offered_size, void *context)
{
  static const unsigned char wanted[] = "\x08http/1.1";
  (void)tls;
  (void)context;
  unsigned char *chosen;
  int result = SSL_select_next_proto(&chosen, out_size, wanted, sizeof wanted - 1, offered, offered_size);
  *out = chosen;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void *channel_context(const char *certificate, const char *private_key)
{
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  if (context)
    SSL_CTX_set_security_level(context, 0); /* it also plays servers whose certificates are too weak */
  if (!context || SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, private_key, SSL_FILETYPE_PEM) != 1) {
    ERR_print_errors_fp(stderr);
    SSL_CTX_free(context);
    return NULL;
  }
  (void)SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  (void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  (void)SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
  return context;
}

void channel_context_free(void *context)
{
  SSL_CTX_free(context);
}

bool channel_secure(channel *self, void *context)
{
  self->tls = SSL_new(context);
  return self->tls && SSL_set_fd(self->tls, self->descriptor) == 1;
}

static int tls_result(channel *self, int result, bool *wants_write)
{
  switch (SSL_get_error(self->tls, result)) {
  case SSL_ERROR_WANT_WRITE:
    *wants_write = true;
    return CHANNEL_AGAIN;
  case SSL_ERROR_WANT_READ:
    return CHANNEL_AGAIN;
  case SSL_ERROR_ZERO_RETURN:
    return CHANNEL_END;
  default:
    return CHANNEL_BROKEN;
  }
}

int channel_handshake(channel *self, bool *wants_write)
{
  *wants_write = false;
  ERR_clear_error();
  int result = SSL_accept(self->tls);
  if (result == 1)
    return 1;
  int told = tls_result(self, result, wants_write);
  return told == CHANNEL_END ? CHANNEL_BROKEN : told;
}

static ssize_t plain_result(ssize_t result)
{
  if (result >= 0)
    return result;
  return errno == EAGAIN || errno == EINTR ? CHANNEL_AGAIN : CHANNEL_BROKEN;
}

ssize_t channel_read(channel *self, void *buffer, size_t size)
{
  bool wants_write;
  if (!self->tls)
    return plain_result(recv(self->descriptor, buffer, size, 0));
  size_t got;
  ERR_clear_error();
  int result = SSL_read_ex(self->tls, buffer, size, &got);
  return result == 1 ? (ssize_t)got : tls_result(self, result, &wants_write);
}

ssize_t channel_write(channel *self, const void *data, size_t size)
{
  bool wants_write;
  if (!self->tls)
    return plain_result(send(self->descriptor, data, size, MSG_NOSIGNAL));
  size_t put;
  ERR_clear_error();
  int result = SSL_write_ex(self->tls, data, size, &put);
  return result == 1 ? (ssize_t)put : tls_result(self, result, &wants_write);
}

void channel_finish(channel *self, bool with_notice)
{
  if (self->tls && with_notice && SSL_is_init_finished(self->tls)) {
    ERR_clear_error();
    (void)SSL_shutdown(self->tls);
  }
  (void)shutdown(self->descriptor, SHUT_WR);
}

void channel_close(channel *self, bool reset)
{
  struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  if (reset)
    (void)setsockopt(self->descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  SSL_free(self->tls);
  (void)close(self->descriptor);
  *self = (channel){.descriptor = -1};
}
