/* SPDX-License-Identifier: MIT */
#include "export/exporter.h"

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/options.h"
#include "base/parts.h"
#include "export/compose.h"
#include "export/decoded.h"
#include "image/operate.h"

enum { THREADS_MAX = 64 };
static const uint64_t DEFAULT_BYTES = UINT64_C(64) << 20, HELD_BYTES = UINT64_C(8) << 20;

void pixazo_exporter_options_init(pixazo_exporter_options *options, size_t size)
{
  px_options_init(options, size);
}

void pixazo_layer_init(pixazo_layer *layer, size_t size)
{
  px_options_init(layer, size);
}

void pixazo_export_job_init(pixazo_export_job *job, size_t size)
{
  px_options_init(job, size);
}

static void set_limits(px_image_limits *limits, const pixazo_exporter_options *options)
{
  *limits = (px_image_limits)PX_IMAGE_LIMITS_INIT;
  if (options->max_pixels)
    limits->max_pixels = options->max_pixels;
  if (options->max_scans)
    limits->max_scans = options->max_scans;
  if (options->max_metadata_blocks)
    limits->max_metadata_blocks = options->max_metadata_blocks;
}

static void exporter_done(pixazo_exporter **exporter)
{
  (void)pixazo_exporter_unref(*exporter);
}

pixazo_status pixazo_exporter_new(const pixazo_exporter_options *options, pixazo_exporter **out, pixazo_error **error)
{
  PX_REQUIRE(out, error, "out is NULL");
  pixazo_exporter_options wanted;
  PX_TRY(px_options_copy(&wanted, sizeof wanted, options, "pixazo_exporter_options", error));
  if (wanted.threads > THREADS_MAX)
    return px_fail(error, PIXAZO_E_ARGUMENT, "an exporter of %u threads; it takes 1-%d", wanted.threads, THREADS_MAX);
  px_cleanup(exporter_done) pixazo_exporter *exporter = px_calloc(1, sizeof *exporter);
  if (!exporter)
    return px_fail_nomem(error);
  atomic_init(&exporter->references, 1);
  exporter->log = pixazo_log_ref(wanted.log);
  exporter->max_bytes = wanted.max_bytes ? wanted.max_bytes : DEFAULT_BYTES;
  exporter->held_max = HELD_BYTES;
  set_limits(&exporter->limits, &wanted);
  exporter->spare = px_calloc(1, sizeof *exporter->spare);
  if (!exporter->spare)
    return px_fail_nomem(error);
  if (wanted.threads > 1)
    PX_TRY(px_crew_new("pixazo-export", wanted.threads - 1, &exporter->crew, error));
  *out = px_steal(&exporter);
  return PIXAZO_OK;
}

pixazo_exporter *pixazo_exporter_ref(pixazo_exporter *exporter)
{
  if (exporter)
    atomic_fetch_add_explicit(&exporter->references, 1, memory_order_relaxed);
  return exporter;
}

pixazo_exporter *pixazo_exporter_unref(pixazo_exporter *exporter)
{
  if (exporter && atomic_fetch_sub_explicit(&exporter->references, 1, memory_order_acq_rel) == 1) {
    px_crew_free(exporter->crew);
    for (size_t i = 0; exporter->spare && i < PX_ARRAY_SIZE(exporter->spare->buffers); i++)
      px_free(atomic_load(&exporter->spare->buffers[i]));
    px_free(exporter->spare);
    (void)pixazo_log_unref(exporter->log);
    px_free(exporter);
  }
  return NULL;
}

pixazo_status px_exporter_check_bytes(const pixazo_exporter *exporter, uint64_t size, pixazo_error **error)
{
  if (size <= exporter->max_bytes)
    return PIXAZO_OK;
  return px_fail(error, PIXAZO_E_LIMIT, "a picture file of %llu bytes is over the limit of %llu", (unsigned long long)size,
                 (unsigned long long)exporter->max_bytes);
}

/* ---- the source of a job ---- */

static void source_done(px_export_source *source)
{
  if (!source->borrowed)
    px_pixmap_done(&source->pixmap);
  px_metadata_done(&source->metadata);
  px_provenance_done(&source->provenance);
}

static bool is_turned(const px_image_info *info)
{
  return info->orientation >= 5;
}

/* What a recipe reduces the picture to, as stored. It follows from the picture and the recipe alone, so a rendition is
 * the same whatever else the job makes. All of the picture when layers lie on it. */
static void want_of(const pixazo_export_job *job, const pixazo_recipe *recipe, const px_image_info *info, uint32_t want[2])
{
  uint32_t seen[2] = {is_turned(info) ? info->height : info->width, is_turned(info) ? info->width : info->height};
  if (!job->base && job->layer_count == 0)
    px_rendition_scale(recipe, seen);
  want[0] = is_turned(info) ? seen[1] : seen[0];
  want[1] = is_turned(info) ? seen[0] : seen[1];
}

static pixazo_status turn(px_export_source *source, pixazo_error **error)
{
  if (source->info.orientation == 1)
    return PIXAZO_OK;
  px_operations list = {.list = {{.kind = PX_OPERATION_ORIENT, {.orientation = source->info.orientation}}}, .count = 1};
  px_auto(px_pixmap) turned = PX_PIXMAP_INIT;
  PX_TRY(px_operations_run(&list, &source->pixmap, source->cancel, &turned, error));
  px_pixmap_move(&source->pixmap, &turned);
  source->notes |= PX_NOTE_ORIENTED;
  return PIXAZO_OK;
}

static void note_source(px_export_source *source)
{
  source->width = is_turned(&source->info) ? source->info.height : source->info.width;
  source->height = is_turned(&source->info) ? source->info.width : source->info.height;
  source->opaque = px_pixmap_is_opaque(&source->pixmap);
  if (source->info.bit_depth > 8)
    source->notes |= PX_NOTE_ROUNDED_TO_8_BIT;
  if (source->info.animated)
    source->notes |= PX_NOTE_FIRST_FRAME_ONLY;
  if (source->info.has_c2pa)
    source->notes |= PX_NOTE_C2PA_DROPPED;
}

static px_bytes file_of(const pixazo_export_job *job)
{
  return (px_bytes){pixazo_blob_data(job->source), pixazo_blob_size(job->source)};
}

/* What lies on the pixels is drawn into them, so they must be the job's own then. */
static pixazo_status open_pixels(px_export_source *source, const pixazo_export_job *job, pixazo_error **error)
{
  const px_pixmap *given = &job->pixels->pixmap;
  px_pixels_info(job->pixels, &source->info);
  source->borrowed = !job->base && job->layer_count == 0;
  if (source->borrowed) {
    source->pixmap = *given;
  } else {
    PX_TRY(px_pixmap_make(&source->pixmap, given->width, given->height, given->channels, error));
    memcpy(source->pixmap.data, given->data, given->stride * given->height);
  }
  return px_pixels_metadata(job->pixels, &source->metadata, error);
}

static pixazo_status open_file(px_export_source *source, const pixazo_exporter *exporter, const pixazo_export_job *job,
                               const uint32_t want[2], pixazo_error **error)
{
  px_bytes file = file_of(job);
  px_decode_job decode = {.file = file,
                          .limits = &exporter->limits,
                          .want = {want[0], want[1]},
                          .cancel = job->cancel,
                          .simd = exporter->simd,
                          .crew = exporter->crew};
  source->file = (pixazo_blob *)(uintptr_t)job->source; /* counted, and its bytes never change */
  PX_TRY(px_codec_decode(&decode, &source->pixmap, &source->info, error));
  PX_TRY(px_codec_metadata(file, &exporter->limits, &source->metadata, error));
  return turn(source, error);
}

static pixazo_status source_open(px_export_source *source, const pixazo_exporter *exporter, const pixazo_export_job *job,
                                 const uint32_t want[2], pixazo_error **error)
{
  source->limits = &exporter->limits;
  source->cancel = job->cancel;
  source->crew = exporter->crew;
  source->simd = exporter->simd;
  PX_TRY(px_provenance_read(job->provenance_json, &source->provenance, error));
  if (job->pixels)
    PX_TRY(open_pixels(source, job, error));
  else
    PX_TRY(open_file(source, exporter, job, want, error));
  note_source(source);
  PX_TRY(px_compose(source, exporter, job, error));
  return PIXAZO_OK;
}

/* ---- jobs ---- */

typedef struct rendering {
  const px_export_source *source;
  const pixazo_recipe *const *recipes;
  size_t count;
  uint32_t sizes[PIXAZO_RECIPES_MAX][2]; /* that the picture is decoded to for each */
  size_t order[PIXAZO_RECIPES_MAX];      /* by place in time: number of the recipe */
  pixazo_rendition *made[PIXAZO_RECIPES_MAX];
  pixazo_error *errors[PIXAZO_RECIPES_MAX];
  pixazo_status statuses[PIXAZO_RECIPES_MAX];
  atomic_bool failed; /* the rest is not begun */
} rendering;

static void rendering_done(rendering *work)
{
  for (size_t i = 0; i < work->count; i++) {
    pixazo_rendition_free(work->made[i]);
    pixazo_error_free(work->errors[i]);
  }
}

static bool same_size(const uint32_t a[2], const uint32_t b[2])
{
  return a[0] == b[0] && a[1] == b[1];
}

/* The recipes that take their pixels from one decode; how many there are. WebP takes longest and is not made in parts:
 * with more than one thread it decides how long all of it takes, so it is first. */
static size_t set_order(rendering *work, const uint32_t size[2])
{
  size_t used = 0;
  for (int turn = 0; turn < 2; turn++) {
    for (size_t i = 0; i < work->count; i++) {
      bool slow = px_rendition_format(work->source, work->recipes[i]) == PX_FORMAT_WEBP;
      if (slow == (turn == 0) && same_size(work->sizes[i], size))
        work->order[used++] = i;
    }
  }
  return used;
}

static void render(void *argument, size_t part)
{
  rendering *work = argument;
  size_t i = work->order[part];
  if (atomic_load(&work->failed))
    return;
  work->statuses[i] = px_rendition_make(work->source, work->recipes[i], &work->made[i], &work->errors[i]);
  if (work->statuses[i] != PIXAZO_OK)
    atomic_store(&work->failed, true);
}

static pixazo_status first_failure(rendering *work, pixazo_error **error)
{
  for (size_t i = 0; i < work->count; i++) {
    if (work->statuses[i] == PIXAZO_OK)
      continue;
    px_error_move(error, px_steal(&work->errors[i]));
    return work->statuses[i];
  }
  return PIXAZO_OK;
}

static pixazo_status check_job(const pixazo_export_job *job, pixazo_error **error)
{
  if (!job->source == !job->pixels)
    return px_fail(error, PIXAZO_E_ARGUMENT, "the export job has %s; it takes one of them",
                   job->source ? "a source and pixels" : "neither a source nor pixels");
  if (!job->recipes || job->recipe_count == 0 || job->recipe_count > PIXAZO_RECIPES_MAX)
    return px_fail(error, PIXAZO_E_ARGUMENT, "the export job has %zu recipes; it takes 1-%d", job->recipe_count,
                   PIXAZO_RECIPES_MAX);
  for (size_t i = 0; i < job->recipe_count; i++) {
    if (!job->recipes[i])
      return px_fail(error, PIXAZO_E_ARGUMENT, "recipe %zu of the export job is NULL", i);
  }
  return PIXAZO_OK;
}

/* All renditions that take their pixels from the size of this one. */
static pixazo_status render_size(rendering *work, const pixazo_exporter *exporter, const pixazo_export_job *job,
                                 const uint32_t want[2], const uint32_t size[2], pixazo_error **error)
{
  px_cleanup(source_done) px_export_source source = {0};
  PX_TRY(source_open(&source, exporter, job, want, error));
  work->source = &source;
  px_parts_run(exporter->crew, &(px_parts){render, work, set_order(work, size)});
  return first_failure(work, error);
}

static bool is_first_of_size(const rendering *work, size_t index)
{
  for (size_t i = 0; i < index; i++) {
    if (same_size(work->sizes[i], work->sizes[index]))
      return false;
  }
  return true;
}

static pixazo_status probe(const pixazo_exporter *exporter, const pixazo_export_job *job, px_image_info *info,
                           pixazo_error **error)
{
  if (job->pixels) {
    px_pixels_info(job->pixels, info);
    return px_limits_pixels(&exporter->limits, info->width, info->height, error);
  }
  PX_TRY(px_exporter_check_bytes(exporter, pixazo_blob_size(job->source), error));
  return px_codec_probe(file_of(job), &exporter->limits, info, error);
}

static pixazo_status render_all(rendering *work, const pixazo_exporter *exporter, const pixazo_export_job *job,
                                pixazo_error **error)
{
  px_image_info info;
  uint32_t wants[PIXAZO_RECIPES_MAX][2];
  PX_TRY(probe(exporter, job, &info, error));
  for (size_t i = 0; i < work->count; i++) {
    want_of(job, job->recipes[i], &info, wants[i]);
    px_codec_scale(&info, wants[i], work->sizes[i]);
  }
  for (size_t i = 0; i < work->count; i++) {
    if (is_first_of_size(work, i))
      PX_TRY(render_size(work, exporter, job, wants[i], work->sizes[i], error));
  }
  return PIXAZO_OK;
}

static pixazo_status run_job(const pixazo_exporter *exporter, const pixazo_export_job *job, pixazo_rendition **out,
                             pixazo_error **error)
{
  PX_TRY(check_job(job, error));
  px_cleanup(rendering_done) rendering work = {.recipes = job->recipes, .count = job->recipe_count};
  PX_TRY(render_all(&work, exporter, job, error));
  for (size_t i = 0; i < work.count; i++) {
    out[i] = px_steal(&work.made[i]);
    px_log(exporter->log, PIXAZO_LOG_DEBUG, "export", "%s %ux%u, %llu bytes in %lld us",
           pixazo_rendition_format(out[i]), pixazo_rendition_width(out[i]), pixazo_rendition_height(out[i]),
           (unsigned long long)pixazo_rendition_bytes(out[i]), (long long)pixazo_rendition_duration_us(out[i]));
  }
  return PIXAZO_OK;
}

pixazo_status pixazo_exporter_export_all(const pixazo_exporter *exporter, const pixazo_export_job *job,
                                         pixazo_rendition **out, pixazo_error **error)
{
  PX_REQUIRE(exporter, error, "exporter is NULL");
  PX_REQUIRE(job, error, "job is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  pixazo_export_job wanted;
  PX_TRY(px_options_copy(&wanted, sizeof wanted, job, "pixazo_export_job", error));
  pixazo_status status = run_job(exporter, &wanted, out, error);
  px_log_deliver(exporter->log);
  return status;
}

pixazo_status pixazo_exporter_export(const pixazo_exporter *exporter, const pixazo_blob *source, const pixazo_recipe *recipe,
                                     pixazo_rendition **out, pixazo_error **error)
{
  pixazo_export_job job;
  pixazo_export_job_init(&job, sizeof job);
  job.source = source;
  job.recipes = &recipe;
  job.recipe_count = 1;
  return pixazo_exporter_export_all(exporter, &job, out, error);
}
