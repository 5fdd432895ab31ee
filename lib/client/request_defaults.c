/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/request.h"

static void free_request(pixazo_request **request)
{
  pixazo_request_free(*request);
}

static bool copy_text(char **target, const char *source)
{
  *target = px_strdup(source);
  return *target || !source;
}

pixazo_status pixazo_request_new_copy(const pixazo_request *source, pixazo_request **out, pixazo_error **error)
{
  PX_REQUIRE(source, error, "source is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  px_cleanup(free_request) pixazo_request *copy = px_calloc(1, sizeof *copy);
  if (!copy || !copy_text(&copy->verbatim, source->verbatim))
    return px_fail_nomem(error);
  for (size_t i = 0; i < PX_FIELDS; i++) {
    if (!copy_text(&copy->values[i], source->values[i]))
      return px_fail_nomem(error);
  }
  *out = px_steal(&copy);
  return PIXAZO_OK;
}

pixazo_status pixazo_request_set_defaults(pixazo_request *request, const char *json, pixazo_error **error)
{
  PX_REQUIRE(request, error, "request is NULL");
  PX_REQUIRE(json, error, "json is NULL");
  px_cleanup(free_request) pixazo_request *defaults = NULL;
  PX_TRY(pixazo_request_new_from_json(json, &defaults, error));
  /* What was asked for is written down before anything is filled in. */
  if (!request->verbatim)
    PX_TRY(pixazo_request_to_json(request, &request->verbatim, error));
  for (size_t i = 0; i < PX_FIELDS; i++) {
    if (!request->values[i])
      request->values[i] = px_steal(&defaults->values[i]);
  }
  return PIXAZO_OK;
}
