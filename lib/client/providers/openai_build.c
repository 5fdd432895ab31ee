/* SPDX-License-Identifier: MIT */
/* Bodies of OpenAI's image calls, and of those that imitate them. */
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/form.h"
#include "client/providers/openai.h"
#include "json/writer.h"

enum { BODY_MAX = 2 * 1024 * 1024 };

static bool says(const px_build *job, const char *option)
{
  return px_json_member(px_json_member(job->effective, "provider_options"), option) != NULL;
}

/* Partial pictures come in a stream only. */
static void put_stream(px_json_writer *writer, const px_build *job)
{
  int64_t partials = 0;
  (void)px_json_may_int64(job->effective, "partial_images", &partials, NULL);
  if (partials > 0 && !says(job, "stream"))
    px_json_put_bool(writer, "stream", true);
}

static pixazo_status write_members(const px_build *job, char **text, pixazo_error **error)
{
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(BODY_MAX);
  px_json_put_begin_object(&writer, NULL);
  PX_TRY(px_build_members(&writer, job, error));
  put_stream(&writer, job);
  px_json_put_end_object(&writer);
  return px_json_writer_finish(&writer, text, error);
}

/* ---- what a dialect says in the prompt ---- */

static pixazo_status put_prompt(px_json_writer *writer, const px_build *job, pixazo_error **error)
{
  const px_openai_dialect *dialect = job->provider->self;
  px_auto(px_buf) text = PX_BUF_INIT(BODY_MAX);
  const char *prompt = "";
  const char *negative = "";
  int64_t seed = -1;
  (void)px_json_may_string(job->effective, "prompt", &prompt, NULL);
  (void)px_json_may_string(job->effective, "negative_prompt", &negative, NULL);
  (void)px_json_may_int64(job->effective, "seed", &seed, NULL);
  (void)px_buf_add_text(&text, prompt);
  if (dialect->negative_in_prompt && negative[0])
    (void)px_buf_printf(&text, "|%s", negative);
  if (dialect->seed_in_prompt && seed >= 0)
    (void)px_buf_printf(&text, "<sd_cpp_extra_args>{\"seed\":%" PRId64 "}</sd_cpp_extra_args>", seed);
  px_json_put_string(writer, "prompt", px_buf_text(&text));
  return text.failed ? px_fail_nomem(error) : PIXAZO_OK;
}

static bool is_in_prompt(const char *name, const px_openai_dialect *dialect)
{
  return strcmp(name, "prompt") == 0 || (dialect->negative_in_prompt && strcmp(name, "negative_prompt") == 0) ||
         (dialect->seed_in_prompt && strcmp(name, "seed") == 0);
}

/* The same parameters with those in the prompt that this server reads there. */
static pixazo_status fold(const px_build *job, px_json **out, pixazo_error **error)
{
  const px_openai_dialect *dialect = job->provider->self;
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(BODY_MAX);
  px_autofree char *text = NULL;
  px_json_put_begin_object(&writer, NULL);
  PX_TRY(put_prompt(&writer, job, error));
  for (const px_json *node = px_json_first(job->effective); node; node = px_json_next(node)) {
    if (!is_in_prompt(px_json_name(node), dialect))
      px_json_put_tree(&writer, px_json_name(node), node);
  }
  px_json_put_end_object(&writer);
  PX_TRY(px_json_writer_finish(&writer, &text, error));
  return px_json_parse(text, strlen(text), NULL, out, error);
}

pixazo_status px_openai_build(const px_build *job, pixazo_error **error)
{
  static const char *const first[] = {"model", "prompt", NULL};
  px_cleanup(px_json_done) px_json *folded = NULL;
  px_autofree char *text = NULL;
  px_build own = *job;
  if (job->provider->self) {
    PX_TRY(fold(job, &folded, error));
    own.effective = folded;
  }
  PX_TRY(write_members(&own, &text, error));
  if (job->input_count == 0)
    return px_body_add_text(job->body, px_steal(&text), error);
  px_form form = {text, first, job->inputs, job->input_count};
  return px_form_build(&form, job->body, error);
}
