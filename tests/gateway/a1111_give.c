/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "gateway/a1111.h"

enum { FIRST_SEED = 1000 };

static void add_settings(const a1111_wish *wish, int64_t seed, bytes *out)
{
  bytes_printf(out, "%s\nNegative prompt: %s\nSteps: %" PRId64 ", Sampler: %s, CFG scale: 7, Seed: %" PRId64, wish->prompt,
               wish->negative, wish->steps, wish->sampler, seed);
  bytes_printf(out, ", Size: %" PRId64 "x%" PRId64 ", Model: %s", wish->width, wish->height, wish->model);
}

static void add_image(const exchange *call, const a1111_wish *wish, int64_t seed, reply *out)
{
  bytes note = {0};
  bool sized = exchange_honours_size(call);
  picture fresh = exchange_picture(call, wish->kind, sized ? (uint32_t)wish->width : 0, sized ? (uint32_t)wish->height : 0);
  add_settings(wish, seed, &note);
  fresh.text = note.data;
  bytes_text(&out->content.text, "\"");
  if (call->script && call->script->data_uri)
    bytes_printf(&out->content.text, "data:%s;base64,", picture_type(wish->kind));
  reply_picture(out, &fresh, true);
  bytes_text(&out->content.text, "\"");
}

/* JSON that goes into a text of the answer. */
static void add_info(const a1111_wish *wish, int64_t seed, int64_t count, bytes *out)
{
  bytes info = {0};
  bytes_text(&info, "{\"prompt\":\"");
  bytes_json_text(&info, wish->prompt, strlen(wish->prompt));
  bytes_text(&info, "\",\"negative_prompt\":\"");
  bytes_json_text(&info, wish->negative, strlen(wish->negative));
  bytes_printf(&info, "\",\"seed\":%" PRId64 ",\"width\":%" PRId64 ",\"height\":%" PRId64 ",\"steps\":%" PRId64, seed,
               wish->width, wish->height, wish->steps);
  bytes_printf(&info, ",\"sampler_name\":\"%s\",\"sd_model_name\":\"%s\",\"all_seeds\":[", wish->sampler, wish->model);
  for (int64_t i = 0; i < count && !wish->is_cpp; i++)
    bytes_printf(&info, "%s%" PRId64, i ? "," : "", seed + i);
  bytes_text(&info, "],\"infotexts\":[");
  for (int64_t i = 0; i < count; i++) {
    bytes note = {0};
    add_settings(wish, seed + i, &note);
    bytes_text(&info, i ? ",\"" : "\"");
    bytes_json_text(&info, note.data, note.size);
    bytes_text(&info, "\"");
    bytes_done(&note);
  }
  bytes_text(&info, "]}");
  bytes_json_text(out, info.data, info.size);
  bytes_done(&info);
}

static int64_t duration_of(const exchange *call)
{
  return call->script && call->script->delay_ms >= 0 ? call->script->delay_ms : call->options->delay_ms;
}

static void add_parameters(const a1111_wish *wish, bytes *text)
{
  char *echo = cJSON_PrintUnformatted(wish->root);
  bytes_text(text, "],\"parameters\":");
  bytes_text(text, echo ? echo : "{}");
  cJSON_free(echo);
}

void a1111_give(const exchange *call, const a1111_wish *wish, reply *out)
{
  bytes *text = &out->content.text;
  int64_t seed = wish->seed >= 0 ? wish->seed : FIRST_SEED + (int64_t)call->shared->next_picture;
  int64_t count = call->script && call->script->images >= 0 ? call->script->images : wish->batch * wish->rounds;
  bool grid = call->script && call->script->grid && count > 1;
  reply_json(out, 200);
  out->hold_ms = device_reserve(&call->shared->card, call->caller, duration_of(call), wish->steps);
  bytes_text(text, "{\"images\":[");
  for (int64_t i = grid ? -1 : 0; i < count; i++) {
    bytes_text(text, i > (grid ? -1 : 0) ? "," : "");
    add_image(call, wish, i < 0 ? seed : seed + i, out);
  }
  add_parameters(wish, text);
  bytes_text(text, ",\"info\":\"");
  add_info(wish, seed, count, text);
  bytes_text(text, "\"}");
}

void a1111_progress(const exchange *call, reply *out)
{
  const device_call *now = device_now(&call->shared->card);
  int64_t passed = now ? now_ms() - now->from : 0;
  int64_t span = now && now->until > now->from ? now->until - now->from : 1;
  int64_t steps = now ? now->steps : 0;
  bytes *text = &out->content.text;
  reply_json(out, 200);
  bytes_printf(text, "{\"progress\":%.4f,\"eta_relative\":%.3f,\"state\":{\"skipped\":false,\"interrupted\":false,",
               (double)passed / (double)span, now ? (double)(span - passed) / 1000 : 0.0);
  bytes_printf(text, "\"stopping_generation\":false,\"job\":\"%s\",\"job_count\":%d,\"job_timestamp\":\"20261121000000\",",
               now ? "scripts_txt2img" : "", now ? 1 : 0);
  bytes_printf(text, "\"job_no\":0,\"sampling_step\":%" PRId64 ",\"sampling_steps\":%" PRId64 "},\"current_image\":",
               passed * steps / span, steps);
  if (now && !strstr(call->request->target, "skip_current_image=true")) {
    picture preview = picture_of_size(PICTURE_PNG, "preview", 8, 8);
    bytes_text(text, "\"");
    reply_picture(out, &preview, true);
    bytes_text(text, "\"");
  } else {
    bytes_text(text, "null");
  }
  bytes_text(text, ",\"textinfo\":null}");
}
