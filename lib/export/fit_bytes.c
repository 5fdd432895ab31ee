/* SPDX-License-Identifier: MIT */
#include "export/fit_bytes.h"

#include "base/error.h"
#include "base/mem.h"

typedef struct search {
  int32_t low, high; /* qualities that may still be the one */
  int32_t found;
  pixazo_blob *best; /* of `found`; NULL: none yet */
  uint64_t smallest; /* size of the last file that was too large */
} search;

static void search_done(search *s)
{
  (void)pixazo_blob_unref(s->best);
}

static pixazo_status try_quality(search *s, px_encode_job *job, int32_t quality, uint64_t most, pixazo_error **error)
{
  pixazo_blob *made = NULL;
  job->quality = quality;
  PX_TRY(px_codec_encode(job, &made, error));
  if (pixazo_blob_size(made) > most) {
    s->smallest = pixazo_blob_size(made);
    s->high = quality - 1;
    (void)pixazo_blob_unref(made);
    return PIXAZO_OK;
  }
  (void)pixazo_blob_unref(s->best);
  s->best = made;
  s->found = quality;
  s->low = quality + 1;
  return PIXAZO_OK;
}

pixazo_status px_fit_bytes(px_encode_job *job, uint64_t most, pixazo_blob **out, pixazo_error **error)
{
  px_cleanup(search_done) search s = {.low = 1, .high = job->quality};
  PX_TRY(try_quality(&s, job, job->quality, most, error));
  while (s.low <= s.high)
    PX_TRY(try_quality(&s, job, s.low + (s.high - s.low) / 2, most, error));
  if (!s.best)
    return px_fail(error, PIXAZO_E_LIMIT, "a %s file of %ux%u pixels takes %llu bytes at quality %d; the recipe allows %llu",
                   px_format_name(job->format), job->pixmap->width, job->pixmap->height, (unsigned long long)s.smallest,
                   job->quality, (unsigned long long)most);
  job->quality = s.found;
  *out = px_steal(&s.best);
  return PIXAZO_OK;
}
