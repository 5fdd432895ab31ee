/* SPDX-License-Identifier: MIT */
/* What was asked for earlier: pix_history, pix_get, pix_pending, pix_resume; and what there is: hallo_pixazo, pix_budget. */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "mcp.h"

enum { PAGE = 20, PAGE_MAX = 100, FULL_BYTES = 16 * 1024 * 1024 };

bool open_for(call *self, pixazo_studio **out, result *answer)
{
  pixazo_error *error = NULL;
  pixazo_status status = service_studio(self->server, out, &error);
  if (status != PIXAZO_OK)
    say_error(answer, "The pictures of this project cannot be opened", status, error);
  return status == PIXAZO_OK;
}

bool read_id(const call *self, char **out, result *answer)
{
  char *text = NULL;
  if (!argument_text(self, "id", &text, answer))
    return false;
  const char *inside = text ? behind_prefix(text, "pixazo://image/") : NULL;
  if (inside)
    memmove(text, inside, strlen(inside) + 1);
  if (!text || !text[0])
    say_failure(answer, "id: required, of a generation or a picture; pix_history lists them.");
  *out = text;
  return text && text[0];
}

pixazo_status find_record(pixazo_studio *studio, const char *id, pixazo_generation **out, pixazo_error **error)
{
  /* Only the pipeline knows the other parts of a request that was split; a picture's id and failures it does not take. */
  if (pixazo_pipeline_wait(pixazo_studio_pipeline(studio), id, 0, NULL, out, NULL) == PIXAZO_OK)
    return PIXAZO_OK;
  return pixazo_repository_find(pixazo_studio_repository(studio), id, out, error);
}

static void say_record(result *out, const pixazo_generation *record)
{
  char prompt[128];
  (void)snprintf(prompt, sizeof prompt, "%s", pixazo_generation_prompt(record));
  cut_to_characters(prompt);
  const char *path = pixazo_generation_image_count(record) > 0 ? pixazo_generation_image_path(record, 0) : "";
  say(out, "\n%s %s \"%s\" %s", pixazo_generation_uuid(record),
      pixazo_generation_state_name(pixazo_generation_state(record)), prompt, path);
}

static void answer_page(pixazo_studio *studio, const pixazo_query *query, const char *none, result *out)
{
  pixazo_page *page = NULL;
  pixazo_error *error = NULL;
  pixazo_status status = pixazo_repository_list(pixazo_studio_repository(studio), query, &page, &error);
  if (status != PIXAZO_OK) {
    say_error(out, "The records cannot be listed", status, error);
    return;
  }
  size_t count = pixazo_page_count(page);
  if (count == 0)
    say(out, "%s", none);
  else
    say(out, "%zu generation(s), newest first:", count);
  put_open(&out->structured, "generations", '[');
  for (size_t i = 0; i < count; i++) {
    say_record(out, pixazo_page_get(page, i));
    put_record(&out->structured, NULL, pixazo_page_get(page, i));
  }
  put_close(&out->structured, ']');
  if (pixazo_page_cursor(page)[0]) {
    put_string(&out->structured, "next_cursor", pixazo_page_cursor(page));
    say(out, "\nThere are more: cursor %s", pixazo_page_cursor(page));
  }
  pixazo_page_free(page);
}

static bool set_filter(const call *self, const char *name, pixazo_query *query, result *answer)
{
  char *text = NULL;
  pixazo_error *error = NULL;
  if (!argument_text(self, name, &text, answer))
    return false;
  pixazo_status status = text ? pixazo_query_set_string(query, name, text, &error) : PIXAZO_OK;
  free(text);
  if (status != PIXAZO_OK)
    say_error(answer, name, status, error);
  return status == PIXAZO_OK;
}

void run_history(call *self, result *out)
{
  static const char *const names[] = {"text", "state", "limit", "cursor"};
  pixazo_studio *studio = NULL;
  pixazo_query *query = NULL;
  int64_t limit = PAGE;
  if (!arguments_known(self, names, sizeof names / sizeof *names, out) ||
      !argument_int(self, "limit", 1, PAGE_MAX, &limit, out) || !open_for(self, &studio, out))
    return;
  if (pixazo_query_new(&query, NULL) != PIXAZO_OK || pixazo_query_set_int(query, "limit", limit, NULL) != PIXAZO_OK)
    say_failure(out, "Out of memory.");
  else if (set_filter(self, "text", query, out) && set_filter(self, "state", query, out) &&
           set_filter(self, "cursor", query, out))
    answer_page(studio, query, "Nothing was found.", out);
  pixazo_query_free(query);
}

#define PENDING "{\"state\":\"planned,active,ambiguous,lost\",\"limit\":100}"

void run_pending(call *self, result *out)
{
  pixazo_studio *studio = NULL;
  pixazo_query *query = NULL;
  pixazo_error *error = NULL;
  if (!arguments_known(self, NULL, 0, out) || !open_for(self, &studio, out))
    return;
  pixazo_status status = pixazo_query_new_from_json(PENDING, &query, &error);
  if (status == PIXAZO_OK)
    answer_page(studio, query, "Nothing is pending.", out);
  else
    say_error(out, "The records cannot be listed", status, error);
  pixazo_query_free(query);
}

static void add_full(result *out, pixazo_studio *studio, const pixazo_generation *record)
{
  for (size_t i = 0; i < pixazo_generation_image_count(record); i++) {
    pixazo_blob *blob = NULL;
    pixazo_error *error = NULL;
    if (pixazo_generation_image_state(record, i) != PIXAZO_IMAGE_RECORDED)
      continue;
    pixazo_status status =
        pixazo_store_get(pixazo_studio_store(studio), pixazo_generation_image_key(record, i), FULL_BYTES, &blob, &error);
    if (status == PIXAZO_OK)
      add_image(out, pixazo_blob_data(blob), pixazo_blob_size(blob), pixazo_generation_image_content_type(record, i));
    else
      say_error(out, "The original cannot be read", status, error);
    pixazo_blob_unref(blob);
  }
}

static void tell_record(call *self, pixazo_studio *studio, const char *id, bool full, result *out)
{
  pixazo_generation *record = NULL;
  pixazo_error *error = NULL;
  pixazo_status status = find_record(studio, id, &record, &error);
  if (status != PIXAZO_OK) {
    say_error(out, "No such picture", status, error);
    return;
  }
  say(out, "Generation:");
  say_record(out, record);
  if (pixazo_generation_message(record)[0])
    say(out, "\n%s", pixazo_generation_message(record));
  put_record(&out->structured, "generation", record);
  add_pictures(out, self, studio, record);
  if (full)
    add_full(out, studio, record);
  pixazo_generation_free(record);
}

void run_get(call *self, result *out)
{
  static const char *const names[] = {"id", "full"};
  pixazo_studio *studio = NULL;
  char *id = NULL;
  bool full = false;
  if (arguments_known(self, names, 2, out) && argument_flag(self, "full", &full, out) && read_id(self, &id, out) &&
      open_for(self, &studio, out))
    tell_record(self, studio, id, full, out);
  free(id);
}

static void give_up(pixazo_studio *studio, const char *id, result *out)
{
  pixazo_error *error = NULL;
  pixazo_status status = pixazo_pipeline_abandon(pixazo_studio_pipeline(studio), id, &error);
  if (status != PIXAZO_OK) {
    say_error(out, "It cannot be given up", status, error);
    return;
  }
  say(out, "Generation %s is given up. What it may have cost stays in the records.", id);
  put_string(&out->structured, "abandoned", id);
}

static void say_report(const call *self, const char *report, result *out)
{
  const char *project = self->server->options.project;
  char name[32];
  say(out, "Finished what is paid:");
  for (const char *member = json_first_member(report); member; member = json_next_member(member)) {
    json_member_name(member, name, sizeof name);
    int64_t count = json_integer(json_member_value(member));
    if (strcmp(name, "schema") != 0 && count > 0)
      say(out, "%lld %s;", (long long)count, name);
  }
  if (json_integer(json_member(report, "resumed")) == 0)
    say(out, "there was nothing to take up.");
  if (json_integer(json_member(report, "planned")) > 0)
    say(out,
        "What is planned was never sent: `pixazo resume --continue --dir %s/data --set database=%s/data/metadata.db` sends "
        "it, "
        "pix_resume with abandon gives it up.",
        project, project);
}

/* What was pending before, as it stands now. */
static void tell_resumed(pixazo_studio *studio, const pixazo_page *before, result *out)
{
  put_open(&out->structured, "generations", '[');
  for (size_t i = 0; i < pixazo_page_count(before); i++) {
    pixazo_generation *record = NULL;
    if (find_record(studio, pixazo_generation_uuid(pixazo_page_get(before, i)), &record, NULL) != PIXAZO_OK)
      continue;
    say_record(out, record);
    put_record(&out->structured, NULL, record);
    pixazo_generation_free(record);
  }
  put_close(&out->structured, ']');
}

static pixazo_status list_pending(pixazo_studio *studio, pixazo_page **out, pixazo_error **error)
{
  pixazo_query *query = NULL;
  pixazo_status status = pixazo_query_new_from_json(PENDING, &query, error);
  if (status == PIXAZO_OK)
    status = pixazo_repository_list(pixazo_studio_repository(studio), query, out, error);
  pixazo_query_free(query);
  return status;
}

static void resume(const call *self, pixazo_studio *studio, result *out)
{
  char *report = NULL;
  pixazo_page *before = NULL;
  pixazo_error *error = NULL;
  pixazo_status status = list_pending(studio, &before, &error);
  if (status == PIXAZO_OK)
    status = pixazo_pipeline_resume(pixazo_studio_pipeline(studio), PIXAZO_RESUME_PAID, NULL, &report, &error);
  if (status == PIXAZO_OK) {
    say_report(self, report, out);
    put_json(&out->structured, "report", span_of(report));
    tell_resumed(studio, before, out);
  } else {
    say_error(out, "What is paid could not be finished", status, error);
  }
  pixazo_page_free(before);
  pixazo_free(report);
}

void run_resume(call *self, result *out)
{
  static const char *const names[] = {"abandon"};
  pixazo_studio *studio = NULL;
  char *id = NULL;
  if (arguments_known(self, names, 1, out) && argument_text(self, "abandon", &id, out) && open_for(self, &studio, out)) {
    if (id)
      give_up(studio, id, out);
    else
      resume(self, studio, out);
  }
  free(id);
}

void run_budget(call *self, result *out)
{
  char *stats = NULL;
  pixazo_studio *studio = NULL;
  if (!arguments_known(self, NULL, 0, out) || !open_for(self, &studio, out))
    return;
  spending_say(&self->server->spending, out);
  spending_put(&self->server->spending, &out->structured);
  if (pixazo_repository_stats(pixazo_studio_repository(studio), &stats, NULL) == PIXAZO_OK) {
    const char *ledger = json_member(stats, "ledger");
    put_json(&out->structured, "ledger", ledger && *ledger == '[' ? span_of(ledger) : (span){NULL, 0});
  }
  pixazo_free(stats);
}

static void put_problems(const call *self, pixazo_studio *studio, result *out)
{
  char data[PATH_BYTES + 8];
  char *report = NULL;
  (void)snprintf(data, sizeof data, "%s/data", self->server->options.project);
  put_string(&out->structured, "directory", data);
  put_open(&out->structured, "problems", '[');
  if (pixazo_studio_doctor(data, pixazo_studio_config(studio), &report, NULL) == PIXAZO_OK) {
    for (const char *each = json_first(json_member(report, "checks")); each; each = json_next(each)) {
      char status[16];
      json_string(json_member(each, "status"), status, sizeof status);
      if (strcmp(status, "problem") == 0)
        put_json(&out->structured, NULL, span_of(json_member(each, "value")));
    }
  }
  put_close(&out->structured, ']');
  pixazo_free(report);
}

void run_hallo(call *self, result *out)
{
  pixazo_studio *studio = NULL;
  pixazo_error *error = NULL;
  if (!arguments_known(self, NULL, 0, out))
    return;
  pixazo_status status = service_studio(self->server, &studio, &error);
  if (status != PIXAZO_OK) {
    say_error(out, "Pixazo Tool is not ready", status, error);
    return;
  }
  const char *provider = pixazo_client_provider(pixazo_studio_client(studio));
  say(out, "Pixazo Tool Ready. Service: %s, pixazo %s.", provider, pixazo_version());
  say_note(out, studio);
  put_bool(&out->structured, "ready", true);
  put_string(&out->structured, "version", pixazo_version());
  put_string(&out->structured, "provider", provider);
  put_problems(self, studio, out);
}
