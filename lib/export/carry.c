/* SPDX-License-Identifier: MIT */
#include "export/carry.h"

#include <string.h>

#include <pixazo/version.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "export/recipe.h"
#include "image/exif.h"
#include "image/icc.h"
#include "image/xmp.h"

enum {
  SEGMENT_ROOM = 65000, /* of EXIF or XMP in one JPEG segment, less its head */
  BLOCK_MAX = 16 << 20
};

static const char PARAMETERS[] = "parameters"; /* keyword that image tools look for */
static const char TWIN[] = "pixazo";
static const char TOOL[] = "libpixazo " PIXAZO_VERSION_STRING;

static const char *const words[] = {
    "oriented",     "flattened",       "opaque_alpha_dropped", "rounded_to_8_bit", "first_frame_only",
    "c2pa_dropped", "profile_dropped", "exif_dropped",         "xmp_dropped",      "text_dropped",
    "provenance_shortened", "composited", "base_not_loaded",
};

const char *px_note_word(unsigned bit)
{
  return bit < PX_ARRAY_SIZE(words) ? words[bit] : NULL;
}

static size_t room_of(px_format format)
{
  return format == PX_FORMAT_JPEG ? SEGMENT_ROOM : BLOCK_MAX;
}

static pixazo_status carry_profile(const px_carry *carry, px_metadata *out, uint32_t *notes, pixazo_error **error)
{
  const px_block *icc = &carry->source->icc;
  if (icc->size == 0)
    return PIXAZO_OK;
  if (carry->policy & PX_METADATA_ICC && (carry->kept || px_icc_is_rgb(icc->data, icc->size)))
    return px_block_set(&out->icc, icc->data, icc->size, error);
  *notes |= PX_NOTE_PROFILE_DROPPED;
  return PIXAZO_OK;
}

static pixazo_status put_buf(px_block *block, const px_buf *from, pixazo_error **error)
{
  if (from->failed)
    return px_fail_nomem(error);
  return px_block_set(block, from->data, from->size, error);
}

static pixazo_status put_comment(const px_carry *carry, const char *text, px_metadata *out, uint32_t *notes,
                                 pixazo_error **error)
{
  px_auto(px_buf) block = PX_BUF_INIT(BLOCK_MAX);
  px_exif_build(text, &block);
  if (!block.failed && block.size > room_of(carry->format)) {
    *notes |= PX_NOTE_PROVENANCE_SHORTENED;
    return PIXAZO_OK;
  }
  return put_buf(&out->exif, &block, error);
}

/* EXIF: that of the source where the policy keeps it; else the parameters, where the format has no texts of its own. */
static pixazo_status carry_exif(const px_carry *carry, px_metadata *out, uint32_t *notes, pixazo_error **error)
{
  const px_block *exif = &carry->source->exif;
  bool keep = carry->policy & PX_METADATA_EXIF;
  if (keep && exif->size > 0 && exif->size <= room_of(carry->format)) {
    PX_TRY(px_block_set(&out->exif, exif->data, exif->size, error));
    px_exif_reset_orientation(out->exif.data, out->exif.size);
    return PIXAZO_OK;
  }
  if (exif->size > 0)
    *notes |= PX_NOTE_EXIF_DROPPED;
  if (carry->format == PX_FORMAT_PNG)
    return PIXAZO_OK;
  const char *text = carry->policy & PX_METADATA_FACTS ? carry->provenance->parameters : NULL;
  if (!text && carry->policy & PX_METADATA_TEXT)
    text = px_metadata_text(carry->source, PARAMETERS);
  return text ? put_comment(carry, text, out, notes, error) : PIXAZO_OK;
}

/* The facts of the caller, put into the packet of the source when there is one to keep. */
static void build_packet(const px_carry *carry, const px_block *kept, bool shortened, px_buf *packet)
{
  const px_provenance *from = carry->provenance;
  px_xmp_facts facts = {.source_type = from->source_type,
                        .system = from->system,
                        .prompt = from->prompt,
                        .parameters = from->parameters,
                        .twin = from->twin,
                        .tool = TOOL,
                        .created = from->created,
                        .alt_text = from->alt_text};
  if (shortened)
    facts = (px_xmp_facts){.source_type = from->source_type, .tool = TOOL, .created = from->created};
  if (!kept || !px_xmp_merge((const char *)kept->data, kept->size, &facts, packet))
    px_xmp_build(&facts, packet);
}

static pixazo_status carry_facts(const px_carry *carry, const px_block *kept, px_metadata *out, uint32_t *notes,
                                 pixazo_error **error)
{
  px_auto(px_buf) packet = PX_BUF_INIT(BLOCK_MAX);
  build_packet(carry, kept, false, &packet);
  if (!packet.failed && packet.size > room_of(carry->format)) {
    px_buf_clear(&packet);
    build_packet(carry, NULL, true, &packet);
    *notes |= PX_NOTE_PROVENANCE_SHORTENED | (kept ? PX_NOTE_XMP_DROPPED : 0);
  }
  return put_buf(&out->xmp, &packet, error);
}

static pixazo_status carry_xmp(const px_carry *carry, px_metadata *out, uint32_t *notes, pixazo_error **error)
{
  const px_block *xmp = &carry->source->xmp;
  bool keep = carry->policy & PX_METADATA_XMP && xmp->size > 0 && xmp->size <= room_of(carry->format) &&
              px_utf8_valid((const char *)xmp->data, xmp->size);
  if (xmp->size > 0 && !keep)
    *notes |= PX_NOTE_XMP_DROPPED;
  if (carry->provenance->source_type && carry->policy & PX_METADATA_FACTS)
    return carry_facts(carry, keep ? xmp : NULL, out, notes, error);
  return keep ? px_block_set(&out->xmp, xmp->data, xmp->size, error) : PIXAZO_OK;
}

static pixazo_status add_text(px_metadata *out, const char *keyword, const char *value, pixazo_error **error)
{
  return value ? px_metadata_add_text(out, keyword, value, error) : PIXAZO_OK;
}

/* Texts: those of the caller first, then where the policy keeps them those of the source that they do not replace. */
static pixazo_status carry_texts(const px_carry *carry, px_metadata *out, uint32_t *notes, pixazo_error **error)
{
  const px_metadata *source = carry->source;
  bool png = carry->format == PX_FORMAT_PNG;
  if (png && carry->policy & PX_METADATA_FACTS) {
    PX_TRY(add_text(out, PARAMETERS, carry->provenance->parameters, error));
    PX_TRY(add_text(out, TWIN, carry->provenance->twin, error));
  }
  for (size_t i = 0; i < source->text_count; i++) {
    const px_text *text = &source->texts[i];
    if (!png || !(carry->policy & PX_METADATA_TEXT) || px_metadata_text(out, text->keyword))
      *notes |= PX_NOTE_TEXT_DROPPED;
    else
      PX_TRY(px_metadata_add_text(out, text->keyword, text->value, error));
  }
  return PIXAZO_OK;
}

pixazo_status px_carry_metadata(const px_carry *carry, px_metadata *out, uint32_t *notes, pixazo_error **error)
{
  PX_TRY(carry_profile(carry, out, notes, error));
  PX_TRY(carry_exif(carry, out, notes, error));
  PX_TRY(carry_xmp(carry, out, notes, error));
  return carry_texts(carry, out, notes, error);
}
