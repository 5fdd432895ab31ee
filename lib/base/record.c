/* SPDX-License-Identifier: MIT */
#include "base/record.h"

#include "base/mem.h"

pixazo_generation *px_generation_new(void)
{
  return px_calloc(1, sizeof(pixazo_generation));
}

static void *add_item(void **items, size_t *count, size_t size)
{
  char *grown = px_realloc_array(*items, *count + 1, size);
  if (!grown)
    return NULL;
  *items = grown;
  char *item = grown + *count * size;
  memset(item, 0, size);
  (*count)++;
  return item;
}

px_image_record *px_generation_add_image(pixazo_generation *generation)
{
  void *items = generation->images;
  px_image_record *image = add_item(&items, &generation->image_count, sizeof *image);
  generation->images = items;
  if (image)
    image->seed = -1;
  return image;
}

px_rendition_record *px_image_add_rendition(px_image_record *image)
{
  void *items = image->renditions;
  px_rendition_record *rendition = add_item(&items, &image->rendition_count, sizeof *rendition);
  image->renditions = items;
  return rendition;
}

px_call_record *px_generation_add_call(pixazo_generation *generation)
{
  void *items = generation->calls;
  px_call_record *call = add_item(&items, &generation->call_count, sizeof *call);
  generation->calls = items;
  return call;
}

bool px_record_set(char **slot, const char *text)
{
  char *copy = px_strdup(text);
  if (text && !copy)
    return false;
  px_free(*slot);
  *slot = copy;
  return true;
}

/* The state of a whole from those of two parts. */
static int32_t merge_states(const pixazo_generation *whole, int32_t other)
{
  if (whole->state == other)
    return other;
  if (whole->state <= PIXAZO_GENERATION_ACTIVE || other <= PIXAZO_GENERATION_ACTIVE)
    return PIXAZO_GENERATION_ACTIVE;
  for (size_t i = 0; i < whole->image_count; i++) {
    if (whole->images[i].state == PIXAZO_IMAGE_RECORDED)
      return PIXAZO_GENERATION_PARTIAL;
  }
  return whole->state == PIXAZO_GENERATION_AMBIGUOUS || other == PIXAZO_GENERATION_AMBIGUOUS ? PIXAZO_GENERATION_AMBIGUOUS
                                                                                              : PIXAZO_GENERATION_FAILED;
}

bool px_generation_absorb(pixazo_generation *to, pixazo_generation *from)
{
  size_t total = to->image_count + from->image_count;
  size_t total_calls = to->call_count + from->call_count;
  px_image_record *images = px_realloc_array(to->images, total, sizeof *images);
  if (images)
    to->images = images;
  px_call_record *calls = px_realloc_array(to->calls, total_calls, sizeof *calls);
  if (calls)
    to->calls = calls;
  if (!images || !calls)
    return false;
  if (from->image_count > 0)
    memcpy(images + to->image_count, from->images, from->image_count * sizeof *images);
  if (from->call_count > 0)
    memcpy(calls + to->call_count, from->calls, from->call_count * sizeof *calls);
  to->image_count = total;
  to->call_count = total_calls;
  to->state = merge_states(to, from->state);
  to->attempts += from->attempts;
  to->cost_micros += from->cost_micros;
  if (!to->safety_json)
    to->safety_json = px_steal(&from->safety_json);
  if (from->confidence < to->confidence)
    to->confidence = from->confidence;
  if (from->updated_us > to->updated_us)
    to->updated_us = from->updated_us;
  to->ended_us = to->ended_us == 0 || from->ended_us == 0 ? 0 : to->ended_us > from->ended_us ? to->ended_us : from->ended_us;
  from->image_count = 0;
  from->call_count = 0;
  pixazo_generation_free(from);
  return true;
}

static void rendition_done(px_rendition_record *rendition)
{
  px_free(rendition->name);
  px_free(rendition->key);
  px_free(rendition->path);
  px_free(rendition->content_type);
}

static void image_done(px_image_record *image)
{
  for (size_t i = 0; i < image->rendition_count; i++)
    rendition_done(&image->renditions[i]);
  px_free(image->renditions);
  px_free(image->remote_url);
  px_free(image->store);
  px_free(image->key);
  px_free(image->path);
  px_free(image->content_type);
  px_free(image->reason);
  px_free(image->alt_text);
  px_free(image->revised_prompt);
  px_free(image->safety_json);
  px_free(image->post_id);
  px_free(image->prompt_id);
  (void)pixazo_blob_unref(image->blob);
}

static void call_done(px_call_record *call)
{
  px_free(call->provider);
  px_free(call->model);
  px_free(call->provider_code);
  px_free(call->request_id);
  px_free(call->remote_id);
  px_free(call->message);
  px_free(call->safety_json);
  px_free(call->currency);
}

void pixazo_generation_free(pixazo_generation *generation)
{
  if (!generation)
    return;
  for (size_t i = 0; i < generation->call_count; i++)
    call_done(&generation->calls[i]);
  px_free(generation->calls);
  for (size_t i = 0; i < generation->image_count; i++)
    image_done(&generation->images[i]);
  px_free(generation->images);
  px_free(generation->relation);
  px_free(generation->principal);
  px_free(generation->idempotency_key);
  px_free(generation->prompt);
  px_free(generation->provider);
  px_free(generation->model);
  px_free(generation->request_json);
  px_free(generation->metadata_json);
  px_free(generation->effective_json);
  px_free(generation->outcome_json);
  px_free(generation->route_json);
  px_free(generation->safety_json);
  px_free(generation->message);
  px_free(generation->currency);
  px_free(generation);
}

/* One getter per public fact; the macros keep NULL handling in one place and are gone below. */
#define TEXT_GETTER(name, field)                                        \
  const char *pixazo_generation_##name(const pixazo_generation *generation) \
  {                                                                     \
    return generation && generation->field ? generation->field : "";    \
  }
#define ARRAY_GETTER(name, field)                                       \
  const char *pixazo_generation_##name(const pixazo_generation *generation) \
  {                                                                     \
    return generation ? generation->field : "";                         \
  }
#define NUMBER_GETTER(type, name, field)                         \
  type pixazo_generation_##name(const pixazo_generation *generation) \
  {                                                              \
    return generation ? generation->field : 0;                   \
  }

ARRAY_GETTER(uuid, uuid)
ARRAY_GETTER(batch, batch)
ARRAY_GETTER(replayed_from, replayed_from)
TEXT_GETTER(principal, principal)
TEXT_GETTER(idempotency_key, idempotency_key)
TEXT_GETTER(prompt, prompt)
TEXT_GETTER(provider, provider)
TEXT_GETTER(model, model)
TEXT_GETTER(request_json, request_json)
TEXT_GETTER(metadata_json, metadata_json)
TEXT_GETTER(effective_json, effective_json)
TEXT_GETTER(outcome_json, outcome_json)
TEXT_GETTER(route_json, route_json)
TEXT_GETTER(message, message)
TEXT_GETTER(currency, currency)
NUMBER_GETTER(int32_t, state, state)
NUMBER_GETTER(int32_t, class, last_class)
NUMBER_GETTER(int32_t, http_status, http_status)
NUMBER_GETTER(int32_t, attempts, attempts)
NUMBER_GETTER(int32_t, confidence, confidence)
NUMBER_GETTER(int64_t, cost_micros, cost_micros)
NUMBER_GETTER(int64_t, created_us, created_us)
NUMBER_GETTER(int64_t, updated_us, updated_us)
NUMBER_GETTER(int64_t, sent_us, sent_us)
NUMBER_GETTER(int64_t, answered_us, answered_us)
NUMBER_GETTER(int64_t, ended_us, ended_us)
NUMBER_GETTER(size_t, image_count, image_count)
#undef TEXT_GETTER
#undef ARRAY_GETTER
#undef NUMBER_GETTER

int64_t pixazo_generation_queued_us(const pixazo_generation *generation)
{
  if (!generation || generation->call_count == 0 || generation->calls[0].sent_us < generation->created_us)
    return 0;
  return generation->calls[0].sent_us - generation->created_us;
}

const char *pixazo_generation_request_id(const pixazo_generation *generation)
{
  const px_call_record *last = generation && generation->call_count > 0 ? &generation->calls[generation->call_count - 1] : NULL;
  return last && last->request_id ? last->request_id : "";
}

/* What the program said comes first: it knew what the provider had said. */
const char *pixazo_generation_safety_json(const pixazo_generation *generation)
{
  if (generation && generation->safety_json)
    return generation->safety_json;
  for (size_t i = 0; generation && i < generation->image_count; i++) {
    if (generation->images[i].safety_json)
      return generation->images[i].safety_json;
  }
  for (size_t i = generation ? generation->call_count : 0; i > 0; i--) {
    if (generation->calls[i - 1].safety_json)
      return generation->calls[i - 1].safety_json;
  }
  return "";
}

static const px_image_record *image_at(const pixazo_generation *generation, size_t index)
{
  return generation && index < generation->image_count ? &generation->images[index] : NULL;
}

static const char *text_or_empty(const char *text)
{
  return text ? text : "";
}

#define IMAGE_TEXT(name, field)                                                              \
  const char *pixazo_generation_image_##name(const pixazo_generation *generation, size_t index) \
  {                                                                                          \
    const px_image_record *image = image_at(generation, index);                              \
    return image ? text_or_empty(image->field) : "";                                         \
  }
#define IMAGE_NUMBER(type, name, field)                                                \
  type pixazo_generation_image_##name(const pixazo_generation *generation, size_t index) \
  {                                                                                    \
    const px_image_record *image = image_at(generation, index);                        \
    return image ? image->field : 0;                                                   \
  }

IMAGE_TEXT(uuid, uuid)
IMAGE_TEXT(key, key)
IMAGE_TEXT(path, path)
IMAGE_TEXT(url, remote_url)
IMAGE_TEXT(sha256, sha256)
IMAGE_TEXT(content_type, content_type)
IMAGE_TEXT(reason, reason)
IMAGE_TEXT(alt_text, alt_text)
IMAGE_TEXT(revised_prompt, revised_prompt)
IMAGE_TEXT(safety_json, safety_json)
IMAGE_NUMBER(int32_t, state, state)
IMAGE_NUMBER(int32_t, width, width)
IMAGE_NUMBER(int32_t, height, height)
IMAGE_NUMBER(int64_t, bytes, bytes)
IMAGE_NUMBER(int32_t, has_alpha, has_alpha)
IMAGE_NUMBER(int64_t, download_us, download_us)
IMAGE_NUMBER(int64_t, processing_us, processing_us)
#undef IMAGE_TEXT
#undef IMAGE_NUMBER

int64_t pixazo_generation_image_seed(const pixazo_generation *generation, size_t index)
{
  const px_image_record *image = image_at(generation, index);
  return image ? image->seed : -1;
}

pixazo_blob *pixazo_generation_image_blob(const pixazo_generation *generation, size_t index)
{
  const px_image_record *image = image_at(generation, index);
  return image ? image->blob : NULL;
}

size_t pixazo_generation_rendition_count(const pixazo_generation *generation, size_t index)
{
  const px_image_record *image = image_at(generation, index);
  return image ? image->rendition_count : 0;
}

static const px_rendition_record *rendition_at(const pixazo_generation *generation, size_t index, size_t rendition)
{
  const px_image_record *image = image_at(generation, index);
  return image && rendition < image->rendition_count ? &image->renditions[rendition] : NULL;
}

#define RENDITION_TEXT(name)                                                                                       \
  const char *pixazo_generation_rendition_##name(const pixazo_generation *generation, size_t index, size_t rendition) \
  {                                                                                                                \
    const px_rendition_record *found = rendition_at(generation, index, rendition);                                 \
    return found ? text_or_empty(found->name) : "";                                                                \
  }

RENDITION_TEXT(name)
RENDITION_TEXT(key)
RENDITION_TEXT(path)
RENDITION_TEXT(content_type)
#undef RENDITION_TEXT

int64_t pixazo_generation_rendition_bytes(const pixazo_generation *generation, size_t index, size_t rendition)
{
  const px_rendition_record *found = rendition_at(generation, index, rendition);
  return found ? found->bytes : 0;
}

const char *pixazo_generation_state_name(int32_t state)
{
  static const char *const names[] = {"unknown", "planned",   "active",    "done",      "partial",
                                      "failed",  "blocked", "ambiguous", "cancelled", "abandoned"};
  return state > 0 && (size_t)state < PX_ARRAY_SIZE(names) ? names[state] : names[0];
}

const char *pixazo_image_state_name(int32_t state)
{
  static const char *const names[] = {"unknown", "expected", "recorded", "quarantined", "lost"};
  return state > 0 && (size_t)state < PX_ARRAY_SIZE(names) ? names[state] : names[0];
}

const char *pixazo_confidence_name(int32_t confidence)
{
  static const char *const names[] = {"unknown", "upper_bound", "estimated", "metered", "billed"};
  return confidence > 0 && (size_t)confidence < PX_ARRAY_SIZE(names) ? names[confidence] : names[0];
}
