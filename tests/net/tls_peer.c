/* SPDX-License-Identifier: MIT */
#include "tls_peer.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/tmpdir.h"

enum { LOOK_MS = 20, REQUEST_MAX = 65536, PREFACE = 24, FRAME_HEAD = 9, HEADERS = 1 };

static void check(bool good, const char *what)
{
  if (good)
    return;
  fprintf(stderr, "the TLS peer: %s\n", what);
  abort();
}

static int choose_http2(SSL *tls, const unsigned char **out, unsigned char *size, const unsigned char *offered,
                        unsigned offered_size, void *user)
{
  static const unsigned char name[] = "\2h2";
  (void)tls, (void)user;
  unsigned char *chosen = NULL;
  int result = SSL_select_next_proto(&chosen, size, name, sizeof name - 1, offered, offered_size);
  *out = chosen;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static SSL_CTX *make_context(const char *directory, const tls_peer_script *script)
{
  char *certificate = tmpdir_path(directory, "server.pem");
  char *private_key = tmpdir_path(directory, "server.key");
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  check(context && SSL_CTX_use_certificate_chain_file(context, certificate) == 1 &&
            SSL_CTX_use_PrivateKey_file(context, private_key, SSL_FILETYPE_PEM) == 1,
        "its certificate");
  if (script->http2)
    SSL_CTX_set_alpn_select_cb(context, choose_http2, NULL);
  if (script->old) {
    SSL_CTX_set_security_level(context, 0);
    check(SSL_CTX_set_min_proto_version(context, TLS1_VERSION) == 1 &&
              SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION) == 1,
          "its version");
  }
  free(certificate);
  free(private_key);
  return context;
}

/* Whether the frames so far hold the head of a request. */
static bool has_headers(const unsigned char *bytes, size_t size)
{
  for (size_t at = PREFACE; at + FRAME_HEAD <= size;) {
    if (bytes[at + 3] == HEADERS)
      return true;
    at += FRAME_HEAD + ((size_t)bytes[at] << 16 | (size_t)bytes[at + 1] << 8 | bytes[at + 2]);
  }
  return false;
}

static bool is_whole(const tls_peer *self, const unsigned char *bytes, size_t size)
{
  return self->script.http2 ? has_headers(bytes, size) : memmem(bytes, size, "\r\n\r\n", 4) != NULL;
}

static bool read_request(const tls_peer *self, SSL *tls)
{
  static unsigned char bytes[REQUEST_MAX];
  size_t size = 0;
  while (!is_whole(self, bytes, size)) {
    int got = SSL_read(tls, bytes + size, (int)(sizeof bytes - size));
    if (got <= 0)
      return false;
    size += (size_t)got;
  }
  return true;
}

/* Reads on until the client goes: a connection that is closed with bytes unread takes back what was said. */
static void hear_out(tls_peer *self, int descriptor)
{
  char bytes[1024];
  struct pollfd client = {.fd = descriptor, .events = POLLIN};
  while (!atomic_load(&self->ending)) {
    if (poll(&client, 1, LOOK_MS) > 0 && recv(descriptor, bytes, sizeof bytes, 0) <= 0)
      return;
  }
}

static void serve(tls_peer *self, int descriptor)
{
  SSL *tls = SSL_new(self->context);
  struct timeval patience = {.tv_sec = 5};
  (void)setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  check(tls && SSL_set_fd(tls, descriptor) == 1, "memory");
  (void)atomic_fetch_add(&self->connections, 1);
  if (SSL_accept(tls) == 1 && read_request(self, tls)) {
    (void)atomic_fetch_add(&self->requests, 1);
    (void)SSL_write(tls, self->script.says, (int)self->script.size);
    if (!self->script.stall) {
      (void)SSL_shutdown(tls);
      (void)shutdown(descriptor, SHUT_WR);
    }
    hear_out(self, descriptor);
  }
  SSL_free(tls);
}

static void *run(void *argument)
{
  tls_peer *self = argument;
  sigset_t pipe_signal;
  (void)sigemptyset(&pipe_signal);
  (void)sigaddset(&pipe_signal, SIGPIPE);
  (void)pthread_sigmask(SIG_BLOCK, &pipe_signal, NULL);
  struct pollfd waiting = {.fd = self->listener, .events = POLLIN};
  while (!atomic_load(&self->ending)) {
    int descriptor = poll(&waiting, 1, LOOK_MS) > 0 ? accept(self->listener, NULL, NULL) : -1;
    if (descriptor < 0)
      continue;
    serve(self, descriptor);
    (void)close(descriptor);
  }
  return NULL;
}

void tls_peer_start(tls_peer *self, const char *directory, const tls_peer_script *script)
{
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t size = sizeof address;
  memset(self, 0, sizeof *self);
  self->script = *script;
  self->context = make_context(directory, script);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  self->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  check(bind(self->listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(self->listener, 16) == 0 &&
            getsockname(self->listener, (struct sockaddr *)&address, &size) == 0,
        "its socket");
  (void)snprintf(self->base, sizeof self->base, "https://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
  check(pthread_create(&self->thread, NULL, run, self) == 0, "its thread");
}

void tls_peer_stop(tls_peer *self)
{
  atomic_store(&self->ending, true);
  (void)pthread_join(self->thread, NULL);
  (void)close(self->listener);
  SSL_CTX_free(self->context);
}
