/* SPDX-License-Identifier: MIT */
/* The studio of the project. It is opened by the first call that needs it, so that a wrong setting is told where the
 * assistant reads it, and never keeps the server from answering. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "mcp.h"

bool service_init(service *self)
{
  uint64_t random = 0;
  *self = (service){.studio = NULL};
  if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
    random = (uint64_t)now_us();
  (void)snprintf(self->session, sizeof self->session, "%016llx", (unsigned long long)random);
  return pthread_mutex_init(&self->lock, NULL) == 0;
}

void service_close(service *self)
{
  pixazo_studio_close(self->studio);
  self->studio = NULL;
  pixazo_log_unref(self->log);
  (void)pthread_mutex_destroy(&self->lock);
}

static void on_log(int32_t level, const char *line, size_t length, void *data)
{
  (void)length;
  tell(data, level, "%s", line);
}

static int32_t on_progress(const pixazo_progress *progress, void *data)
{
  calls_stage(data, progress->generation, progress->stage);
  return 0;
}

/* Absent is fine. */
static pixazo_status if_there(pixazo_status status, pixazo_error **error)
{
  if (status != PIXAZO_E_NOT_FOUND)
    return status;
  pixazo_error_free(*error);
  *error = NULL;
  return PIXAZO_OK;
}

/* The directories of the tool this one replaces: everything below data/. */
static pixazo_status set_places(pixazo_config *config, const char *data, pixazo_error **error)
{
  char path[PATH_BYTES + 32];
  (void)snprintf(path, sizeof path, "%s/metadata.db", data);
  return pixazo_config_get(config, "database") ? PIXAZO_OK : pixazo_config_set(config, "database", path, error);
}

static pixazo_status set_pair(pixazo_config *config, const char *pair, pixazo_error **error)
{
  char key[128];
  const char *equals = strchr(pair, '=');
  (void)snprintf(key, sizeof key, "%.*s", (int)(equals - pair), pair);
  return pixazo_config_set(config, key, equals + 1, error);
}

static pixazo_status load_settings(const mcp_options *options, const char *data, pixazo_config *config, pixazo_error **error)
{
  char path[PATH_BYTES + 32];
  pixazo_status status = options->preset ? pixazo_config_set(config, "preset", options->preset, error)
                                         : pixazo_config_load_preset(config, "pixazo-mcp", error);
  (void)snprintf(path, sizeof path, "%s/config.json", data);
  if (status == PIXAZO_OK)
    status = if_there(pixazo_config_load_file(config, path, error), error);
  if (status == PIXAZO_OK)
    status = pixazo_config_load_env(config, error);
  if (status == PIXAZO_OK)
    status = if_there(pixazo_config_load_key_file(config, NULL, error), error);
  for (size_t i = 0; i < options->setting_count && status == PIXAZO_OK; i++)
    status = set_pair(config, options->settings[i], error);
  return status == PIXAZO_OK ? set_places(config, data, error) : status;
}

static pixazo_status open_with(server *self, const char *data, const pixazo_config *config, pixazo_error **error)
{
  pixazo_studio_options options = PIXAZO_STUDIO_OPTIONS_INIT;
  options.config = config;
  options.log = self->service.log;
  options.on_progress = on_progress;
  options.on_progress_data = self;
  return pixazo_studio_open(data, &options, &self->service.studio, error);
}

static pixazo_status open_studio(server *self, pixazo_error **error)
{
  char data[PATH_BYTES + 8];
  pixazo_config *config = NULL;
  (void)snprintf(data, sizeof data, "%s/data", self->options.project);
  if (self->options.env_trouble[0]) /* never test pictures in place of the real ones that a key stands for */
    return pixazo_error_set(error, PIXAZO_E_AUTH, self->options.env_trouble);
  pixazo_status status = pixazo_config_new(&config, error);
  if (status == PIXAZO_OK)
    status = load_settings(&self->options, data, config, error);
  if (status == PIXAZO_OK && !self->service.log)
    status = pixazo_log_new(PIXAZO_LOG_WARNING, on_log, self, &self->service.log, error);
  if (status == PIXAZO_OK)
    status = open_with(self, data, config, error);
  pixazo_config_free(config);
  return status;
}

pixazo_status service_studio(server *self, pixazo_studio **out, pixazo_error **error)
{
  pixazo_status status = PIXAZO_OK;
  (void)pthread_mutex_lock(&self->service.lock);
  if (!self->service.studio)
    status = open_studio(self, error);
  if (status == PIXAZO_OK)
    *out = self->service.studio;
  (void)pthread_mutex_unlock(&self->service.lock);
  return status;
}

pixazo_studio *service_opened(server *self)
{
  (void)pthread_mutex_lock(&self->service.lock);
  pixazo_studio *studio = self->service.studio;
  (void)pthread_mutex_unlock(&self->service.lock);
  return studio;
}
