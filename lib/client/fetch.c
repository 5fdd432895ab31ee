/* SPDX-License-Identifier: MIT */
/* A picture from a URL somebody else wrote, into a descriptor. */
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/handle.h"
#include "client/steps.h"
#include "net/engine.h"

enum { FETCH_TOTAL_MS = 600000 };

typedef struct download {
  px_http_call call;
  px_fetch *fetch;
  pixazo_error *disk;
  uint64_t received;
  uint64_t announced;
  bool good; /* a 2xx status: the body is the picture, not a page about an error */
} download;

static bool on_head(void *user, int http_status, const px_http_headers *headers)
{
  download *self = user;
  const char *length = px_http_header(headers, "content-length");
  if (length && !px_parse_uint64(length, &self->announced))
    self->announced = 0;
  self->good = http_status >= 200 && http_status < 300 && http_status != 204 && http_status != 206;
  return true;
}

static bool on_data(void *user, const void *data, size_t size)
{
  download *self = user;
  px_fetch *fetch = self->fetch;
  if (!self->good)
    return true;
  if (px_write_all(fetch->descriptor, data, size, "the download", &self->disk) != PIXAZO_OK)
    return false;
  self->received += size;
  if (fetch->on_progress)
    fetch->on_progress(fetch->user, PIXAZO_STAGE_DOWNLOADING, self->received, self->announced);
  return true;
}

static void on_done(void *user, const px_http_outcome *outcome)
{
  download *self = user;
  px_fetch *fetch = self->fetch;
  px_autoerror problem = px_steal(&self->disk);
  bool disk = problem != NULL;
  if (!disk && outcome->status == PIXAZO_OK && !self->good) {
    (void)px_fail(&problem, PIXAZO_E_PROVIDER, "the download failed: HTTP %d", outcome->http_status);
    px_error_http(&problem, outcome->http_status, NULL, NULL);
  }
  px_evidence evidence;
  px_evidence_take(&evidence, outcome, problem, disk);
  fetch->inner = NULL;
  px_free(self);
  fetch->on_done(fetch->user, &evidence);
}

pixazo_status px_client_start_fetch(pixazo_client *client, px_fetch *fetch, pixazo_error **error)
{
  PX_TRY(px_client_check(client, error));
  download *self = px_calloc(1, sizeof *self);
  if (!self)
    return px_fail_nomem(error);
  self->fetch = fetch;
  self->call.kind = PX_HTTP_DOWNLOAD;
  self->call.method = "GET";
  self->call.url = fetch->url;
  self->call.stall_ms = client->options.stall_timeout_ms;
  self->call.total_ms = FETCH_TOTAL_MS;
  self->call.max_bytes = fetch->max_bytes;
  self->call.cancel = fetch->cancel;
  self->call.on_head = on_head;
  self->call.on_data = on_data;
  self->call.on_done = on_done;
  self->call.user = self;
  fetch->inner = self;
  pixazo_status status = px_engine_submit(client->engine, &self->call, error);
  if (status != PIXAZO_OK) {
    fetch->inner = NULL;
    px_free(self);
  }
  return status;
}

uint64_t px_client_max_download(const pixazo_client *client)
{
  return client->options.max_download_bytes;
}
