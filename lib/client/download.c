/* SPDX-License-Identifier: MIT */
/* The blocking downloads of the public interface. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/exchange.h"
#include "client/hooks.h"

static pixazo_status start_over(int descriptor, pixazo_error **error)
{
  if (ftruncate(descriptor, 0) != 0 || lseek(descriptor, 0, SEEK_SET) != 0)
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot empty the file of a download");
  return PIXAZO_OK;
}

/* Tries until it is there or nothing more is to be tried. */
static pixazo_status fetch_with_retries(px_waiter *waiter, const char *url, int descriptor, pixazo_error **error)
{
  for (uint32_t retries = 0;; retries++) {
    uint32_t delay_ms = 0;
    waiter->attempt = retries + 1;
    PX_TRY(px_waiter_fetch(waiter, url, descriptor, error));
    const px_evidence *evidence = &waiter->evidence;
    if (evidence->status == PIXAZO_OK)
      return PIXAZO_OK;
    bool again = px_client_retry(waiter->client, NULL, NULL, evidence, retries, &delay_ms) && delay_ms != UINT32_MAX;
    px_retry_notice notice = {waiter, waiter->error, PIXAZO_CLASS_NONE, retries + 1, delay_ms};
    if (!again || !px_hooks_retry(&notice, &delay_ms)) {
      pixazo_status status = evidence->status;
      px_error_move(error, px_steal(&waiter->error));
      return status;
    }
    PX_TRY(px_waiter_sleep(waiter, delay_ms, error));
    PX_TRY(start_over(descriptor, error));
  }
}

static pixazo_status fetch_into(pixazo_client *client, const char *url, pixazo_cancel *cancel, int descriptor,
                                pixazo_error **error)
{
  px_cleanup(px_waiter_done) px_waiter waiter;
  PX_TRY(px_waiter_init(&waiter, client, cancel, error));
  if (px_waiter_stopping(&waiter))
    return px_fail(error, PIXAZO_E_CANCELLED, "cancelled before the download began");
  return fetch_with_retries(&waiter, url, descriptor, error);
}

pixazo_status px_blob_of_descriptor(int descriptor, pixazo_blob **out, pixazo_error **error)
{
  struct stat facts;
  if (fstat(descriptor, &facts) != 0)
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot examine a downloaded picture");
  size_t size = (size_t)facts.st_size;
  px_autofree char *data = px_malloc(size);
  if (!data)
    return px_fail_nomem(error);
  PX_TRY(px_read_at(descriptor, data, size, 0, "the picture", error));
  return pixazo_blob_new(data, size, out, error);
}

pixazo_status px_memory_file(const char *name, int *descriptor, pixazo_error **error)
{
  int opened = memfd_create(name, MFD_CLOEXEC);
  if (opened < 0)
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot open a file in memory");
  *descriptor = opened;
  return PIXAZO_OK;
}

static pixazo_status fetch_blob(pixazo_client *client, const char *url, pixazo_cancel *cancel, pixazo_blob **out,
                                pixazo_error **error)
{
  px_autoclose int descriptor = -1;
  PX_TRY(px_client_check(client, error));
  PX_TRY(px_memory_file("pixazo-download", &descriptor, error));
  PX_TRY(fetch_into(client, url, cancel, descriptor, error));
  return px_blob_of_descriptor(descriptor, out, error);
}

pixazo_status pixazo_client_fetch(pixazo_client *client, const char *url, pixazo_cancel *cancel, pixazo_blob **out,
                                  pixazo_error **error)
{
  PX_REQUIRE(client, error, "client is NULL");
  PX_REQUIRE(url, error, "url is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  pixazo_status status = fetch_blob(client, url, cancel, out, error);
  px_log_deliver(client->log);
  return status;
}

/* A path taken apart: the directory is held, the file is made beside its final name. */
typedef struct target {
  int directory;
  const char *name;
  char temporary[PX_UUID_TEXT + 8];
} target;

static void target_done(target *self)
{
  if (self->directory >= 0)
    (void)close(self->directory);
}

static pixazo_status open_target(target *self, const char *path, const px_clock *clock, pixazo_error **error)
{
  char uuid[PX_UUID_TEXT];
  const char *slash = strrchr(path, '/');
  self->name = slash ? slash + 1 : path;
  if (!*self->name)
    return px_fail(error, PIXAZO_E_ARGUMENT, "\"%s\" names a directory, not a file", path);
  px_autofree char *parent = slash ? px_strndup(path, slash == path ? 1 : (size_t)(slash - path)) : px_strdup(".");
  if (!parent)
    return px_fail_nomem(error);
  px_uuid_new(clock, uuid);
  (void)snprintf(self->temporary, sizeof self->temporary, ".%s.tmp", uuid);
  return px_directory_open(parent, &self->directory, error);
}

static pixazo_status fetch_to(target *self, pixazo_client *client, const char *url, pixazo_cancel *cancel,
                              pixazo_error **error)
{
  px_autoclose int descriptor = -1;
  PX_TRY(px_file_create_at(self->directory, self->temporary, 0644, &descriptor, error));
  PX_TRY(fetch_into(client, url, cancel, descriptor, error));
  PX_TRY(px_file_flush(descriptor, self->name, error));
  PX_TRY(px_file_rename_at(self->directory, self->temporary, self->directory, self->name, error));
  return px_directory_flush(self->directory, self->name, error);
}

static pixazo_status fetch_file(pixazo_client *client, const char *url, const char *path, pixazo_cancel *cancel,
                                pixazo_error **error)
{
  px_auto(target) self = {.directory = -1};
  PX_TRY(px_client_check(client, error));
  PX_TRY(open_target(&self, path, client->clock, error));
  pixazo_status status = fetch_to(&self, client, url, cancel, error);
  if (status != PIXAZO_OK)
    (void)px_file_remove_at(self.directory, self.temporary, NULL);
  return status;
}

pixazo_status pixazo_client_fetch_file(pixazo_client *client, const char *url, const char *path, pixazo_cancel *cancel,
                                       pixazo_error **error)
{
  PX_REQUIRE(client, error, "client is NULL");
  PX_REQUIRE(url, error, "url is NULL");
  PX_REQUIRE(path, error, "path is NULL");
  pixazo_status status = fetch_file(client, url, path, cancel, error);
  px_log_deliver(client->log);
  return status;
}
