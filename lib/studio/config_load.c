/* SPDX-License-Identifier: MIT */
/* The only place that reads the environment and the home directory. */
#include "studio/config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "json/json.h"

enum { FILE_MAX = 1024 * 1024, KEY_FILE_MAX = 4096 };

extern char **environ;

/* PIXAZO_KEY_MY_SD and the like, behind those of the table: they say in their names that they are meant for this library. */
static void draft_named_variables(px_config_draft *draft)
{
  char variable[128];
  char name[PX_NAMED_SIZE];
  for (char **at = environ; at && *at; at++) {
    size_t length = strcspn(*at, "=");
    if (!px_str_starts(*at, "PIXAZO_") || length >= sizeof variable)
      continue;
    memcpy(variable, *at, length);
    variable[length] = '\0';
    const char *value = px_config_named_variable(variable, name) ? secure_getenv(variable) : NULL;
    if (!px_str_empty(value))
      px_config_draft_add(draft, name, variable, value);
  }
}

pixazo_status pixazo_config_load_env(pixazo_config *config, pixazo_error **error)
{
  PX_REQUIRE(config, error, "config is NULL");
  px_auto(px_config_draft) draft = PX_CONFIG_DRAFT_INIT;
  for (size_t i = 0; i < px_config_key_count(); i++) {
    const char *variable = px_config_key_at(i)->variable;
    const char *value = variable ? secure_getenv(variable) : NULL;
    if (!px_str_empty(value)) /* set but empty is how a shell takes a variable away for one command */
      px_config_draft_add(&draft, px_config_key_at(i)->name, variable, value);
  }
  draft_named_variables(&draft);
  return px_config_draft_apply(&draft, config, PX_LAYER_ENV, "environment", error);
}

/* ["a", "b"] as "a,b"; false when an element is no text or has a comma. */
static bool joined(const px_json *array, char **out)
{
  px_auto(px_buf) text = PX_BUF_INIT(KEY_FILE_MAX);
  for (const px_json *node = px_json_first(array); node; node = px_json_next(node)) {
    const char *word = px_json_is(node, PX_JSON_STRING) ? px_json_text(node) : NULL;
    if (!word || strchr(word, ','))
      return false;
    px_buf_printf(&text, "%s%s", text.size > 0 ? "," : "", word);
  }
  *out = px_buf_steal(&text);
  return true;
}

/* The text of a member as pixazo_config_set() takes it; owned; NULL: no memory. False: this key has no such kind. */
static bool member_text(const px_config_key *key, const px_json *node, char **out)
{
  bool flag = false;
  switch (px_json_kind_of(node)) {
  case PX_JSON_STRING:
  case PX_JSON_NUMBER:
    *out = px_strdup(px_json_text(node));
    return true;
  case PX_JSON_BOOL:
    (void)px_json_get_bool(node, "", &flag, NULL);
    *out = px_strdup(flag ? "1" : "0");
    return key->type == PX_CONFIG_INT;
  case PX_JSON_ARRAY:
    return key->type == PX_CONFIG_LIST && joined(node, out);
  case PX_JSON_OBJECT:
    *out = px_json_print(node);
    return key->type == PX_CONFIG_OBJECT || px_str_equal(key->name, "offline_script");
  case PX_JSON_NULL:
  default:
    return false;
  }
}

static void draft_member(px_config_draft *draft, const px_json *node)
{
  static const px_config_key named = {.name = "", .type = PX_CONFIG_TEXT}; /* what all settings by name are */
  const char *name = px_json_name(node);
  int index = px_config_key_find(name);
  if (!px_config_is_setting(name)) {
    const char *near = px_config_key_nearest(name);
    px_config_draft_problem(draft, "\"%.64s\": no such setting%s%s%s", name, near ? ", did you mean \"" : "",
                            near ? near : "", near ? "\"?" : "");
    return;
  }
  if (px_json_is(node, PX_JSON_NULL))
    return;
  char *text = NULL;
  if (!member_text(index < 0 ? &named : px_config_key_at((size_t)index), node, &text))
    px_config_draft_problem(draft, "%s: a JSON %s does not fit", name, px_json_kind_name(px_json_kind_of(node)));
  else if (text)
    px_config_draft_add(draft, name, name, text);
  else
    draft->status = PIXAZO_E_NOMEM;
  px_free_secret(text);
}

/* `what`: named in messages. */
static pixazo_status draft_json(px_config_draft *draft, const char *text, size_t size, const char *what,
                                pixazo_error **error)
{
  px_cleanup(px_json_done) px_json *root = NULL;
  px_json_limits limits = {FILE_MAX, 0, 0};
  PX_TRY(px_json_parse_given(text, size, &limits, what, &root, error));
  if (!px_json_is(root, PX_JSON_OBJECT))
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s: want a JSON object of settings, got %s", what,
                   px_json_kind_name(px_json_kind_of(root)));
  for (const px_json *node = px_json_first(root); node; node = px_json_next(node)) {
    int64_t schema = 0;
    if (!px_str_equal(px_json_name(node), "schema"))
      draft_member(draft, node);
    else if (px_json_get_int64(node, "", &schema, NULL) != PIXAZO_OK || schema != 1)
      px_config_draft_problem(draft, "schema: this library reads 1");
  }
  return PIXAZO_OK;
}

pixazo_status pixazo_config_load_json(pixazo_config *config, const char *json, pixazo_error **error)
{
  PX_REQUIRE(config && json, error, "config or json is NULL");
  px_auto(px_config_draft) draft = PX_CONFIG_DRAFT_INIT;
  PX_TRY(draft_json(&draft, json, strlen(json), "settings", error));
  return px_config_draft_apply(&draft, config, PX_LAYER_SET, "settings", error);
}

/* A file with a secret in it must be the user's alone. */
static void refuse_open_secret(px_config_draft *draft, const px_config_key *key, const struct stat *facts, const char *path)
{
  if (facts->st_uid != geteuid())
    px_config_draft_problem(draft, "%s: this file belongs to another user; run: chown %u %s", key->name, (unsigned)geteuid(),
                            path);
  else if ((facts->st_mode & 077) != 0)
    px_config_draft_problem(draft, "%s: others may read or write this file (mode %04o); run: chmod 600 %s", key->name,
                            (unsigned)(facts->st_mode & 07777), path);
}

static void refuse_open_secrets(px_config_draft *draft, const struct stat *facts, const char *path)
{
  for (size_t i = 0; i < px_config_key_count(); i++) {
    if (draft->values[i] && px_config_key_at(i)->secret)
      refuse_open_secret(draft, px_config_key_at(i), facts, path);
  }
  for (const px_config_named *each = draft->named; each; each = each->next) {
    if (each->values[0] && each->key.secret)
      refuse_open_secret(draft, &each->key, facts, path);
  }
}

/* Definitions that a file names lie beside it, unless it says otherwise. */
static void place_definitions(px_config_draft *draft, const char *path)
{
  const char *slash = strrchr(path, '/');
  char **value = &draft->values[px_config_key_find("provider_files")];
  px_auto(px_buf) placed = PX_BUF_INIT(FILE_MAX);
  if (!*value || !slash)
    return;
  for (const char *at = *value; *at;) {
    size_t length = strcspn(at, ",");
    int directory = *at == '/' || length == 0 ? 0 : (int)(slash - path + 1);
    (void)px_buf_printf(&placed, "%s%.*s%.*s", placed.size > 0 ? "," : "", directory, path, (int)length, at);
    at += length + (at[length] == ',');
  }
  char *text = px_buf_steal(&placed);
  if (!text) {
    draft->status = PIXAZO_E_NOMEM;
    return;
  }
  px_free(*value);
  *value = text;
}

pixazo_status pixazo_config_load_file(pixazo_config *config, const char *path, pixazo_error **error)
{
  PX_REQUIRE(config && path, error, "config or path is NULL");
  void *data = NULL;
  size_t size = 0;
  struct stat facts;
  PX_TRY(px_file_read_facts(path, FILE_MAX, &data, &size, &facts, error));
  px_auto(px_config_draft) draft = PX_CONFIG_DRAFT_INIT;
  pixazo_status status = draft_json(&draft, data, size, path, error);
  if (size > 0)
    explicit_bzero(data, size);
  px_free(data);
  if (status != PIXAZO_OK)
    return status;
  refuse_open_secrets(&draft, &facts, path);
  place_definitions(&draft, path);
  return px_config_draft_apply(&draft, config, PX_LAYER_FILE, path, error);
}

static pixazo_status check_owner(int descriptor, const char *path, pixazo_error **error)
{
  struct stat facts;
  if (fstat(descriptor, &facts) != 0)
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot examine %s", path);
  if (!S_ISREG(facts.st_mode))
    return px_fail(error, PIXAZO_E_IO, "%s is no regular file", path);
  if (facts.st_uid != geteuid())
    return px_fail(error, PIXAZO_E_AUTH, "%s belongs to another user, so its key is not used; run: chown %u %s", path,
                   (unsigned)geteuid(), path);
  if ((facts.st_mode & 077) != 0)
    return px_fail(error, PIXAZO_E_AUTH,
                   "others may read or write %s (mode %04o), so its key is not used; run: chmod 600 %s", path,
                   (unsigned)(facts.st_mode & 07777), path);
  return PIXAZO_OK;
}

/* One line, spaces around it taken away in place; NULL when there is another line or nothing. */
static char *only_line(char *text)
{
  while (px_ascii_is_space(*text))
    text++;
  size_t length = strlen(text);
  while (length > 0 && px_ascii_is_space(text[length - 1]))
    text[--length] = '\0';
  return length == 0 || strpbrk(text, "\r\n") ? NULL : text;
}

static pixazo_status read_key(const char *path, char text[KEY_FILE_MAX + 1], pixazo_error **error)
{
  px_autoclose int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (descriptor < 0 && (errno == EACCES || errno == EPERM))
    return px_fail_errno(error, PIXAZO_E_AUTH, errno, "this user may not read the key in %s", path);
  if (descriptor < 0)
    return px_fail_errno(error, errno == ENOENT || errno == ENOTDIR ? PIXAZO_E_NOT_FOUND : PIXAZO_E_IO, errno,
                         "cannot open %s", path);
  PX_TRY(check_owner(descriptor, path, error));
  ssize_t got = read(descriptor, text, KEY_FILE_MAX);
  if (got < 0)
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot read %s", path);
  text[got] = '\0';
  return PIXAZO_OK;
}

/* A value of any source keeps the file from being read. */
static pixazo_status load_key(pixazo_config *config, const char *name, const char *path, pixazo_error **error)
{
  char text[KEY_FILE_MAX + 1];
  if (pixazo_config_get(config, name))
    return PIXAZO_OK;
  pixazo_status status = read_key(path, text, error);
  if (status == PIXAZO_OK) {
    const char *line = only_line(text);
    if (line && px_config_key_check(px_config_key_at((size_t)px_config_key_find("api_key")), line) == PIXAZO_OK)
      status = px_config_put(config, name, PX_LAYER_KEY_FILE, line, error);
    else
      status = px_fail(error, PIXAZO_E_ARGUMENT, "%s: want one line with the key and nothing else", path);
  }
  explicit_bzero(text, sizeof text);
  return status;
}

/* A file whose name is no provider's, such as an editor's copy, is none of ours. */
static pixazo_status load_key_of(pixazo_config *config, const char *directory, const char *file, pixazo_error **error)
{
  char name[PX_NAMED_SIZE];
  px_auto(px_buf) setting = PX_BUF_INIT(PX_PATH_MAX);
  px_auto(px_buf) path = PX_BUF_INIT(PX_PATH_MAX);
  if (!px_buf_printf(&setting, "%s.api_key", file) || !px_buf_printf(&path, "%s/%s", directory, file))
    return setting.over || path.over ? PIXAZO_OK : px_fail_nomem(error);
  if (file[0] == '.' || !px_config_named_name(px_buf_text(&setting), name))
    return PIXAZO_OK;
  return load_key(config, name, px_buf_text(&path), error);
}

static void close_directory(DIR **directory)
{
  if (*directory)
    (void)closedir(*directory);
}

static pixazo_status load_key_directory(pixazo_config *config, const char *path, pixazo_error **error)
{
  px_cleanup(close_directory) DIR *directory = opendir(path);
  if (!directory && errno == ENOMEM)
    return px_fail_nomem(error);
  if (!directory && errno != ENOENT && errno != ENOTDIR)
    return px_fail_errno(error, PIXAZO_E_AUTH, errno, "cannot look for keys in %s", path);
  for (struct dirent *entry; directory && (entry = readdir(directory));)
    PX_TRY(load_key_of(config, path, entry->d_name, error));
  return PIXAZO_OK;
}

/* What begins with ~/.pixazo. */
static pixazo_status load_usual_keys(pixazo_config *config, const char *home, pixazo_error **error)
{
  px_autoerror none = NULL;
  px_auto(px_buf) usual = PX_BUF_INIT(PX_PATH_MAX);
  px_auto(px_buf) further = PX_BUF_INIT(PX_PATH_MAX);
  if (!px_buf_printf(&usual, "%s/.pixazo/api-key", home) || !px_buf_printf(&further, "%s/.pixazo/keys", home))
    return px_fail(error, PIXAZO_E_NOT_FOUND, "HOME is too long for a file name");
  pixazo_status status = load_key(config, "api_key", px_buf_text(&usual), &none);
  if (status == PIXAZO_OK || status == PIXAZO_E_NOT_FOUND)
    PX_TRY(load_key_directory(config, px_buf_text(&further), error));
  if (none)
    px_error_move(error, px_steal(&none));
  return status;
}

pixazo_status pixazo_config_load_key_file(pixazo_config *config, const char *path, pixazo_error **error)
{
  PX_REQUIRE(config, error, "config is NULL");
  if (path)
    return load_key(config, "api_key", path, error);
  const char *home = secure_getenv("HOME");
  if (!px_str_empty(home))
    return load_usual_keys(config, home, error);
  if (pixazo_config_get(config, "api_key"))
    return PIXAZO_OK;
  return px_fail(error, PIXAZO_E_NOT_FOUND, "HOME is not set, so there is no ~/.pixazo/api-key");
}

/* Absent is fine. */
static pixazo_status optional(pixazo_status status, pixazo_error **mine, pixazo_error **error)
{
  if (status == PIXAZO_OK || status == PIXAZO_E_NOT_FOUND)
    return PIXAZO_OK;
  px_error_move(error, px_steal(mine));
  return status;
}

pixazo_status px_config_load_studio(const char *directory, pixazo_config **out, pixazo_error **error)
{
  px_cleanup(px_config_scoped) pixazo_config *config = NULL;
  px_autoerror no_file = NULL;
  px_autoerror no_key = NULL;
  px_auto(px_buf) path = PX_BUF_INIT(PX_PATH_MAX);
  PX_TRY(pixazo_config_new(&config, error));
  if (!px_buf_printf(&path, "%s/config.json", directory))
    return px_fail(error, PIXAZO_E_ARGUMENT, "the name of the directory is too long");
  PX_TRY(optional(pixazo_config_load_file(config, px_buf_text(&path), &no_file), &no_file, error));
  PX_TRY(pixazo_config_load_env(config, error));
  PX_TRY(optional(pixazo_config_load_key_file(config, NULL, &no_key), &no_key, error));
  *out = px_steal(&config);
  return PIXAZO_OK;
}
