/* SPDX-License-Identifier: MIT */
#include "client/replay.h"

#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "json/writer.h"

enum { KEY_DOCUMENT_MAX = 2 * 1024 * 1024 };

static bool is_choice(const pixazo_request *request, const char *choice)
{
  return px_str_equal(px_request_text(request, PX_FIELD_REPLAY), choice);
}

pixazo_status px_replay_check(const pixazo_request *request, pixazo_error **error)
{
  if (!px_request_text(request, PX_FIELD_REPLAY) || is_choice(request, "exact") || is_choice(request, "never"))
    return PIXAZO_OK;
  return px_fail(error, PIXAZO_E_ARGUMENT, "request: replay is \"exact\" or \"never\"");
}

static bool has_seed(const pixazo_request *request)
{
  int64_t seed = -1;
  return px_request_integer(request, PX_FIELD_SEED, &seed) && seed >= 0;
}

/* What a picture is, not where it lies. */
static void put_input(px_json_writer *w, const char *key, const px_json *input)
{
  const char *hash = px_json_text(px_json_member(input, "sha256"));
  px_json_put_string(w, key, hash ? hash : "");
}

static void put_member(px_json_writer *w, const px_json *member)
{
  const char *name = px_json_name(member);
  if (px_str_equal(name, "mask")) {
    put_input(w, name, member);
  } else if (px_str_equal(name, "images")) {
    px_json_put_begin_array(w, name);
    for (const px_json *input = px_json_first(member); input; input = px_json_next(input))
      put_input(w, NULL, input);
    px_json_put_end_array(w);
  } else {
    px_json_put_tree(w, name, member);
  }
}

/* Everything that decides what comes: provider, model, all parameters as they are sent, pictures by their hashes. A
 * drawn seed is left out, and the number of the call put in its place: parts of one request must not become one. */
static pixazo_status write_document(const px_json *effective, bool seeded, size_t index, char **out, pixazo_error **error)
{
  px_auto(px_json_writer) w = PX_JSON_WRITER_INIT(KEY_DOCUMENT_MAX);
  px_json_put_begin_object(&w, NULL);
  for (const px_json *member = px_json_first(effective); member; member = px_json_next(member)) {
    const char *name = px_json_name(member);
    bool drawn = !seeded && px_str_equal(name, "seed");
    if (!drawn && !px_str_equal(name, "traceparent"))
      put_member(&w, member);
  }
  if (!seeded)
    px_json_put_int64(&w, "call", (int64_t)index);
  px_json_put_end_object(&w);
  return px_json_writer_finish(&w, out, error);
}

pixazo_status px_replay_take(px_plan *plan, const pixazo_request *request, size_t index, pixazo_error **error)
{
  px_cleanup(px_json_done) px_json *effective = NULL;
  px_autofree char *document = NULL;
  plan->replay_asked = is_choice(request, "exact");
  if (is_choice(request, "never") || (!plan->replay_asked && !has_seed(request)))
    return PIXAZO_OK;
  PX_TRY(px_json_parse(plan->effective_json, strlen(plan->effective_json), NULL, &effective, error));
  /* Chosen by the caller and taken by the model: then equal calls mean equal pictures. */
  bool seeded = has_seed(request) && px_json_member(effective, "seed");
  if (!seeded && !plan->replay_asked)
    return PIXAZO_OK;
  PX_TRY(write_document(effective, seeded, index, &document, error));
  return px_sha256_hex(document, strlen(document), plan->replay_key) ? PIXAZO_OK : px_fail_nomem(error);
}
