/* SPDX-License-Identifier: MIT */
#include "image/pane.h"

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"

enum { PIECE = 128 * 1024 };

void px_pane_done(px_pane *pane)
{
  px_free(pane->buffer);
  pixazo_error_free(pane->error);
  *pane = (px_pane){.descriptor = -1};
}

static pixazo_status make_room(px_pane *pane, size_t size)
{
  if (size <= pane->room)
    return PIXAZO_OK;
  unsigned char *grown = px_realloc_array(pane->buffer, size, 1);
  if (!grown)
    return px_fail_nomem(&pane->error);
  pane->buffer = grown;
  pane->room = size;
  return PIXAZO_OK;
}

static pixazo_status move_to(px_pane *pane, uint64_t at, size_t size)
{
  pane->filled = 0;
  PX_TRY(make_room(pane, size));
  PX_TRY(px_read_at(pane->descriptor, pane->buffer, size, at, pane->name, &pane->error));
  pane->begin = at;
  pane->filled = size;
  return PIXAZO_OK;
}

const unsigned char *px_pane_at(px_pane *pane, uint64_t at, size_t least, size_t *have)
{
  uint64_t left = at < pane->size ? pane->size - at : 0;
  size_t wanted = least < left ? least : (size_t)left;
  uint64_t before = at - pane->begin; /* huge when it lies before the pane */
  *have = 0;
  if (left == 0 || pane->status != PIXAZO_OK)
    return NULL;
  if (before >= pane->filled || pane->filled - before < wanted) {
    size_t piece = pane->piece > 0 ? pane->piece : PIECE;
    piece = wanted < piece ? piece : wanted;
    pane->status = move_to(pane, at, piece < left ? piece : (size_t)left);
    if (pane->status != PIXAZO_OK)
      return NULL;
    before = 0;
  }
  *have = pane->filled - (size_t)before;
  return pane->buffer + before;
}

pixazo_status px_pane_check(const px_pane *pane, pixazo_error **error)
{
  if (pane->status == PIXAZO_OK)
    return PIXAZO_OK;
  if (pane->status == PIXAZO_E_NOMEM)
    return px_fail_nomem(error);
  return px_fail(error, pane->status, "%s", pixazo_error_message(pane->error));
}
