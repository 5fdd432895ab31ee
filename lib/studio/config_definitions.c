/* SPDX-License-Identifier: MIT */
#include "studio/config_definitions.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

enum { DEFINITION_MAX = 1024 * 1024 };

static const char setting[] = "provider_files";

void px_config_definitions_done(px_config_definitions *definitions)
{
  for (size_t i = 0; i < definitions->count; i++) {
    (void)pixazo_provider_unref(definitions->items[i]);
    px_free(definitions->paths[i]);
  }
  definitions->count = 0;
}

/* It says where keys go. */
static pixazo_status check_owner(const struct stat *facts, const char *path, pixazo_error **error)
{
  if (facts->st_uid != geteuid() && facts->st_uid != 0)
    return px_fail(error, PIXAZO_E_ARGUMENT, "this file belongs to another user; run: chown %u %s", (unsigned)geteuid(), path);
  if ((facts->st_mode & S_IWOTH) != 0)
    return px_fail(error, PIXAZO_E_ARGUMENT, "everybody may write this file (mode %04o); run: chmod o-w %s",
                   (unsigned)(facts->st_mode & 07777), path);
  return PIXAZO_OK;
}

static pixazo_status read_definition(const char *path, pixazo_provider **out, pixazo_error **error)
{
  void *data = NULL;
  size_t size = 0;
  struct stat facts;
  PX_TRY(px_file_read_facts(path, DEFINITION_MAX, &data, &size, &facts, error));
  px_autofree char *text = px_strndup(size > 0 ? data : "", size);
  bool cut = size > 0 && memchr(data, '\0', size);
  px_free(data);
  PX_TRY(check_owner(&facts, path, error));
  if (cut)
    return px_fail(error, PIXAZO_E_ARGUMENT, "is no text");
  return text ? pixazo_provider_new(text, out, error) : px_fail_nomem(error);
}

static pixazo_status check_name(const px_config_definitions *definitions, const pixazo_provider *provider, pixazo_error **error)
{
  for (size_t i = 0; i < definitions->count; i++) {
    if (px_str_equal(pixazo_provider_name(definitions->items[i]), pixazo_provider_name(provider)))
      return px_fail(error, PIXAZO_E_ARGUMENT, "name: \"%s\" is the provider of %s already", pixazo_provider_name(provider),
                     definitions->paths[i]);
  }
  return PIXAZO_OK;
}

static pixazo_status add(px_config_definitions *definitions, const char *path, pixazo_error **error)
{
  pixazo_provider *made = NULL;
  if (definitions->count == PX_DEFINITIONS_MAX)
    return px_fail(error, PIXAZO_E_ARGUMENT, "more than %d files", PX_DEFINITIONS_MAX);
  PX_TRY(read_definition(path, &made, error));
  pixazo_status status = check_name(definitions, made, error);
  char *copy = status == PIXAZO_OK ? px_strdup(path) : NULL;
  if (!copy) {
    (void)pixazo_provider_unref(made);
    return status == PIXAZO_OK ? px_fail_nomem(error) : status;
  }
  definitions->items[definitions->count] = made;
  definitions->paths[definitions->count++] = copy;
  return PIXAZO_OK;
}

/* One sentence, whatever went wrong: wrong settings are E_ARGUMENT. */
static pixazo_status explain(const pixazo_config *config, const char *path, pixazo_status status, const pixazo_error *why,
                             pixazo_error **error)
{
  if (status == PIXAZO_OK)
    return PIXAZO_OK;
  if (status == PIXAZO_E_NOMEM)
    return px_fail_nomem(error);
  (void)px_fail(error, PIXAZO_E_ARGUMENT, "%s (%s): %s: %s", setting, pixazo_config_source(config, setting), path,
                pixazo_error_message(why));
  px_error_hint(error, "correct the file, or take it out of provider_files; `pixazo providers --check FILE` tells what it holds");
  return PIXAZO_E_ARGUMENT;
}

pixazo_status px_config_definitions_load(const pixazo_config *config, px_config_definitions *definitions, pixazo_error **error)
{
  const char *list = pixazo_config_get(config, setting);
  for (const char *at = list ? list : ""; *at;) {
    px_autoerror why = NULL;
    while (px_ascii_is_space(*at))
      at++;
    size_t length = strcspn(at, ",");
    px_autofree char *path = px_strndup(at, length);
    if (!path)
      return px_fail_nomem(error);
    for (size_t end = length; end > 0 && px_ascii_is_space(path[end - 1]); end--)
      path[end - 1] = '\0';
    pixazo_status status = path[0] ? add(definitions, path, &why) : PIXAZO_OK;
    PX_TRY(explain(config, path, status, why, error));
    at += length + (at[length] == ',');
  }
  return PIXAZO_OK;
}
