/* SPDX-License-Identifier: MIT */
#include "export/pass.h"

#include "base/error.h"
#include "base/mem.h"
#include "export/recipe.h"
#include "image/repack.h"

static px_bytes file_of(const px_export_source *source)
{
  return (px_bytes){pixazo_blob_data(source->file), pixazo_blob_size(source->file)};
}

/* A limit is for formats with a quality to lower. */
static bool fits(const px_export_source *source, const pixazo_recipe *recipe, const pixazo_blob *file)
{
  bool limited = recipe->max_bytes > 0 && px_format_quality(source->info.format) > 0;
  return !limited || pixazo_blob_size(file) <= (uint64_t)recipe->max_bytes;
}

/* Who names a quality wants that one, not that of whoever made the source. */
static bool is_good_enough(const px_export_source *source, const pixazo_recipe *recipe)
{
  if (source->info.format == PX_FORMAT_PNG)
    return !px_repack_png_gains(file_of(source), &source->pixmap, recipe->level);
  return recipe->quality < 0 && fits(source, recipe, source->file);
}

bool px_pass_may(const px_export_source *source, const pixazo_recipe *recipe)
{
  const px_image_info *info = &source->info;
  return source->file && recipe->reencode == PX_REENCODE_AUTO && px_rendition_format(source, recipe) == info->format &&
         !(source->notes & PX_NOTE_COMPOSITED) && info->orientation == 1 && info->bit_depth <= 8 && !info->animated &&
         is_good_enough(source, recipe);
}

pixazo_status px_pass_make(const px_export_source *source, const pixazo_recipe *recipe, pixazo_blob **out, uint32_t *notes,
                           pixazo_error **error)
{
  if (recipe->metadata == PX_METADATA_FULL && !source->provenance.source_type) {
    *out = pixazo_blob_ref(source->file);
    *notes &= ~(uint32_t)PX_NOTE_C2PA_DROPPED;
    return PIXAZO_OK;
  }
  uint32_t added = 0;
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  px_carry carry = {&source->metadata, &source->provenance, recipe->metadata, source->info.format, true};
  PX_TRY(px_carry_metadata(&carry, &metadata, &added, error));
  px_repack_job job = {.file = file_of(source),
                       .format = source->info.format,
                       .metadata = &metadata,
                       .keep_profile = recipe->metadata & PX_METADATA_ICC,
                       .info = &source->info};
  px_autoerror why = NULL;
  pixazo_status status = px_repack(&job, out, &why);
  if (status == PIXAZO_E_UNSUPPORTED)
    return PIXAZO_OK;
  if (status != PIXAZO_OK) {
    px_error_move(error, px_steal(&why));
    return status;
  }
  if (fits(source, recipe, *out))
    *notes |= added;
  else
    *out = pixazo_blob_unref(*out);
  return PIXAZO_OK;
}
