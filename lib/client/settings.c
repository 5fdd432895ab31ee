/* SPDX-License-Identifier: MIT */
/* From what was asked to what is sent: defaults, limits, floors, the seed, and a report of each change. */
#include <math.h>
#include <string.h>

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
static const px_size *nearest_size(const px_model *model, double width, double height)
{
  const px_size *best = &model->sizes[0];
  double best_distance = INFINITY;
  for (const px_size *size = model->sizes; size->width > 0; size++) {
    double shape = fabs(log((double)size->width / size->height) - log(width / height));
    double area = fabs(log((double)size->width * size->height) - log(width * height));
    double distance = shape * 1000 + area;
    if (distance < best_distance) {
      best = size;
      best_distance = distance;
    }
  }
  return best;
}

static void take_side(px_setting *side, double value, px_parameter_state state)
{
  if (side->requested && fabs(side->value - value) > 0.5)
    side->state = state;
  side->value = value;
}

static double within(double value, double minimum, double maximum)
{
  return value < minimum ? minimum : value > maximum ? maximum : value;
}

/* What a ratio leaves of one side when the other is given; of both, when none is, the area the model would take. */
static void shape_sides(px_setting *width, px_setting *height, double ratio)
{
  if (width->requested && !height->requested) {
    height->value = width->value / ratio;
  } else if (height->requested && !width->requested) {
    width->value = height->value * ratio;
  } else if (!width->requested) {
    double area = width->value * height->value;
    height->value = sqrt(area / ratio);
    width->value = area / height->value;
  }
}

static double stepped(double value, const px_param *param, double step)
{
  double rounded = round(value / step) * step;
  if (rounded > param->maximum)
    rounded -= step;
  return rounded < param->minimum ? rounded + step : rounded;
}

/* What rounding to the step broke: the area and the ratio. */
static void mend_size(double *width, double *height, const px_model *model)
{
  enum { STEPS_MAX = 64 };
  double step = model->size_step > 0 ? model->size_step : 1;
  for (int i = 0; i < STEPS_MAX; i++) {
    double *longer = *width >= *height ? width : height;
    double *shorter = *width >= *height ? height : width;
    double area = *width * *height;
    bool lean = model->ratio_max > 0 && *longer > *shorter * model->ratio_max;
    if (model->pixels_max > 0 && area > (double)model->pixels_max && *longer > step)
      *longer -= step;
    else if (lean || area < (double)model->pixels_min)
      *shorter += step;
    else
      return;
  }
}

/* Bends a wish into the limits: the sides, the ratio, the area, and last the step. */
static void legal_size(px_settings *settings, const pixazo_client *client, const px_model *model)
{
  px_setting *width = &settings->items[PX_FIELD_WIDTH];
  px_setting *height = &settings->items[PX_FIELD_HEIGHT];
  const px_param *across = px_limits_find(&client->limits, model, PX_FIELD_WIDTH);
  const px_param *down = px_limits_find(&client->limits, model, PX_FIELD_HEIGHT);
  double w = within(width->value, across->minimum, across->maximum);
  double h = within(height->value, down->minimum, down->maximum);
  if (model->ratio_max > 0) {
    w = w > h * model->ratio_max ? h * model->ratio_max : w;
    h = h > w * model->ratio_max ? w * model->ratio_max : h;
  }
  double least = (double)model->pixels_min;
  double most = model->pixels_max > 0 ? (double)model->pixels_max : INFINITY;
  double scale = sqrt(within(w * h, least, most) / (w * h));
  double step = model->size_step > 0 ? model->size_step : 1;
  w = within(stepped(w * scale, across, step), across->minimum, across->maximum);
  h = within(stepped(h * scale, down, step), down->minimum, down->maximum);
  mend_size(&w, &h, model);
  take_side(width, w, PX_CLAMPED);
  take_side(height, h, PX_CLAMPED);
}

static void set_ratio(px_settings *settings, const pixazo_request *request)
{
  px_setting *asked = &settings->items[PX_FIELD_ASPECT_RATIO];
  const px_setting *width = &settings->items[PX_FIELD_WIDTH];
  const px_setting *height = &settings->items[PX_FIELD_HEIGHT];
  double ratio = 1;
  asked->requested = px_request_ratio(request, &ratio);
  if (!asked->requested)
    return;
  asked->text = px_request_text(request, PX_FIELD_ASPECT_RATIO);
  if (!width->sent || (width->requested && height->requested)) {
    asked->state = PX_DROPPED;
    return;
  }
  double got = width->value / height->value;
  asked->state = fabs(log(got / ratio)) < 0.03 ? PX_HONOURED : PX_SUBSTITUTED;
}

static void set_size(px_settings *settings, const pixazo_client *client, const pixazo_request *request,
                     const px_model *model)
{
  static const px_field sides[] = {PX_FIELD_WIDTH, PX_FIELD_HEIGHT};
  double ratio = 1;
  for (size_t i = 0; i < PX_ARRAY_SIZE(sides); i++) {
    px_setting *side = &settings->items[sides[i]];
    const px_param *param = px_limits_find(&client->limits, model, sides[i]);
    side->requested = px_request_number(request, sides[i], &side->value);
    side->sent = param->wire != NULL;
    side->state = side->requested && !side->sent ? PX_DROPPED : PX_HONOURED;
    if (!side->requested)
      side->value = param->fallback;
  }
  px_setting *width = &settings->items[PX_FIELD_WIDTH];
  px_setting *height = &settings->items[PX_FIELD_HEIGHT];
  if (width->sent && height->sent) {
    if (px_request_ratio(request, &ratio))
      shape_sides(width, height, ratio);
    if (model->sizes) {
      const px_size *size = nearest_size(model, width->value, height->value);
      take_side(width, size->width, PX_SUBSTITUTED);
      take_side(height, size->height, PX_SUBSTITUTED);
    } else {
      legal_size(settings, client, model);
    }
  }
  set_ratio(settings, request);
}

/* A word of a list with commas between. */
static bool is_choice(const char *choices, const char *word)
{
  size_t length = strlen(word);
  for (const char *at = choices; *at; at += strspn(at, ",")) {
    size_t size = strcspn(at, ",");
    if (size == length && memcmp(at, word, size) == 0)
      return true;
    at += size;
  }
  return false;
}

static void set_word(px_setting *setting, const pixazo_request *request, const px_model *model, px_field field)
{
  const px_words *words = &model->words[field];
  const char *asked = px_request_text(request, field);
  setting->requested = asked != NULL;
  if (!model->params[field].wire) {
    setting->state = asked ? PX_DROPPED : PX_HONOURED;
    return;
  }
  bool known = asked && (!words->choices || is_choice(words->choices, asked));
  setting->text = known ? asked : words->fallback;
  setting->sent = setting->text != NULL;
  if (asked && !known)
    setting->state = setting->sent ? PX_SUBSTITUTED : PX_DROPPED;
}

static void set_value(px_settings *settings, const pixazo_client *client, const pixazo_request *request,
                      const px_model *model, px_field field)
{
  px_setting *setting = &settings->items[field];
  const px_param *param = px_limits_find(&client->limits, model, field);
  setting->requested = px_request_number(request, field, &setting->value);
  bool idle = field == PX_FIELD_STRENGTH && !px_request_text(request, PX_FIELD_IMAGES);
  bool silent = !setting->requested && field != PX_FIELD_SEED && isnan(param->fallback);
  if (field == PX_FIELD_PARTIAL_IMAGES && setting->requested && setting->value < 1)
    return; /* none are what there is without asking */
  if (field == PX_FIELD_SEED && setting->requested && setting->value < 0 && !param->wire)
    setting->requested = false; /* any seed will do, and a model without one takes any */
  if (param->wire && !idle && !silent)
    set_number(setting, client, param, field);
  else
    setting->state = setting->requested ? PX_DROPPED : PX_HONOURED;
}

void px_settings_make(px_settings *settings, const pixazo_client *client, const pixazo_request *request,
                      const px_model *model)
{
  static const px_field numbers[] = {PX_FIELD_STEPS, PX_FIELD_GUIDANCE, PX_FIELD_SEED, PX_FIELD_STRENGTH,
                                     PX_FIELD_PARTIAL_IMAGES};
  static const px_field words[] = {PX_FIELD_NEGATIVE_PROMPT, PX_FIELD_SAMPLER, PX_FIELD_QUALITY, PX_FIELD_FORMAT,
                                   PX_FIELD_BACKGROUND};
  *settings = (px_settings){0};
  set_size(settings, client, request, model);
  for (size_t i = 0; i < PX_ARRAY_SIZE(numbers); i++)
    set_value(settings, client, request, model, numbers[i]);
  for (size_t i = 0; i < PX_ARRAY_SIZE(words); i++)
    set_word(&settings->items[words[i]], request, model, words[i]);
  px_setting *count = &settings->items[PX_FIELD_COUNT];
  count->requested = px_request_number(request, PX_FIELD_COUNT, &count->value);
  count->sent = true;
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

static void put_sent(px_json_writer *writer, const char *key, const px_settings *settings, px_field field)
{
  px_field_kind kind = px_field_row_of(field)->kind;
  if (!settings->items[field].sent)
    px_json_put_null(writer, key);
  else if (kind == PX_KIND_STRING)
    px_json_put_string(writer, key, settings->items[field].text);
  else if (kind == PX_KIND_INTEGER)
    px_json_put_int64(writer, key, llround(settings->items[field].value));
  else
    px_json_put_double(writer, key, settings->items[field].value);
}

pixazo_status px_plan_effective(const px_settings *settings, const pixazo_request *request, const px_target *target,
                                const px_inputs *inputs, char **out, pixazo_error **error)
{
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(DOCUMENT_MAX);
  px_json_put_begin_object(&writer, NULL);
  px_json_put_int64(&writer, "schema", 1);
  px_json_put_string(&writer, "provider", target->provider->name);
  px_json_put_string(&writer, "model", target->name);
  px_json_put_string(&writer, "prompt", px_request_text(request, PX_FIELD_PROMPT));
  for (px_field field = PX_FIELD_NEGATIVE_PROMPT; field < PX_FIELDS; field++) {
    if (settings->items[field].sent)
      put_sent(&writer, px_field_row_of(field)->name, settings, field);
  }
  px_inputs_put(&writer, inputs);
  if (px_request_text(request, PX_FIELD_TRACEPARENT))
    px_json_put_string(&writer, "traceparent", px_request_text(request, PX_FIELD_TRACEPARENT));
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
    put_sent(&writer, "sent", settings, field);
    px_json_put_null(&writer, "delivered");
    px_json_put_string(&writer, "state", px_parameter_state_name(setting->state));
    px_json_put_end_object(&writer);
  }
  px_json_put_end_array(&writer);
  return px_json_writer_finish(&writer, out, error);
}
