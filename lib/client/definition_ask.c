/* SPDX-License-Identifier: MIT */
/* What a definition says about asking: for a job of its queue, and for how far a call is. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/definition.h"
#include "client/template.h"

enum { POLL_INTERVAL_MS = 2000, PROGRESS_INTERVAL_MS = 1000 };

typedef struct poll_text {
  const char *path;
  uint32_t interval_ms;
} poll_text;

pixazo_status px_definition_poll(pixazo_provider *self, const px_place *place, pixazo_error **error)
{
  static const px_member members[] = {
      {"path", PX_WANT_TEXT, offsetof(poll_text, path), 1, 1024, true},
      {"interval_ms", PX_WANT_UINT32, offsetof(poll_text, interval_ms), 100, 3600000, false},
  };
  poll_text text = {NULL, POLL_INTERVAL_MS};
  px_place path = px_place_member(place, "path");
  PX_TRY(px_place_read(place, members, PX_ARRAY_SIZE(members), &text, error));
  PX_TRY(px_template_check_path(&path, text.path, "{id}", error));
  if (!strstr(text.path, "{id}"))
    return px_place_fail(&path, error, "must hold {id}");
  self->poll_path = text.path;
  self->row.poll_interval_ms = text.interval_ms;
  return PIXAZO_OK;
}

pixazo_status px_definition_progress(pixazo_provider *self, const px_place *place, pixazo_error **error)
{
  static const px_member members[] = {
      {"path", PX_WANT_TEXT, offsetof(px_progress_rule, path), 1, 1024, true},
      {"interval_ms", PX_WANT_UINT32, offsetof(px_progress_rule, interval_ms), 100, 3600000, false},
      {"done", PX_WANT_TEXT, offsetof(px_progress_rule, done), 1, 200, true},
      {"total", PX_WANT_TEXT, offsetof(px_progress_rule, total), 1, 200, false},
  };
  px_progress_rule rule = {.interval_ms = PROGRESS_INTERVAL_MS};
  px_place path = px_place_member(place, "path");
  px_place done = px_place_member(place, "done");
  px_place total = px_place_member(place, "total");
  if (self->ops.produce)
    return px_place_fail(place, error, "pictures are made inside the process, which tells its progress itself");
  PX_TRY(px_place_read(place, members, PX_ARRAY_SIZE(members), &rule, error));
  PX_TRY(px_template_check_path(&path, rule.path, NULL, error));
  PX_TRY(px_rules_check_path(&done, false, error));
  if (rule.total)
    PX_TRY(px_rules_check_path(&total, false, error));
  self->row.progress = rule;
  return PIXAZO_OK;
}
