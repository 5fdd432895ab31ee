/* SPDX-License-Identifier: MIT */
#include "export/compose.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/options.h"
#include "base/str.h"
#include "export/recipe.h"
#include "image/blend.h"
#include "image/operate.h"
#include "image/orient.h"

enum { CANCEL_ROWS = 64 };

static const char *const MODES[] = {"over", "multiply", "screen", "overlay", NULL}; /* by px_blend_mode */
static const char *const FITS[] = {"none", "inside", "cover", "fill", NULL};

enum { FIT_NONE, FIT_INSIDE }; /* the first of them */

/* A layer as it is understood. */
typedef struct layer {
  const pixazo_blob *file; /* NULL: the source of the job */
  px_blend_mode mode;
  px_gravity gravity;
  int32_t fit; /* index of FITS */
  unsigned opacity;
  int32_t x, y;
  bool enlarge;
} layer;

typedef struct composing {
  px_export_source *source;
  const pixazo_exporter *exporter;
  const pixazo_export_job *job;
  layer layers[PIXAZO_LAYERS_MAX + 1];
  size_t count;
  px_pixmap own; /* the job's source, once the base has taken its place */
  bool drawn;
} composing;

static void composing_done(composing *c)
{
  px_pixmap_done(&c->own);
}

/* ---- what the caller says ---- */

static pixazo_status read_word(const char *const *words, const char *key, const char *text, int32_t *value,
                               pixazo_error **error)
{
  for (int32_t i = 0; text && words[i]; i++) {
    if (px_str_equal(words[i], text)) {
      *value = i;
      return PIXAZO_OK;
    }
  }
  return text ? px_fail(error, PIXAZO_E_ARGUMENT, "a layer has no %s \"%.40s\"", key, text) : PIXAZO_OK;
}

static pixazo_status read_gravity(const char *text, px_gravity *gravity, pixazo_error **error)
{
  int32_t value = PX_GRAVITY_CENTRE;
  if (text && (!px_recipe_word(px_recipe_key_find("gravity"), text, &value) || value > PX_GRAVITY_NORTHWEST))
    return px_fail(error, PIXAZO_E_ARGUMENT, "a layer has no gravity \"%.40s\"", text);
  *gravity = (px_gravity)value;
  return PIXAZO_OK;
}

static pixazo_status read_layer(const pixazo_layer *given, layer *out, pixazo_error **error)
{
  pixazo_layer wanted;
  int32_t mode = PX_BLEND_OVER;
  if (!given)
    return px_fail(error, PIXAZO_E_ARGUMENT, "it is NULL");
  PX_TRY(px_options_copy(&wanted, sizeof wanted, given, "pixazo_layer", error));
  PX_TRY(read_word(MODES, "mode", wanted.mode, &mode, error));
  PX_TRY(read_word(FITS, "fit", wanted.fit, &out->fit, error));
  PX_TRY(read_gravity(wanted.gravity, &out->gravity, error));
  if (wanted.opacity < 0 || wanted.opacity > PX_OPAQUE)
    return px_fail(error, PIXAZO_E_ARGUMENT, "its opacity is %d; it takes 1-100, or 0 for 100", wanted.opacity);
  out->file = wanted.source;
  out->mode = (px_blend_mode)mode;
  out->opacity = wanted.opacity ? (unsigned)wanted.opacity : PX_OPAQUE;
  out->x = wanted.x;
  out->y = wanted.y;
  out->enlarge = wanted.no_enlarge == 0;
  return PIXAZO_OK;
}

/* The base without a layer for the source has the source on it, as large as fits. */
static pixazo_status read_layers(composing *c, pixazo_error **error)
{
  const pixazo_export_job *job = c->job;
  bool own = false;
  if (job->layer_count > PIXAZO_LAYERS_MAX || (job->layer_count && !job->layers))
    return px_fail(error, PIXAZO_E_ARGUMENT, "the export job has %zu layers; it takes up to %d", job->layer_count,
                   PIXAZO_LAYERS_MAX);
  for (size_t i = 0; i < job->layer_count; i++) {
    layer *read = &c->layers[i + 1];
    pixazo_status status = read_layer(job->layers[i], read, error);
    if (status != PIXAZO_OK) {
      px_error_prefix(error, "layer %zu of the export job", i);
      return status;
    }
    own = own || !read->file;
  }
  if (own && !job->base)
    return px_fail(error, PIXAZO_E_ARGUMENT,
                   "a layer of the export job has no source, and there is no base to put the job's on");
  c->layers[0] = (layer){.fit = FIT_INSIDE, .opacity = PX_OPAQUE, .enlarge = true};
  c->count = job->layer_count + 1;
  if (!job->base || own) /* the first one is not needed */
    memmove(c->layers, c->layers + 1, --c->count * sizeof *c->layers);
  return PIXAZO_OK;
}

/* ---- pictures ---- */

/* Decoded and turned as it is seen. */
static pixazo_status load(const composing *c, const pixazo_blob *blob, px_pixmap *out, px_image_info *info,
                          pixazo_error **error)
{
  px_auto(px_pixmap) stored = PX_PIXMAP_INIT;
  px_decode_job decode = {.file = {pixazo_blob_data(blob), pixazo_blob_size(blob)},
                          .limits = &c->exporter->limits,
                          .cancel = c->job->cancel,
                          .simd = c->source->simd,
                          .crew = c->source->crew};
  PX_TRY(px_exporter_check_bytes(c->exporter, decode.file.size, error));
  PX_TRY(px_codec_decode(&decode, &stored, info, error));
  if (info->orientation != 1)
    return px_orient(&stored, info->orientation, out, error);
  px_pixmap_move(out, &stored);
  return PIXAZO_OK;
}

static void note_loss(composing *c, const px_image_info *info)
{
  c->source->notes |= (info->has_c2pa ? PX_NOTE_C2PA_DROPPED : 0U) | (info->bit_depth > 8 ? PX_NOTE_ROUNDED_TO_8_BIT : 0U) |
                      (info->animated ? PX_NOTE_FIRST_FRAME_ONLY : 0U);
}

/* The base takes the place of the source, with its colour profile. */
static pixazo_status load_base(composing *c, pixazo_error **error)
{
  px_auto(px_pixmap) base = PX_PIXMAP_INIT;
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  px_image_info info;
  px_bytes file = {pixazo_blob_data(c->job->base), pixazo_blob_size(c->job->base)};
  PX_TRY(load(c, c->job->base, &base, &info, error));
  PX_TRY(px_codec_metadata(file, &c->exporter->limits, &metadata, error));
  PX_TRY(px_block_set(&c->source->metadata.icc, metadata.icc.data, metadata.icc.size, error));
  note_loss(c, &info);
  px_pixmap_move(&c->own, &c->source->pixmap);
  px_pixmap_move(&c->source->pixmap, &base);
  return PIXAZO_OK;
}

static pixazo_status try_base(composing *c, pixazo_error **error)
{
  px_autoerror why = NULL;
  if (!c->job->base)
    return PIXAZO_OK;
  pixazo_status status = load_base(c, &why);
  if (status == PIXAZO_E_CORRUPT || status == PIXAZO_E_UNSUPPORTED || status == PIXAZO_E_LIMIT) {
    px_log(c->exporter->log, PIXAZO_LOG_WARNING, "export", "the base was not loaded: %s", pixazo_error_message(why));
    c->source->notes |= PX_NOTE_BASE_NOT_LOADED;
    return PIXAZO_OK;
  }
  px_error_move(error, px_steal(&why));
  return status;
}

/* ---- drawing ---- */

/* Where a side of `size` begins on one of `room`; it may be longer. */
static int64_t place_of(px_gravity gravity, int axis, uint32_t room, uint32_t size)
{
  return size <= room ? (int64_t)px_gravity_place(gravity, axis, room - size)
                      : -(int64_t)px_gravity_place(gravity, axis, size - room);
}

/* The part of a side that lies on the canvas: begin on the canvas, begin on the layer, length. */
static void clip(int64_t place, uint32_t room, uint32_t size, uint32_t part[3])
{
  int64_t begin = place < 0 ? 0 : place, end = place + size < room ? place + size : room;
  part[0] = (uint32_t)(begin < room ? begin : room);
  part[1] = (uint32_t)(begin < end ? begin - place : 0);
  part[2] = (uint32_t)(begin < end ? end - begin : 0);
}

/* A row of RGB as RGBA. */
static const unsigned char *with_alpha(const px_pixmap *pixmap, const unsigned char *row, uint32_t pixels,
                                       unsigned char *room)
{
  if (pixmap->channels == 4)
    return row;
  for (uint32_t x = 0; x < pixels; x++) {
    memcpy(room + (size_t)4 * x, row + (size_t)3 * x, 3);
    room[(size_t)4 * x + 3] = 255;
  }
  return room;
}

static pixazo_status draw(composing *c, const layer *l, const px_pixmap *picture, pixazo_error **error)
{
  px_pixmap *canvas = &c->source->pixmap;
  uint32_t x[3], y[3];
  c->drawn = true;
  clip(place_of(l->gravity, 0, canvas->width, picture->width) + l->x, canvas->width, picture->width, x);
  clip(place_of(l->gravity, 1, canvas->height, picture->height) + l->y, canvas->height, picture->height, y);
  px_autofree unsigned char *room = px_calloc(x[2], 4);
  if (!room)
    return px_fail_nomem(error);
  for (uint32_t i = 0; i < y[2] && x[2] > 0; i++) {
    if (i % CANCEL_ROWS == 0)
      PX_TRY(px_cancel_check(c->job->cancel, error));
    const unsigned char *from = px_pixmap_row(picture, y[1] + i) + (size_t)x[1] * picture->channels;
    unsigned char *to = px_pixmap_row(canvas, y[0] + i) + (size_t)x[0] * canvas->channels;
    px_blend_row row = {with_alpha(picture, from, x[2], room), to, to, x[2], l->opacity};
    px_blend(&row, l->mode, canvas->channels, c->source->simd);
  }
  return PIXAZO_OK;
}

/* Scaled to the canvas, then drawn. */
static pixazo_status fit_and_draw(composing *c, const layer *l, const px_pixmap *picture, pixazo_error **error)
{
  static const px_fit fits[] = {PX_FIT_INSIDE, PX_FIT_INSIDE, PX_FIT_COVER, PX_FIT_FILL}; /* by FITS */
  px_auto(px_pixmap) scaled = PX_PIXMAP_INIT;
  px_operations resize = {.count = 0, .simd = c->source->simd}, pad = {.count = 0};
  const px_pixmap *canvas = &c->source->pixmap;
  if (l->fit != FIT_NONE) {
    const uint32_t size[2] = {picture->width, picture->height};
    px_frame frame = {
        .width = canvas->width, .height = canvas->height, .fit = fits[l->fit], .enlarge = l->enlarge, .gravity = l->gravity};
    uint32_t result[2];
    PX_TRY(px_frame_plan(&frame, size, &resize, &pad, result, error));
    PX_TRY(px_operations_run(&resize, picture, c->job->cancel, &scaled, error));
  }
  return draw(c, l, scaled.data ? &scaled : picture, error);
}

static pixazo_status add_layer(composing *c, const layer *l, pixazo_error **error)
{
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  px_image_info info;
  if (!l->file)
    return c->own.data ? fit_and_draw(c, l, &c->own, error) : PIXAZO_OK; /* it is the canvas itself */
  PX_TRY(load(c, l->file, &picture, &info, error));
  note_loss(c, &info);
  return fit_and_draw(c, l, &picture, error);
}

/* What is made of several pictures has the size of the canvas, and says what it is in its provenance. */
static pixazo_status mark(composing *c, pixazo_error **error)
{
  static const char alone[] = "trainedAlgorithmicMedia", composite[] = "compositeWithTrainedAlgorithmicMedia";
  px_provenance *provenance = &c->source->provenance;
  c->source->notes |= PX_NOTE_COMPOSITED;
  c->source->width = c->source->pixmap.width;
  c->source->height = c->source->pixmap.height;
  c->source->opaque = px_pixmap_is_opaque(&c->source->pixmap);
  if (!provenance->source_type || !px_str_equal(provenance->source_type, alone))
    return PIXAZO_OK;
  char *type = px_strdup(composite);
  if (!type)
    return px_fail_nomem(error);
  px_free(provenance->source_type);
  provenance->source_type = type;
  return PIXAZO_OK;
}

pixazo_status px_compose(px_export_source *source, const pixazo_exporter *exporter, const pixazo_export_job *job,
                         pixazo_error **error)
{
  px_cleanup(composing_done) composing c = {.source = source, .exporter = exporter, .job = job};
  if (!job->base && job->layer_count == 0)
    return PIXAZO_OK;
  PX_TRY(read_layers(&c, error));
  PX_TRY(try_base(&c, error));
  for (size_t i = 0; i < c.count; i++) {
    pixazo_status status = add_layer(&c, &c.layers[i], error);
    if (status != PIXAZO_OK) {
      px_error_prefix(error, "layer %zu of %zu", i + 1, c.count);
      return status;
    }
  }
  return c.drawn ? mark(&c, error) : PIXAZO_OK;
}
