/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/mem.h"
#include "export/exporter.h"
#include "export/fit_bytes.h"
#include "export/pass.h"
#include "export/recipe.h"
#include "image/operate.h"
#include "image/orient.h"
#include "image/salience.h"
#include "json/writer.h"

enum { TEXT_MAX = 65536 };

struct pixazo_rendition {
  pixazo_blob *blob; /* one reference */
  char *notes;       /* JSON array */
  int64_t duration_us;
  px_format format;
  uint32_t width, height;
  int32_t quality; /* -1: lossless, or passed through */
  bool passed;     /* the coded pixels are those of the source */
  char name[PX_RECIPE_NAME_MAX + 1];
  char sha256[PX_SHA256_HEX];
};

/* ---- making ---- */

px_format px_rendition_format(const px_export_source *source, const pixazo_recipe *recipe)
{
  return recipe->format == PX_FORMAT_NONE ? source->info.format : (px_format)recipe->format;
}

/* What becomes of an alpha channel, as one operation to do before or after the resize. */
static void plan_alpha(const px_export_source *source, const pixazo_recipe *recipe, px_operations *before,
                       px_operations *after, uint32_t *notes)
{
  bool can_keep = px_format_has_alpha(px_rendition_format(source, recipe)) && recipe->alpha != PX_ALPHA_FLATTEN;
  if (source->pixmap.channels != 4 || (can_keep && (recipe->alpha == PX_ALPHA_KEEP || !source->opaque)))
    return;
  px_operation operation = {.kind = source->opaque ? PX_OPERATION_DROP_ALPHA : PX_OPERATION_FLATTEN};
  operation.background = recipe->background;
  px_operations_add(source->opaque ? before : after, &operation);
  *notes |= source->opaque ? PX_NOTE_OPAQUE_ALPHA_DROPPED : PX_NOTE_FLATTENED;
}

static void append(px_operations *list, const px_operations *more)
{
  for (size_t i = 0; i < more->count; i++)
    px_operations_add(list, &more->list[i]);
}

static px_frame frame_of(const pixazo_recipe *recipe)
{
  return (px_frame){.width = (uint32_t)recipe->width,
                    .height = (uint32_t)recipe->height,
                    .fit = (px_fit)recipe->fit,
                    .enlarge = recipe->enlarge != 0,
                    .background = recipe->background,
                    .gravity = (px_gravity)recipe->gravity,
                    .focus = {(uint32_t)recipe->focus_x, (uint32_t)recipe->focus_y},
                    .linear = recipe->linear != 0};
}

/* The size a recipe begins with, from the size as seen, and the other way round: its own rotation may swap the sides. */
static void swap_sides(const pixazo_recipe *recipe, uint32_t size[2])
{
  uint32_t width = size[0];
  if (px_orient_swaps(px_recipe_orientation(recipe))) {
    size[0] = size[1];
    size[1] = width;
  }
}

void px_rendition_scale(const pixazo_recipe *recipe, uint32_t size[2])
{
  px_frame frame = frame_of(recipe);
  uint32_t result[2];
  px_operations resize = {.count = 0}, pad = {.count = 0};
  if (recipe->linear)
    return; /* pixels merged by a decoder are merged as codes */
  swap_sides(recipe, size);
  if (px_frame_plan(&frame, size, &resize, &pad, result, NULL) != PIXAZO_OK)
    resize.count = 0; /* the rendition itself will say why */
  for (size_t i = 0; i < resize.count; i++) {
    if (resize.list[i].kind != PX_OPERATION_RESIZE)
      continue;
    size[0] = resize.list[i].resize.full_width;
    size[1] = resize.list[i].resize.full_height;
  }
  swap_sides(recipe, size);
}

/* Order: drop what is opaque anyway, resize, flatten, pad. */
static pixazo_status plan(const px_export_source *source, const pixazo_recipe *recipe, const px_pixmap *pixmap,
                          px_operations *list, uint32_t *notes, pixazo_error **error)
{
  px_frame frame = frame_of(recipe);
  uint32_t size[2] = {source->width, source->height}, result[2];
  px_operations resize = {.count = 0}, flatten = {.count = 0}, pad = {.count = 0};
  swap_sides(recipe, size);
  plan_alpha(source, recipe, list, &flatten, notes);
  PX_TRY(px_frame_plan(&frame, size, &resize, &pad, result, error));
  if ((uint64_t)result[0] * result[1] > source->limits->max_pixels)
    return px_fail(error, PIXAZO_E_LIMIT, "a rendition of %ux%u pixels is over the limit of %llu", result[0], result[1],
                   (unsigned long long)source->limits->max_pixels);
  if (recipe->gravity == PX_GRAVITY_SMART && recipe->fit == PX_FIT_COVER && resize.count > 0)
    PX_TRY(px_salience_aim(pixmap, &resize.list[0].resize, error));
  append(list, &resize);
  append(list, &flatten);
  append(list, &pad);
  return PIXAZO_OK;
}

/* The pixels a recipe begins with, when it turns them; else `turned` stays empty. */
static pixazo_status turn(const px_export_source *source, const pixazo_recipe *recipe, px_pixmap *turned,
                          pixazo_error **error)
{
  uint32_t orientation = px_recipe_orientation(recipe);
  return orientation == 1 ? PIXAZO_OK : px_orient(&source->pixmap, orientation, turned, error);
}

static pixazo_status encode(const px_export_source *source, const pixazo_recipe *recipe, const px_pixmap *pixmap,
                            pixazo_rendition *made, uint32_t *notes, pixazo_error **error)
{
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  px_carry carry = {&source->metadata, &source->provenance, recipe->metadata, made->format, false};
  PX_TRY(px_carry_metadata(&carry, &metadata, notes, error));
  px_encode_job job = {.pixmap = pixmap, .metadata = &metadata, .cancel = source->cancel, .format = made->format};
  job.quality = recipe->quality >= 0 ? recipe->quality : px_format_quality(made->format);
  job.level = recipe->level;
  job.fast = made->format == PX_FORMAT_WEBP && recipe->effort == PX_EFFORT_FAST;
  job.simd = source->simd;
  job.crew = source->crew;
  bool lossy = px_format_quality(made->format) > 0;
  if (lossy && recipe->max_bytes > 0)
    PX_TRY(px_fit_bytes(&job, (uint64_t)recipe->max_bytes, &made->blob, error));
  else
    PX_TRY(px_codec_encode(&job, &made->blob, error));
  made->quality = lossy ? job.quality : -1;
  return PIXAZO_OK;
}

static pixazo_status work(const px_export_source *source, const pixazo_recipe *recipe, pixazo_rendition *made,
                          uint32_t *notes, pixazo_error **error)
{
  px_operations list = {.count = 0, .simd = source->simd};
  px_auto(px_pixmap) turned = PX_PIXMAP_INIT;
  px_auto(px_pixmap) worked = PX_PIXMAP_INIT;
  PX_TRY(turn(source, recipe, &turned, error));
  const px_pixmap *pixmap = turned.data ? &turned : &source->pixmap;
  PX_TRY(plan(source, recipe, pixmap, &list, notes, error));
  if (list.count == 0 && !turned.data && px_pass_may(source, recipe))
    PX_TRY(px_pass_make(source, recipe, &made->blob, notes, error));
  made->passed = made->blob != NULL;
  made->quality = -1;
  PX_TRY(px_operations_run(&list, pixmap, source->cancel, &worked, error));
  pixmap = worked.data ? &worked : pixmap;
  made->width = pixmap->width;
  made->height = pixmap->height;
  return made->passed ? PIXAZO_OK : encode(source, recipe, pixmap, made, notes, error);
}

static pixazo_status write_notes(uint32_t notes, char **out, pixazo_error **error)
{
  px_auto(px_json_writer) w = PX_JSON_WRITER_INIT(TEXT_MAX);
  px_json_put_begin_array(&w, NULL);
  const char *word;
  for (unsigned bit = 0; (word = px_note_word(bit)) != NULL; bit++) {
    if (notes >> bit & 1)
      px_json_put_string(&w, NULL, word);
  }
  px_json_put_end_array(&w);
  return px_json_writer_finish(&w, out, error);
}

static void rendition_done(pixazo_rendition **rendition)
{
  pixazo_rendition_free(*rendition);
}

pixazo_status px_rendition_make(const px_export_source *source, const pixazo_recipe *recipe, pixazo_rendition **out,
                                pixazo_error **error)
{
  int64_t begin = px_mono_us(px_clock_system());
  uint32_t notes = source->notes;
  px_cleanup(rendition_done) pixazo_rendition *made = px_calloc(1, sizeof *made);
  if (!made)
    return px_fail_nomem(error);
  made->format = px_rendition_format(source, recipe);
  memcpy(made->name, recipe->name, sizeof made->name);
  PX_TRY(work(source, recipe, made, &notes, error));
  if (!px_sha256_hex(pixazo_blob_data(made->blob), pixazo_blob_size(made->blob), made->sha256))
    return px_fail_nomem(error);
  PX_TRY(write_notes(notes, &made->notes, error));
  made->duration_us = px_mono_us(px_clock_system()) - begin;
  *out = px_steal(&made);
  return PIXAZO_OK;
}

/* ---- the record ---- */

void pixazo_rendition_free(pixazo_rendition *rendition)
{
  if (!rendition)
    return;
  (void)pixazo_blob_unref(rendition->blob);
  px_free(rendition->notes);
  px_free(rendition);
}

pixazo_blob *pixazo_rendition_blob(const pixazo_rendition *rendition)
{
  return rendition ? rendition->blob : NULL;
}

const char *pixazo_rendition_name(const pixazo_rendition *rendition)
{
  return rendition ? rendition->name : "";
}

const char *pixazo_rendition_format(const pixazo_rendition *rendition)
{
  return rendition ? px_format_name(rendition->format) : "";
}

const char *pixazo_rendition_content_type(const pixazo_rendition *rendition)
{
  return rendition ? px_format_content_type(rendition->format) : "";
}

const char *pixazo_rendition_extension(const pixazo_rendition *rendition)
{
  return rendition ? px_format_extension(rendition->format) : "";
}

uint32_t pixazo_rendition_width(const pixazo_rendition *rendition)
{
  return rendition ? rendition->width : 0;
}

uint32_t pixazo_rendition_height(const pixazo_rendition *rendition)
{
  return rendition ? rendition->height : 0;
}

uint64_t pixazo_rendition_bytes(const pixazo_rendition *rendition)
{
  return rendition ? pixazo_blob_size(rendition->blob) : 0;
}

const char *pixazo_rendition_sha256(const pixazo_rendition *rendition)
{
  return rendition ? rendition->sha256 : "";
}

int64_t pixazo_rendition_duration_us(const pixazo_rendition *rendition)
{
  return rendition ? rendition->duration_us : 0;
}

const char *pixazo_rendition_way(const pixazo_rendition *rendition)
{
  if (!rendition)
    return "";
  return rendition->passed ? "passed_through" : "encoded";
}

int32_t pixazo_rendition_quality(const pixazo_rendition *rendition)
{
  return rendition ? rendition->quality : -1;
}

const char *pixazo_rendition_notes(const pixazo_rendition *rendition)
{
  return rendition ? rendition->notes : "[]";
}

pixazo_status pixazo_rendition_to_json(const pixazo_rendition *rendition, char **json, pixazo_error **error)
{
  PX_REQUIRE(rendition, error, "rendition is NULL");
  PX_REQUIRE(json, error, "json is NULL");
  px_auto(px_json_writer) w = PX_JSON_WRITER_INIT(TEXT_MAX);
  px_json_put_begin_object(&w, NULL);
  px_json_put_int64(&w, "schema", 1);
  px_json_put_string(&w, "name", rendition->name);
  px_json_put_string(&w, "format", pixazo_rendition_format(rendition));
  px_json_put_string(&w, "content_type", pixazo_rendition_content_type(rendition));
  px_json_put_string(&w, "extension", pixazo_rendition_extension(rendition));
  px_json_put_int64(&w, "width", rendition->width);
  px_json_put_int64(&w, "height", rendition->height);
  px_json_put_int64(&w, "bytes", (int64_t)pixazo_rendition_bytes(rendition));
  px_json_put_string(&w, "sha256", rendition->sha256);
  px_json_put_int64(&w, "duration_us", rendition->duration_us);
  px_json_put_string(&w, "way", pixazo_rendition_way(rendition));
  if (rendition->quality >= 0)
    px_json_put_int64(&w, "quality", rendition->quality);
  px_json_put_raw(&w, "notes", rendition->notes);
  px_json_put_end_object(&w);
  return px_json_writer_finish(&w, json, error);
}
