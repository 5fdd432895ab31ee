/* SPDX-License-Identifier: MIT */
/* Which metadata of the source, and which facts about its making, go into a rendition. */
#ifndef PX_EXPORT_CARRY_H
#define PX_EXPORT_CARRY_H

#include "export/provenance.h"
#include "image/codec.h"

/* What a rendition tells about itself; a set of bits, and the words of pixazo_rendition_notes(). */
typedef enum px_note {
  PX_NOTE_ORIENTED = 1 << 0,
  PX_NOTE_FLATTENED = 1 << 1,
  PX_NOTE_OPAQUE_ALPHA_DROPPED = 1 << 2,
  PX_NOTE_ROUNDED_TO_8_BIT = 1 << 3,
  PX_NOTE_FIRST_FRAME_ONLY = 1 << 4,
  PX_NOTE_C2PA_DROPPED = 1 << 5,
  PX_NOTE_PROFILE_DROPPED = 1 << 6,
  PX_NOTE_EXIF_DROPPED = 1 << 7,
  PX_NOTE_XMP_DROPPED = 1 << 8,
  PX_NOTE_TEXT_DROPPED = 1 << 9,
  PX_NOTE_PROVENANCE_SHORTENED = 1 << 10,
  PX_NOTE_COMPOSITED = 1 << 11,
  PX_NOTE_BASE_NOT_LOADED = 1 << 12
} px_note;

/* Word of one bit by its number; NULL past the end. */
const char *px_note_word(unsigned bit);

typedef struct px_carry {
  const px_metadata *source;
  const px_provenance *provenance;
  int32_t policy; /* bits of the recipe */
  px_format format;
  bool kept; /* the pixels stay coded as they are, so any profile of the source describes them */
} px_carry;

/* `out` is empty before; bits are added to *notes. */
pixazo_status px_carry_metadata(const px_carry *carry, px_metadata *out, uint32_t *notes, pixazo_error **error);

#endif
