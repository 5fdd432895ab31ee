/* SPDX-License-Identifier: MIT */
/* The libcurl glue. What each setting is for stands beside it; tests/net shows each. */
#include "net/multi.h"

#include <curl/curl.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/libraries.h"
#include "base/mem.h"
#include "base/str.h"
#include "net/descriptors.h"
#include "net/guard.h"
#include "net/lookup.h"
#include "net/wire.h"

enum { KEEPALIVE_S = 60 };

struct px_multi {
  px_multi_settings settings;
  CURLM *handle;
  int64_t due_us;
};

static int64_t now_us(const px_multi *multi)
{
  return px_mono_us(multi->settings.clock);
}

/* ---- callbacks of one transfer ---- */

static size_t give_body(char *buffer, size_t size, size_t count, void *user)
{
  size_t given = 0;
  return px_wire_give(user, buffer, size * count, &given) ? given : CURL_READFUNC_ABORT;
}

static size_t take_head(char *line, size_t size, size_t count, void *user)
{
  return px_wire_take_head(user, line, size * count) ? size * count : 0;
}

static size_t take_body(char *data, size_t size, size_t count, void *user)
{
  return px_wire_take_body(user, data, size * count) ? size * count : 0;
}

static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *peer)
{
  px_transfer *transfer = user;
  px_multi *multi = transfer->multi;
  (void)purpose;
  multi->settings.resolved(multi->settings.self, transfer);
  if (!multi->settings.proxy && !px_wire_may_reach(transfer, &peer->addr))
    return CURL_SOCKET_BAD;
  int descriptor = socket(peer->family, peer->socktype | SOCK_CLOEXEC, peer->protocol);
  if (descriptor >= 0)
    transfer->opened = true;
  else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
    transfer->no_descriptors = true;
  return descriptor < 0 ? CURL_SOCKET_BAD : descriptor;
}

/* Connected, before the first byte. */
static int before_request(void *user, char *peer, char *local, int peer_port, int local_port)
{
  px_transfer *transfer = user;
  px_multi *multi = transfer->multi;
  (void)local, (void)peer_port, (void)local_port;
  multi->settings.ready(multi->settings.self, transfer);
  return px_wire_may_ask(transfer, multi->settings.proxy ? NULL : peer) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

/* libssl is under libcurl, not under us: absent with another TLS library. */
extern void SSL_CTX_set_keylog_callback(void *context, void *callback) __attribute__((weak));

/* libcurl writes session keys to the file named by SSLKEYLOGFILE; nobody configured that here. */
static CURLcode no_key_log(CURL *easy, void *context, void *user)
{
  (void)easy, (void)user;
  if (SSL_CTX_set_keylog_callback)
    SSL_CTX_set_keylog_callback(context, NULL);
  return CURLE_OK;
}

/* ---- setting one transfer up ---- */

static bool add_header(struct curl_slist **list, const char *header)
{
  struct curl_slist *longer = curl_slist_append(*list, header);
  if (longer)
    *list = longer;
  return longer != NULL;
}

/* libcurl drops "Name:" but sends "Name;" as an empty header. */
static bool add_callers_header(struct curl_slist **list, const char *header)
{
  const char *colon = strchr(header, ':');
  if (colon[1 + strspn(colon + 1, " \t")] != '\0')
    return add_header(list, header);
  px_autofree char *empty = px_strdup(header);
  if (!empty)
    return false;
  empty[colon - header] = ';';
  empty[colon - header + 1] = '\0';
  return add_header(list, empty);
}

static bool names(const px_http_call *call, const char *prefix)
{
  for (size_t i = 0; i < call->header_count; i++)
    if (px_str_starts_nocase(call->headers[i], prefix))
      return true;
  return false;
}

static bool make_headers(px_transfer *transfer, struct curl_slist **list)
{
  const px_http_call *call = transfer->call;
  bool fine = true;
  if (px_transfer_has_body(transfer)) {
    fine = add_header(list, "Expect:"); /* else 1 s of silence on servers that do not know 100-continue */
    if (!names(call, "Content-Type:"))
      fine = fine && add_header(list, "Content-Type:");
  }
  if (!names(call, "Accept:"))
    fine = fine && add_header(list, "Accept: */*");
  /* Behind a redirect a download knows nobody: what the caller set was for the first host. */
  for (size_t i = 0; fine && i < call->header_count && !transfer->hop_url; i++)
    fine = add_callers_header(list, call->headers[i]);
  if (transfer->with_secret)
    fine = fine && add_callers_header(list, call->secret_header);
  return fine;
}

/* Sets an option; a failure is remembered. Used inside functions that have `easy` and `bad`. */
#define SET(option, value) (bad |= curl_easy_setopt(easy, (option), (value)) != CURLE_OK)

static bool set_common(const px_multi *multi, px_transfer *transfer, CURL *easy)
{
  bool bad = false;
  SET(CURLOPT_URL, px_transfer_url(transfer));
  SET(CURLOPT_ERRORBUFFER, transfer->reason);
  SET(CURLOPT_PROTOCOLS_STR, "http,https");
  SET(CURLOPT_FOLLOWLOCATION, 0L);
  SET(CURLOPT_NOSIGNAL, 1L);
  SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  SET(CURLOPT_PROXY, multi->settings.proxy ? multi->settings.proxy : ""); /* "": the environment is not asked */
  SET(CURLOPT_NOPROXY, "");
  SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  SET(CURLOPT_PATH_AS_IS, 1L); /* signed URLs are signed as they are */
  SET(CURLOPT_CONNECTTIMEOUT_MS, (long)multi->settings.connect_ms);
  SET(CURLOPT_DNS_CACHE_TIMEOUT, (long)PX_LOOKUP_KEPT_S);
  SET(CURLOPT_QUICK_EXIT, 1L);    /* a lookup that hangs must not be waited for */
  SET(CURLOPT_TCP_KEEPALIVE, 1L); /* answers take minutes, NATs forget */
  SET(CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE_S);
  SET(CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE_S);
  return !bad;
}

static bool set_tls(const px_multi *multi, CURL *easy)
{
  bool bad = false;
  SET(CURLOPT_CAPATH, NULL); /* with a CA directory libcurl does not keep parsed CAs: 20 ms per connection */
  if (multi->settings.ca_file)
    SET(CURLOPT_CAINFO, multi->settings.ca_file);
  SET(CURLOPT_SSL_VERIFYPEER, 1L);
  SET(CURLOPT_SSL_VERIFYHOST, 2L);
  SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  (void)curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, no_key_log); /* not offered by every TLS library */
  return !bad;
}

static bool set_callbacks(px_transfer *transfer, CURL *easy)
{
  bool bad = false;
  SET(CURLOPT_PRIVATE, transfer);
  SET(CURLOPT_WRITEFUNCTION, take_body);
  SET(CURLOPT_WRITEDATA, transfer);
  SET(CURLOPT_HEADERFUNCTION, take_head);
  SET(CURLOPT_HEADERDATA, transfer);
  SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
  SET(CURLOPT_OPENSOCKETDATA, transfer);
  SET(CURLOPT_PREREQFUNCTION, before_request);
  SET(CURLOPT_PREREQDATA, transfer);
  return !bad;
}

/* Body from a read callback and no seek callback: no path in libcurl can send it a second time. */
static bool set_method(px_transfer *transfer, CURL *easy)
{
  const char *method = px_transfer_method(transfer);
  bool bad = false;
  if (px_transfer_has_body(transfer)) {
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_READFUNCTION, give_body);
    SET(CURLOPT_READDATA, transfer);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->call->body_size);
    SET(CURLOPT_UPLOAD_BUFFERSIZE, transfer->call->body_size <= 16384 ? 16384L : 65536L);
  }
  if (px_str_equal(method, "HEAD"))
    SET(CURLOPT_NOBODY, 1L);
  else if (!px_str_equal(method, px_transfer_has_body(transfer) ? "POST" : "GET"))
    SET(CURLOPT_CUSTOMREQUEST, method);
  return !bad;
}

static bool set_kind(const px_transfer *transfer, CURL *easy)
{
  bool bad = false;
  if (transfer->call->kind == PX_HTTP_PAID) {
    /* libcurl sends again by itself when a kept connection dies, so a paid call never meets one. */
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_FORBID_REUSE, 1L);
  } else {
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    SET(CURLOPT_PIPEWAIT, transfer->target.tls ? 1L : 0L);
  }
  /* Hundreds are open at once: larger ones make memory grow, not speed. */
  SET(CURLOPT_BUFFERSIZE, transfer->call->kind == PX_HTTP_DOWNLOAD ? 16384L : 8192L);
  return !bad;
}

#undef SET

static void forget(px_multi *multi, px_transfer *transfer)
{
  CURL *easy = transfer->easy;
  (void)curl_multi_remove_handle(multi->handle, easy);
  curl_easy_cleanup(easy);
  curl_slist_free_all(transfer->header_list);
  transfer->easy = transfer->header_list = NULL;
}

pixazo_status px_multi_start(px_multi *multi, px_transfer *transfer, pixazo_error **error)
{
  CURL *easy = curl_easy_init();
  struct curl_slist *headers = NULL;
  if (!easy)
    return px_fail_nomem(error);
  bool fine = make_headers(transfer, &headers);
  transfer->multi = multi;
  transfer->easy = easy;
  transfer->header_list = headers;
  transfer->activity_us = now_us(multi);
  fine = fine && set_callbacks(transfer, easy) && set_common(multi, transfer, easy) && set_tls(multi, easy) &&
         set_method(transfer, easy) && set_kind(transfer, easy) &&
         curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
         curl_multi_add_handle(multi->handle, easy) == CURLM_OK;
  if (fine)
    return PIXAZO_OK;
  forget(multi, transfer);
  return px_fail_nomem(error);
}

void px_multi_drop(px_multi *multi, px_transfer *transfer)
{
  long sent = 0;
  if (!transfer->easy)
    return;
  transfer->written = curl_easy_getinfo((CURL *)transfer->easy, CURLINFO_REQUEST_SIZE, &sent) == CURLE_OK && sent > 0;
  if (!px_transfer_has_bytes(transfer))
    transfer->outcome.body_asked = transfer->written;
  forget(multi, transfer);
}

/* ---- how a transfer ended ---- */

static int trouble_of(CURLcode code)
{
  static const struct {
    CURLcode code;
    int trouble;
  } known[] = {
      {CURLE_COULDNT_RESOLVE_HOST, PX_TROUBLE_RESOLVE},
      {CURLE_COULDNT_RESOLVE_PROXY, PX_TROUBLE_RESOLVE},
      {CURLE_COULDNT_CONNECT, PX_TROUBLE_CONNECT},
      {CURLE_PROXY, PX_TROUBLE_CONNECT},
      {CURLE_SSL_CONNECT_ERROR, PX_TROUBLE_TLS},
      {CURLE_PEER_FAILED_VERIFICATION, PX_TROUBLE_TLS},
      {CURLE_SSL_CERTPROBLEM, PX_TROUBLE_TLS},
      {CURLE_SSL_CIPHER, PX_TROUBLE_TLS},
      {CURLE_SSL_ISSUER_ERROR, PX_TROUBLE_TLS},
      {CURLE_SSL_INVALIDCERTSTATUS, PX_TROUBLE_TLS},
      {CURLE_OPERATION_TIMEDOUT, PX_TROUBLE_TIMEOUT},
      {CURLE_OUT_OF_MEMORY, PX_TROUBLE_MEMORY},
      {CURLE_SSL_CACERT_BADFILE, PX_TROUBLE_LOCAL},
      {CURLE_SSL_ENGINE_INITFAILED, PX_TROUBLE_LOCAL},
      {CURLE_FAILED_INIT, PX_TROUBLE_LOCAL},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(known); i++)
    if (known[i].code == code)
      return known[i].trouble;
  return PX_TROUBLE_TRANSFER;
}

/* libcurl says "out of memory" of a header line over 100 KB too. */
static void note_end(px_transfer *transfer, CURLcode code)
{
  const char *reason = transfer->reason[0] ? transfer->reason : curl_easy_strerror(code);
  if (code == CURLE_OK)
    px_wire_judge(transfer);
  else if (code == CURLE_COULDNT_CONNECT && transfer->refused != PX_ADDRESS_PUBLIC && !transfer->opened)
    px_wire_refuse(transfer);
  else if (code == CURLE_OUT_OF_MEMORY && transfer->connected && !transfer->outcome.head_complete)
    px_transfer_fail(transfer, PX_TROUBLE_LIMIT, "the head of the answer holds a line that is too long");
  else
    px_transfer_fail(transfer, trouble_of(code), "%s", reason);
}

static void end(px_multi *multi, CURL *easy, CURLcode code)
{
  char *data = NULL;
  char *location = NULL;
  (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &data);
  px_transfer *transfer = (px_transfer *)(void *)data;
  note_end(transfer, code);
  if (transfer->following && transfer->outcome.trouble == PX_TROUBLE_NONE)
    (void)curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &location);
  px_autofree char *redirect = px_strdup(location); /* dies with the handle */
  if (location && !redirect)
    px_transfer_fail(transfer, PX_TROUBLE_MEMORY, "out of memory");
  else if (transfer->following && !redirect)
    px_transfer_fail(transfer, PX_TROUBLE_TRANSFER, "redirected to something that is no URL");
  px_multi_drop(multi, transfer);
  multi->settings.ended(multi->settings.self, transfer, redirect);
}

static void reap(px_multi *multi)
{
  int left = 0;
  for (CURLMsg *message; (message = curl_multi_info_read(multi->handle, &left)) != NULL;)
    if (message->msg == CURLMSG_DONE)
      end(multi, message->easy_handle, message->data.result);
}

/* ---- the multi handle ---- */

static int watch(CURL *easy, curl_socket_t descriptor, int what, void *user, void *known)
{
  px_multi *multi = user;
  (void)easy;
  if (what == CURL_POLL_REMOVE) {
    (void)epoll_ctl(multi->settings.epoll, EPOLL_CTL_DEL, descriptor, NULL);
    return 0;
  }
  struct epoll_event event = {.data.fd = descriptor};
  event.events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) | (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
  if (!known) {
    px_descriptor_seal_pair(descriptor);
    (void)curl_multi_assign(multi->handle, descriptor, multi);
  }
  if (epoll_ctl(multi->settings.epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event) == 0)
    return 0;
  return epoll_ctl(multi->settings.epoll, errno == EEXIST ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event);
}

static int plan(CURLM *handle, long milliseconds, void *user)
{
  px_multi *multi = user;
  (void)handle;
  multi->due_us = milliseconds < 0 ? INT64_MAX : now_us(multi) + (int64_t)milliseconds * 1000;
  return 0;
}

/* The pair by which other threads could wake the handle is made without close-on-exec. */
static void seal_wakeup(CURLM *handle)
{
  int pair[2];
  int count = 0;
  (void)curl_multi_wakeup(handle);
  bool found = px_descriptor_find_woken(pair);
  (void)curl_multi_poll(handle, NULL, 0, 0, &count);
  if (found && px_descriptor_waiting(pair[0]) == 0) /* it was ours: libcurl has just read the byte */
    px_descriptor_seal_pair(pair[0]);
}

pixazo_status px_multi_new(const px_multi_settings *settings, px_multi **out, pixazo_error **error)
{
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) /* counted and locked by libcurl; never undone */
    return px_fail(error, PIXAZO_E_INTERNAL, "libcurl cannot be initialised");
  px_multi *multi = px_calloc(1, sizeof *multi);
  if (!multi)
    return px_fail_nomem(error);
  multi->settings = *settings;
  multi->due_us = INT64_MAX;
  multi->handle = curl_multi_init();
  if (!multi->handle) {
    px_free(multi);
    return px_fail_nomem(error);
  }
  seal_wakeup(multi->handle);
  (void)curl_multi_setopt(multi->handle, CURLMOPT_SOCKETFUNCTION, watch);
  (void)curl_multi_setopt(multi->handle, CURLMOPT_SOCKETDATA, multi);
  (void)curl_multi_setopt(multi->handle, CURLMOPT_TIMERFUNCTION, plan);
  (void)curl_multi_setopt(multi->handle, CURLMOPT_TIMERDATA, multi);
  *out = multi;
  return PIXAZO_OK;
}

void px_multi_free(px_multi *multi)
{
  if (!multi)
    return;
  (void)curl_multi_cleanup(multi->handle);
  px_free(multi);
}

void px_multi_keep(px_multi *multi, uint32_t connections)
{
  (void)curl_multi_setopt(multi->handle, CURLMOPT_MAXCONNECTS, (long)connections);
}

void px_multi_event(px_multi *multi, int descriptor, uint32_t epoll_events)
{
  int running = 0;
  int what = (epoll_events & EPOLLIN ? CURL_CSELECT_IN : 0) | (epoll_events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
             (epoll_events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
  (void)curl_multi_socket_action(multi->handle, descriptor, what, &running);
}

void px_multi_advance(px_multi *multi)
{
  int running = 0;
  if (multi->due_us <= now_us(multi)) {
    multi->due_us = INT64_MAX;
    (void)curl_multi_socket_action(multi->handle, CURL_SOCKET_TIMEOUT, 0, &running);
  }
  reap(multi);
}

int64_t px_multi_due_us(const px_multi *multi)
{
  return multi->due_us;
}

bool px_library_http2(void)
{
  return (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP2) != 0;
}

const char *px_library_http(void)
{
  return curl_version();
}
