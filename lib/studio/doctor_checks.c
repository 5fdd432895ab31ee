/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pixazo/studio.h>
#include <pixazo/version.h>

#include "base/error.h"
#include "base/file.h"
#include "base/libraries.h"
#include "base/mem.h"
#include "base/str.h"
#include "studio/config_accounts.h"
#include "studio/doctor.h"
#include "studio/offline_rule.h"

static void unref_repository(pixazo_repository **repository)
{
  pixazo_repository_unref(*repository);
}

static void free_query(pixazo_query **query)
{
  pixazo_query_free(*query);
}

/* The setting, or "<directory>/<name>"; owned; NULL: no memory. */
static char *path_or(const px_doctor *doctor, const char *key, const char *name)
{
  const char *given = pixazo_config_get(doctor->config, key);
  if (given)
    return px_strdup(given);
  px_auto(px_buf) path = PX_BUF_INIT(PX_PATH_MAX);
  px_buf_printf(&path, "%s%s%s", doctor->directory, name[0] ? "/" : "", name);
  return px_buf_steal(&path);
}

static void check_version(const px_doctor *doctor)
{
  px_doctor_report(doctor, "version", "ok", pixazo_version(), "");
}

static void check_libraries(const px_doctor *doctor)
{
  px_auto(px_buf) text = PX_BUF_INIT(1024);
  px_buf_printf(&text, "%s, SQLite %s", px_library_http(), px_library_database());
  px_doctor_report(doctor, "libraries", "ok", px_buf_text(&text), "");
}

static void check_preset(const px_doctor *doctor)
{
  px_auto(px_buf) text = PX_BUF_INIT(256);
  px_buf_printf(&text, "%s (%s)", pixazo_config_get(doctor->config, "preset"),
                pixazo_config_source(doctor->config, "preset"));
  px_doctor_report(doctor, "preset", "ok", px_buf_text(&text), "");
}

static const char *variable_of(const pixazo_config *config, const char *setting)
{
  char kept[PX_NAMED_SIZE];
  int index = px_config_key_find(setting);
  if (index >= 0)
    return px_config_key_at((size_t)index)->variable;
  const px_config_named *named =
      px_config_named_name(setting, kept) ? px_config_named_find(config->named, kept) : NULL;
  return named ? named->key.variable : NULL;
}

/* Whether the catalogue says that the provider asks for a key; what is not known does. */
static bool needs_key(const px_doctor *doctor, const char *provider)
{
  px_autofree char *text = NULL;
  px_cleanup(px_json_done) px_json *root = NULL;
  bool needed = true;
  if (pixazo_config_providers_to_json(doctor->config, &text, NULL) != PIXAZO_OK ||
      px_json_parse(text, strlen(text), NULL, &root, NULL) != PIXAZO_OK)
    return needed;
  for (const px_json *node = px_json_first(px_json_member(root, "providers")); node; node = px_json_next(node)) {
    if (px_str_equal(px_json_text(px_json_member(node, "name")), provider))
      (void)px_json_may_bool(node, "needs_key", &needed, NULL);
  }
  return needed;
}

static void report_key(const px_doctor *doctor, const char *setting)
{
  px_auto(px_buf) text = PX_BUF_INIT(256);
  const char *source = pixazo_config_source(doctor->config, setting);
  px_buf_printf(&text, "set, from: %s", source);
  if (px_str_equal(source, "env"))
    px_buf_printf(&text, " (%s)", variable_of(doctor->config, setting));
  px_doctor_report(doctor, "key", "ok", px_buf_text(&text), "");
}

static void report_no_key(const px_doctor *doctor, const char *provider)
{
  px_auto(px_buf) hint = PX_BUF_INIT(512);
  bool offline = px_offline_wanted(doctor->config) || px_str_equal(provider, PX_OFFLINE_PROVIDER);
  if (!offline && !needs_key(doctor, provider)) {
    px_doctor_report(doctor, "key", "ok", "none needed", "");
    return;
  }
  if (offline || px_str_equal(provider, "pixazo"))
    px_buf_add_text(&hint, PX_KEY_HINT);
  else
    px_buf_printf(&hint, "set the setting %s.api_key, or put the key into ~/.pixazo/keys/%s (chmod 600)", provider, provider);
  px_doctor_report(doctor, "key", offline ? "note" : "problem", "none found", px_buf_text(&hint));
}

static void check_key(const px_doctor *doctor)
{
  px_auto(px_buf) setting = PX_BUF_INIT(PX_PATH_MAX);
  const char *provider = pixazo_config_get(doctor->config, "provider");
  px_buf_printf(&setting, "%s.api_key", provider);
  if (pixazo_config_get(doctor->config, px_buf_text(&setting)))
    report_key(doctor, px_buf_text(&setting));
  else if (pixazo_config_get(doctor->config, "api_key"))
    report_key(doctor, "api_key");
  else
    report_no_key(doctor, provider);
}

static void check_provider(const px_doctor *doctor)
{
  px_auto(px_buf) text = PX_BUF_INIT(1024);
  const char *provider = pixazo_config_get(doctor->config, "provider");
  px_auto(px_buf) setting = PX_BUF_INIT(PX_PATH_MAX);
  px_buf_printf(&setting, "%s.base_url", provider);
  const char *own = pixazo_config_get(doctor->config, px_buf_text(&setting));
  const char *base_url = own ? own : pixazo_config_get(doctor->config, "base_url");
  if (px_offline_wanted(doctor->config) || px_str_equal(provider, PX_OFFLINE_PROVIDER)) {
    px_doctor_report(doctor, "provider", "note", PX_OFFLINE_PROVIDER, px_offline_note(doctor->config));
    return;
  }
  px_buf_printf(&text, "%s (%s)%s%s", provider, pixazo_config_source(doctor->config, "provider"), base_url ? " at " : "",
                base_url ? base_url : "");
  px_doctor_report(doctor, "provider", "ok", px_buf_text(&text), "");
}

static bool is_reached(const px_config_accounts *accounts, const px_config_named *named)
{
  for (size_t i = 0; i < accounts->count; i++) {
    if (px_config_named_means(named->provider, accounts->items[i].provider))
      return true;
  }
  return false;
}

/* Keys lying about for providers that there are none of. */
static void report_strangers(const px_doctor *doctor, const px_config_accounts *accounts)
{
  for (const px_config_named *each = doctor->config->named; each; each = each->next) {
    if (px_config_named_value(each, NULL) && !is_reached(accounts, each))
      px_doctor_report(doctor, "settings", "note", each->name, "there is no provider of this name; it is left aside");
  }
}

static void report_definitions(const px_doctor *doctor, const px_config_accounts *accounts)
{
  px_auto(px_buf) text = PX_BUF_INIT(8192);
  for (size_t i = 0; i < accounts->count; i++) {
    const pixazo_account *account = &accounts->items[i];
    if (account->definition)
      px_buf_printf(&text, "%s%s (%s)", text.size > 0 ? ", " : "", account->provider, account->api_key ? "key set" : "no key");
  }
  if (text.size > 0)
    px_doctor_report(doctor, "definitions", "ok", px_buf_text(&text), "");
}

static void check_accounts(const px_doctor *doctor)
{
  px_auto(px_config_accounts) accounts = {.count = 0};
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  px_autoerror fault = NULL;
  if (px_config_client(doctor->config, &options, &accounts, &fault) != PIXAZO_OK) {
    px_doctor_report(doctor, "settings", "problem", pixazo_error_message(fault), pixazo_error_hint(fault));
    return;
  }
  report_definitions(doctor, &accounts);
  report_strangers(doctor, &accounts);
}

static void check_hosts(const px_doctor *doctor)
{
  const char *hosts = pixazo_config_get(doctor->config, "allow_hosts");
  if (hosts)
    px_doctor_report(doctor, "allow_hosts", "note", hosts, "these hosts may be plain http or private addresses");
}

static void check_ca_file(const px_doctor *doctor)
{
  const char *path = pixazo_config_get(doctor->config, "ca_file");
  char spare[32];
  if (!path)
    px_doctor_report(doctor, "ca_file", "ok", "the system's", "");
  else if (access(path, R_OK) == 0)
    px_doctor_report(doctor, "ca_file", "ok", path, "");
  else
    px_doctor_report(doctor, "ca_file", "problem", path, px_errno_text(errno, spare, sizeof spare));
}

static void check_store(const px_doctor *doctor)
{
  px_autofree char *path = path_or(doctor, "store_directory", "");
  char spare[32];
  if (!path)
    return;
  if (access(path, W_OK | X_OK) == 0)
    px_doctor_report(doctor, "store", "ok", path, "");
  else if (errno == ENOENT)
    px_doctor_report(doctor, "store", "note", path, "is made when it is first used");
  else
    px_doctor_report(doctor, "store", "problem", path, px_errno_text(errno, spare, sizeof spare));
}

static int64_t count_state(pixazo_repository *repository, const char *state)
{
  px_cleanup(free_query) pixazo_query *query = NULL;
  int64_t count = 0;
  if (pixazo_query_new(&query, NULL) != PIXAZO_OK || pixazo_query_set_string(query, "state", state, NULL) != PIXAZO_OK ||
      pixazo_repository_count(repository, query, &count, NULL) != PIXAZO_OK)
    return -1;
  return count;
}

static void check_unfinished(const px_doctor *doctor, pixazo_repository *repository)
{
  px_auto(px_buf) text = PX_BUF_INIT(256);
  int64_t planned = count_state(repository, "planned");
  int64_t active = count_state(repository, "active");
  int64_t ambiguous = count_state(repository, "ambiguous");
  px_buf_printf(&text, "%" PRId64 " planned, %" PRId64 " active, %" PRId64 " ambiguous", planned, active, ambiguous);
  bool none = planned == 0 && active == 0 && ambiguous == 0;
  px_doctor_report(doctor, "unfinished", none ? "ok" : "note", px_buf_text(&text),
                   none ? "" : "active: pixazo resume; planned: pixazo resume --continue; ambiguous: compare with the bill");
}

static void check_tables(const px_doctor *doctor, pixazo_repository *repository, const char *path)
{
  px_autoerror fault = NULL;
  px_autofree char *report = NULL;
  if (pixazo_repository_check(repository, &report, &fault) == PIXAZO_OK)
    px_doctor_report(doctor, "database", "ok", path, "");
  else
    px_doctor_report(doctor, "database", "problem", path, report ? report : pixazo_error_message(fault));
}

static void check_database(const px_doctor *doctor)
{
  px_autofree char *path = path_or(doctor, "database", "pixazo.db");
  px_cleanup(unref_repository) pixazo_repository *repository = NULL;
  px_autoerror fault = NULL;
  pixazo_repository_options options;
  if (!path)
    return;
  if (access(path, F_OK) != 0) {
    px_doctor_report(doctor, "database", "note", path, "is made when it is first used");
    return;
  }
  pixazo_repository_options_init(&options, sizeof options);
  options.path = path;
  pixazo_status status = pixazo_repository_new(&options, &repository, &fault);
  if (status == PIXAZO_E_EXISTS)
    px_doctor_report(doctor, "database", "note", path, "of another tool; a studio converts it and keeps a copy");
  else if (status != PIXAZO_OK)
    px_doctor_report(doctor, "database", "problem", path, pixazo_error_message(fault));
  if (status != PIXAZO_OK)
    return;
  check_tables(doctor, repository, path);
  check_unfinished(doctor, repository);
}

static void report_room(const px_doctor *doctor, const char *path, uint64_t room)
{
  px_auto(px_buf) text = PX_BUF_INIT(PX_PATH_MAX + 64);
  int64_t answer = 0;
  (void)px_parse_int64(pixazo_config_get(doctor->config, "max_answer_bytes"), &answer);
  px_buf_printf(&text, "%s, room for %" PRIu64 " MiB", path, room >> 20);
  bool enough = room >= (uint64_t)answer;
  px_doctor_report(doctor, "spool", enough ? "ok" : "problem", px_buf_text(&text),
                   enough ? "" : "no paid call is made without room for the largest answer (max_answer_bytes)");
}

static void check_spool(const px_doctor *doctor)
{
  px_autofree char *path = path_or(doctor, "spool", "spool");
  px_autoclose int descriptor = -1;
  px_autoerror fault = NULL;
  uint64_t room = 0;
  if (!path)
    return;
  if (access(path, F_OK) != 0)
    px_doctor_report(doctor, "spool", "note", path, "is made when it is first used");
  else if (px_directory_open(path, &descriptor, &fault) != PIXAZO_OK || px_room_left(descriptor, &room, &fault) != PIXAZO_OK)
    px_doctor_report(doctor, "spool", "problem", path, pixazo_error_message(fault));
  else
    report_room(doctor, path, room);
}

static void check_descriptors(const px_doctor *doctor)
{
  px_auto(px_buf) text = PX_BUF_INIT(128);
  struct rlimit limit = {0, 0};
  int64_t concurrency = 0;
  (void)getrlimit(RLIMIT_NOFILE, &limit);
  (void)px_parse_int64(pixazo_config_get(doctor->config, "concurrency"), &concurrency);
  px_buf_printf(&text, "%" PRIu64 " (may be raised to %" PRIu64 ")", (uint64_t)limit.rlim_cur, (uint64_t)limit.rlim_max);
  bool few = limit.rlim_cur < (rlim_t)concurrency * 3 + 64;
  px_doctor_report(doctor, "descriptors", few ? "note" : "ok", px_buf_text(&text),
                   few ? "fewer than that many calls in flight want; the rest waits" : "");
}

const px_doctor_check px_doctor_checks[] = {check_version,  check_libraries, check_preset,      check_key,
                                            check_provider, check_accounts,  check_hosts,       check_ca_file,
                                            check_store,    check_database,  check_spool,       check_descriptors, NULL};
