/* SPDX-License-Identifier: MIT */
/* From what was asked to what is sent: defaults, limits, floors, the seed, and a report of each change. */
#include <math.h>

#include "base/mem.h"
#include "base/str.h"
#include "client/plan.h"
#include "json/writer.h"

enum { DOCUMENT_MAX = 4 * 1024 * 1024 };

const char *px_parameter_state_name(px_parameter_state state)
{
  static const char *const names[] = {"honoured", "clamped", "substituted", "dropped"};
  return names[state];
}

static double draw_seed(const pixazo_client *client, double maximum)
{
  double limit = maximum < (double)UINT32_MAX ? maximum : (double)UINT32_MAX;
  return (double)px_random_below(client->clock, (uint64_t)limit + 1);
}

static void clamp(px_setting *setting, double minimum, double maximum)
{
  double wanted = setting->value;
  if (setting->value < minimum)
    setting->value = minimum;
  if (setting->value > maximum)
    setting->value = maximum;
  if (setting->value < wanted || setting->value > wanted)
    setting->state = PX_CLAMPED;
}

static void set_number(px_setting *setting, const pixazo_client *client, const px_param *param, px_field field)
{
  if (!setting->requested)
    setting->value = param->fallback;
  double minimum = param->minimum;
  if (field == PX_FIELD_GUIDANCE && client->options.guidance_floor > minimum)
    minimum = client->options.guidance_floor < param->maximum ? client->options.guidance_floor : param->maximum;
  if (field == PX_FIELD_SEED && (!setting->requested || setting->value < 0))
    setting->value = draw_seed(client, param->maximum);
  clamp(setting, minimum, param->maximum);
  setting->sent = true;
}

/* The size of the list that is nearest in shape, then in area. */
static void choose_size(px_settings *settings, const px_model *model)
{
  px_setting *width = &settings->items[PX_FIELD_WIDTH];
  px_setting *height = &settings->items[PX_FIELD_HEIGHT];
  const px_size *best = &model->sizes[0];
  double best_distance = INFINITY;
  for (size_t i = 0; i < PX_SIZES_MAX && model->sizes[i].width > 0; i++) {
    const px_size *size = &model->sizes[i];
    double shape = fabs(log((double)size->width / size->height) - log(width->value / height->value));
    double area = fabs(log((double)size->width * size->height) - log(width->value * height->value));
    double distance = shape * 1000 + area;
    if (distance < best_distance) {
      best = size;
      best_distance = distance;
    }
  }
  if (fabs(width->value - best->width) > 0.5)
    width->state = PX_SUBSTITUTED;
  if (fabs(height->value - best->height) > 0.5)
    height->state = PX_SUBSTITUTED;
  width->value = best->width;
  height->value = best->height;
}

static void read_number(px_setting *setting, const pixazo_request *request, px_field field)
{
  setting->requested = px_request_number(request, field, &setting->value);
}

/* A list of sizes decides by shape, so the limits of the row must not bend the wish before. */
static bool is_listed_size(const px_model *model, px_field field)
{
  return model->sizes[0].width > 0 && (field == PX_FIELD_WIDTH || field == PX_FIELD_HEIGHT);
}

void px_settings_make(px_settings *settings, const pixazo_client *client, const pixazo_request *request,
                      const px_model *model)
{
  static const px_field numbers[] = {PX_FIELD_WIDTH, PX_FIELD_HEIGHT, PX_FIELD_STEPS, PX_FIELD_GUIDANCE, PX_FIELD_SEED};
  static const px_field texts[] = {PX_FIELD_NEGATIVE_PROMPT, PX_FIELD_SAMPLER};
  *settings = (px_settings){0};
  for (size_t i = 0; i < PX_ARRAY_SIZE(numbers); i++) {
    px_setting *setting = &settings->items[numbers[i]];
    const px_param *param = px_limits_find(&client->limits, model, numbers[i]);
    read_number(setting, request, numbers[i]);
    if (!param->wire) {
      setting->state = setting->requested ? PX_DROPPED : PX_HONOURED;
    } else if (is_listed_size(model, numbers[i])) {
      setting->value = setting->requested ? setting->value : param->fallback;
      setting->sent = true;
    } else {
      set_number(setting, client, param, numbers[i]);
    }
  }
  if (model->sizes[0].width > 0)
    choose_size(settings, model);
  for (size_t i = 0; i < PX_ARRAY_SIZE(texts); i++) {
    px_setting *setting = &settings->items[texts[i]];
    setting->requested = px_request_text(request, texts[i]) != NULL;
    setting->sent = setting->requested && model->params[texts[i]].wire;
    setting->state = setting->requested && !setting->sent ? PX_DROPPED : PX_HONOURED;
  }
  read_number(&settings->items[PX_FIELD_COUNT], request, PX_FIELD_COUNT);
  settings->items[PX_FIELD_COUNT].sent = true;
}

void px_settings_advance(px_settings *settings, const pixazo_client *client, const px_model *model)
{
  px_setting *seed = &settings->items[PX_FIELD_SEED];
  double maximum = px_limits_find(&client->limits, model, PX_FIELD_SEED)->maximum;
  if (!seed->sent)
    return;
  seed->value = seed->value + 1 > maximum ? 0 : seed->value + 1;
  seed->state = seed->requested ? PX_SUBSTITUTED : PX_HONOURED;
}

static void put_sent(px_json_writer *writer, const char *key, const px_settings *settings, const pixazo_request *request,
                     px_field field)
{
  px_field_kind kind = px_field_row_of(field)->kind;
  if (!settings->items[field].sent)
    px_json_put_null(writer, key);
  else if (kind == PX_KIND_STRING)
    px_json_put_string(writer, key, px_request_text(request, field));
  else if (kind == PX_KIND_INTEGER)
    px_json_put_int64(writer, key, llround(settings->items[field].value));
  else
    px_json_put_double(writer, key, settings->items[field].value);
}

pixazo_status px_plan_effective(const px_settings *settings, const pixazo_request *request, const px_provider *provider,
                                const px_model *model, char **out, pixazo_error **error)
{
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(DOCUMENT_MAX);
  px_json_put_begin_object(&writer, NULL);
  px_json_put_int64(&writer, "schema", 1);
  px_json_put_string(&writer, "provider", provider->name);
  px_json_put_string(&writer, "model", model->name);
  px_json_put_string(&writer, "prompt", px_request_text(request, PX_FIELD_PROMPT));
  for (px_field field = PX_FIELD_NEGATIVE_PROMPT; field < PX_FIELDS; field++) {
    if (settings->items[field].sent)
      put_sent(&writer, px_field_row_of(field)->name, settings, request, field);
  }
  if (px_request_text(request, PX_FIELD_PROVIDER_OPTIONS))
    px_json_put_raw(&writer, "provider_options", px_request_text(request, PX_FIELD_PROVIDER_OPTIONS));
  px_json_put_end_object(&writer);
  return px_json_writer_finish(&writer, out, error);
}

static void put_requested(px_json_writer *writer, const px_setting *setting, const pixazo_request *request, px_field field)
{
  const char *text = setting->requested ? px_request_text(request, field) : NULL;
  if (px_field_row_of(field)->kind == PX_KIND_STRING)
    px_json_put_string(writer, "requested", text);
  else
    px_json_put_raw(writer, "requested", text);
}

pixazo_status px_plan_outcome(const px_settings *settings, const pixazo_request *request, char **out, pixazo_error **error)
{
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(DOCUMENT_MAX);
  px_json_put_begin_array(&writer, NULL);
  for (px_field field = PX_FIELD_NEGATIVE_PROMPT; field < PX_FIELDS; field++) {
    const px_setting *setting = &settings->items[field];
    if (!setting->requested && !setting->sent)
      continue;
    px_json_put_begin_object(&writer, NULL);
    px_json_put_string(&writer, "name", px_field_row_of(field)->name);
    put_requested(&writer, setting, request, field);
    put_sent(&writer, "sent", settings, request, field);
    px_json_put_null(&writer, "delivered");
    px_json_put_string(&writer, "state", px_parameter_state_name(setting->state));
    px_json_put_end_object(&writer);
  }
  px_json_put_end_array(&writer);
  return px_json_writer_finish(&writer, out, error);
}
