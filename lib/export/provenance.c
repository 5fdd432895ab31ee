/* SPDX-License-Identifier: MIT */
#include "export/provenance.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "json/json.h"

enum { JSON_MAX = 24 * 1024, CODE_MAX = 64, DATE_MAX = 40, TEXT_MAX = 64 * 1024 };

static const char DEFAULT_SOURCE_TYPE[] = "trainedAlgorithmicMedia";

/* Which member gives which part of the settings line that image tools write. */
static const struct {
  const char *member, *label;
} settings[] = {
    {"steps", "Steps"}, {"sampler", "Sampler"}, {"cfg_scale", "CFG scale"}, {"seed", "Seed"},
};

void px_provenance_done(px_provenance *provenance)
{
  px_free(provenance->source_type);
  px_free(provenance->system);
  px_free(provenance->prompt);
  px_free(provenance->parameters);
  px_free(provenance->twin);
  px_free(provenance->created);
  px_free(provenance->alt_text);
  *provenance = (px_provenance)PX_PROVENANCE_INIT;
}

/* Text of a string or a number, as it came; NULL for anything else. */
static const char *text_of(const px_json *root, const char *member)
{
  const px_json *node = px_json_member(root, member);
  const char *text = node ? px_json_text(node) : NULL;
  return px_str_empty(text) ? NULL : text;
}

static void add_setting(px_buf *out, const char *label, const char *text)
{
  if (text)
    (void)px_buf_printf(out, "%s%s: %s", out->size > 0 ? ", " : "", label, text);
}

static void add_settings(const px_json *root, px_buf *out)
{
  px_auto(px_buf) line = PX_BUF_INIT(TEXT_MAX);
  for (size_t i = 0; i < PX_ARRAY_SIZE(settings); i++)
    add_setting(&line, settings[i].label, text_of(root, settings[i].member));
  const char *width = text_of(root, "width"), *height = text_of(root, "height");
  if (width && height)
    (void)px_buf_printf(&line, "%sSize: %sx%s", line.size > 0 ? ", " : "", width, height);
  add_setting(&line, "Model", text_of(root, "model"));
  if (line.failed)
    out->failed = true;
  else if (line.size > 0)
    (void)px_buf_printf(out, "%s%s", out->size > 0 ? "\n" : "", px_buf_text(&line));
}

static void compose_parameters(const px_json *root, px_buf *out)
{
  const char *whole = text_of(root, "parameters");
  if (whole) {
    (void)px_buf_add_text(out, whole);
    return;
  }
  const char *prompt = text_of(root, "prompt"), *negative = text_of(root, "negative_prompt");
  if (prompt)
    (void)px_buf_add_text(out, prompt);
  if (negative)
    (void)px_buf_printf(out, "%sNegative prompt: %s", out->size > 0 ? "\n" : "", negative);
  add_settings(root, out);
}

/* "pixazo/sdxl": a model that names its provider already stays as it is. */
static void compose_system(const px_json *root, px_buf *out)
{
  const char *provider = text_of(root, "provider"), *model = text_of(root, "model");
  if (provider && !(model && strchr(model, '/')))
    (void)px_buf_printf(out, "%s%s", provider, model ? "/" : "");
  if (model)
    (void)px_buf_add_text(out, model);
}

static pixazo_status take(px_buf *from, char **out, pixazo_error **error)
{
  if (from->size == 0 && !from->failed)
    return PIXAZO_OK;
  *out = px_buf_steal(from);
  return *out ? PIXAZO_OK : px_fail_nomem(error);
}

static pixazo_status read_source_type(const px_json *root, px_provenance *out, pixazo_error **error)
{
  const char *code = text_of(root, "digital_source_type");
  if (!code)
    code = DEFAULT_SOURCE_TYPE;
  size_t length = strlen(code);
  for (size_t i = 0; i < length; i++) {
    if (length > CODE_MAX || !px_ascii_is_alnum(code[i]))
      return px_fail(error, PIXAZO_E_ARGUMENT, "provenance: digital_source_type takes up to %d letters and digits",
                     CODE_MAX);
  }
  out->source_type = px_strdup(code);
  return out->source_type ? PIXAZO_OK : px_fail_nomem(error);
}

/* As ISO 8601 writes it: year, month, day, and what comes after them in its signs. Anything else is left out. */
static bool is_date(const char *text)
{
  static const char form[] = "dddd-dd-dd";
  size_t length = strlen(text);
  if (length < sizeof form - 1 || length > DATE_MAX || strspn(text, "0123456789-:.TZ+") != length)
    return false;
  for (size_t i = 0; form[i]; i++) {
    if ((form[i] == '-') != (text[i] == '-') || (form[i] == 'd' && (text[i] < '0' || text[i] > '9')))
      return false;
  }
  return true;
}

static pixazo_status read_date(const px_json *root, px_provenance *out, pixazo_error **error)
{
  const char *text = text_of(root, "created_at");
  if (!text || !is_date(text))
    return PIXAZO_OK;
  out->created = px_strdup(text);
  return out->created ? PIXAZO_OK : px_fail_nomem(error);
}

static pixazo_status read_members(const px_json *root, px_provenance *out, pixazo_error **error)
{
  px_auto(px_buf) parameters = PX_BUF_INIT(TEXT_MAX);
  px_auto(px_buf) system = PX_BUF_INIT(TEXT_MAX);
  PX_TRY(read_source_type(root, out, error));
  PX_TRY(read_date(root, out, error));
  compose_parameters(root, &parameters);
  PX_TRY(take(&parameters, &out->parameters, error));
  compose_system(root, &system);
  PX_TRY(take(&system, &out->system, error));
  const char *prompt = text_of(root, "prompt"), *alt_text = text_of(root, "alt_text");
  out->prompt = px_strdup(prompt);
  out->alt_text = px_strdup(alt_text);
  out->twin = px_json_print(root);
  return out->twin && (out->prompt || !prompt) && (out->alt_text || !alt_text) ? PIXAZO_OK : px_fail_nomem(error);
}

pixazo_status px_provenance_read(const char *json, px_provenance *out, pixazo_error **error)
{
  if (!json)
    return PIXAZO_OK;
  size_t size = strlen(json);
  if (size > JSON_MAX)
    return px_fail(error, PIXAZO_E_ARGUMENT, "provenance of %zu bytes is too long: at most %d", size, JSON_MAX);
  px_cleanup(px_json_done) px_json *root = NULL;
  px_autoerror why = NULL;
  pixazo_status status = px_json_parse(json, size, NULL, &root, &why);
  if (status == PIXAZO_E_NOMEM)
    return px_fail_nomem(error);
  if (status != PIXAZO_OK)
    return px_fail(error, PIXAZO_E_ARGUMENT, "the provenance is not valid JSON: %s", pixazo_error_message(why));
  if (!px_json_is(root, PX_JSON_OBJECT))
    return px_fail(error, PIXAZO_E_ARGUMENT, "the provenance is not a JSON object");
  return read_members(root, out, error);
}
