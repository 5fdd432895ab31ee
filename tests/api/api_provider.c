/* SPDX-License-Identifier: MIT */
/* provider.h: a provider of the program's own, by a document, by functions that write and read calls, and inside the process. */
#include "check.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

#define MODEL "\"models\": [{\"name\": \"one\", \"path\": \"/made/by/the/document\", \"parameters\": {\"prompt\": \"text\"}}]"

/* ---- a service: the first call is too much for it, every other gets a link ---- */

typedef struct service {
  int listener;
  unsigned port;
  int calls;
  char request[8192];
} service;

static size_t take_request(service *self, int connection)
{
  size_t size = 0;
  const char *end = NULL;
  while (size < sizeof self->request - 1 && (!end || !strstr(end, "}"))) {
    ssize_t got = recv(connection, self->request + size, sizeof self->request - 1 - size, 0);
    if (got <= 0)
      break;
    size += (size_t)got;
    self->request[size] = '\0';
    end = strstr(self->request, "\r\n\r\n");
  }
  return size;
}

static void *serve(void *user)
{
  service *self = user;
  for (;;) {
    char answer[512];
    int connection = accept(self->listener, NULL, NULL);
    if (connection < 0)
      return NULL;
    if (take_request(self, connection) > 0) {
      const char *body = self->calls++ == 0 ? "{\"verdict\":\"busy\",\"words\":\"come back\"}" : "{\"verdict\":\"good\"}";
      int status = self->calls == 1 ? 500 : 200;
      int size = snprintf(answer, sizeof answer,
                          "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
                          status, strlen(body), body);
      CHECK(send(connection, answer, (size_t)size, MSG_NOSIGNAL) == size);
    }
    (void)close(connection);
  }
}

static void open_service(service *self)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  pthread_t thread;
  memset(self, 0, sizeof *self);
  self->listener = socket(AF_INET, SOCK_STREAM, 0);
  if (self->listener < 0 || bind(self->listener, (struct sockaddr *)&address, sizeof address) != 0 ||
      listen(self->listener, 8) != 0 || getsockname(self->listener, (struct sockaddr *)&address, &length) != 0 ||
      pthread_create(&thread, NULL, serve, self) != 0)
    exit(1);
  (void)pthread_detach(thread); /* it ends with the program */
  self->port = ntohs(address.sin_port);
}

/* ---- the functions ---- */

typedef struct own {
  int destroyed;
  int produced;
  unsigned port;
} own;

static pixazo_status build(void *user, pixazo_call *call, pixazo_error **error)
{
  (void)user;
  CHECK_TEXT(pixazo_call_model(call), "one");
  CHECK_HOLDS(pixazo_call_effective_json(call), "\"prompt\":\"a pier\"");
  pixazo_status status = pixazo_call_set_path(call, "/made/by/code?x=1", error);
  return status == PIXAZO_OK ? pixazo_call_set_body(call, "application/json; charset=utf-8", "{\"ask\":\"a pier\"}", error) : status;
}

static pixazo_status read_answer(void *user, const pixazo_answer *answer, pixazo_reading *reading, pixazo_error **error)
{
  char body[128] = "";
  char url[64];
  size_t got = 0;
  const own *self = user;
  CHECK_TEXT(pixazo_answer_type(answer), "application/json");
  CHECK(pixazo_answer_size(answer) > 0 && pixazo_answer_size(answer) < sizeof body);
  pixazo_status status = pixazo_answer_read(answer, 0, body, sizeof body - 1, &got, error);
  if (status != PIXAZO_OK)
    return status;
  if (strstr(body, "busy")) {
    CHECK(pixazo_answer_status(answer) == 500);
    CHECK(pixazo_reading_set_meaning(reading, PIXAZO_MEANS_OVERLOAD) == PIXAZO_OK);
    return pixazo_reading_set_text(reading, PIXAZO_READING_MESSAGE, "the words of the service", error);
  }
  (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/picture.png", self->port);
  return pixazo_reading_add_url(reading, url, error);
}

static pixazo_status produce(void *user, pixazo_production *production, pixazo_error **error)
{
  own *self = user;
  self->produced++;
  CHECK_TEXT(pixazo_production_model(production), "one");
  CHECK_HOLDS(pixazo_production_effective_json(production), "a pier");
  CHECK(pixazo_production_cancelled(production) == 0);
  pixazo_production_progress(production, 1, 2);
  return pixazo_error_set(error, PIXAZO_E_REJECTED, "not this one");
}

static void destroy(void *user)
{
  ((own *)user)->destroyed++;
}

/* ---- the programs ---- */

static void a_document_alone(void)
{
  pixazo_provider *provider = UNTOUCHED;
  char *text = NULL;
  FAILS(PIXAZO_E_ARGUMENT, pixazo_provider_new("{\"schema\": 1, \"name\": \"x\", \"nmae\": 1}", &provider, &error));
  CHECK(provider == UNTOUCHED);
  NEEDS(pixazo_provider_new("{\"schema\": 1, \"name\": \"mine\", \"base_url\": \"https://images.example\", " MODEL "}", &provider,
                            &error));
  CHECK_TEXT(pixazo_provider_name(provider), "mine");
  CHECK_TEXT(pixazo_provider_name(NULL), "");
  NEEDS(pixazo_provider_to_json(provider, &text, &error));
  CHECK_HOLDS(text, "\"id\":\"mine/one\"");
  pixazo_free(text);
  CHECK(pixazo_provider_ref(provider) == provider && pixazo_provider_unref(provider) == NULL);
  CHECK(pixazo_provider_unref(provider) == NULL && pixazo_provider_unref(NULL) == NULL && !pixazo_provider_ref(NULL));
}

static pixazo_client *client_of(const char *json, const pixazo_provider_ops *ops, own *self, const char *hosts)
{
  pixazo_provider *provider = NULL;
  pixazo_client *client = NULL;
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  FAILS(PIXAZO_E_UNSUPPORTED, pixazo_provider_new_custom(json, ops, self, 0, &provider, &error));
  NEEDS(pixazo_provider_new_custom(json, ops, self, PIXAZO_OPS_ANY_THREAD, &provider, &error));
  options.definition = provider;
  options.allow_hosts = hosts;
  options.retry_delay_ms = 1;
  NEEDS(pixazo_client_new(&options, &client, &error));
  CHECK(pixazo_provider_unref(provider) == NULL && self->destroyed == 0); /* the client has it still */
  return client;
}

static void functions_write_and_read(void)
{
  service remote;
  own self = {0};
  char json[512];
  pixazo_provider_ops ops;
  pixazo_generation *record = NULL;
  open_service(&remote);
  self.port = remote.port;
  pixazo_provider_ops_init(&ops, sizeof ops);
  ops.build = build;
  ops.read = read_answer;
  ops.destroy = destroy;
  (void)snprintf(json, sizeof json, "{\"schema\": 1, \"name\": \"mine\", \"base_url\": \"http://127.0.0.1:%u\", " MODEL "}",
                 remote.port);
  pixazo_client *client = client_of(json, &ops, &self, "127.0.0.1");
  pixazo_request *request = api_request("{\"prompt\":\"a pier\"}");
  NEEDS(pixazo_client_generate(client, request, NULL, &record, &error));
  CHECK(remote.calls == 2 && pixazo_generation_attempts(record) == 2); /* too much load is not billed: tried again */
  CHECK_HOLDS(remote.request, "POST /made/by/code?x=1 HTTP/1.1");
  CHECK_HOLDS(remote.request, "{\"ask\":\"a pier\"}");
  CHECK_HOLDS(pixazo_generation_image_url(record, 0), "/picture.png");
  pixazo_generation_free(record);
  pixazo_request_free(request);
  (void)pixazo_client_unref(client);
  CHECK(self.destroyed == 1);
}

static void functions_make_pictures(void)
{
  own self = {0};
  pixazo_provider_ops ops = PIXAZO_PROVIDER_OPS_INIT;
  pixazo_generation *record = UNTOUCHED;
  ops.produce = produce;
  ops.destroy = destroy;
  pixazo_client *client = client_of("{\"schema\": 1, \"name\": \"inside\", \"billing\": {\"none\": true, \"rule\": \"none\", \"source\": "
                                    "\"here\", \"date\": \"2026-11-20\"}, \"models\": [{\"name\": \"one\", \"parameters\": "
                                    "{\"prompt\": \"text\"}}]}",
                                    &ops, &self, NULL);
  pixazo_request *request = api_request("{\"prompt\":\"a pier\"}");
  FAILS(PIXAZO_E_REJECTED, pixazo_client_generate(client, request, NULL, &record, &error));
  CHECK(record == UNTOUCHED && self.produced == 1);
  pixazo_request_free(request);
  (void)pixazo_client_unref(client);
  CHECK(self.destroyed == 1);
}

int main(void)
{
  api_begin();
  a_document_alone();
  functions_write_and_read();
  functions_make_pictures();
  return api_end();
}
