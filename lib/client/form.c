/* SPDX-License-Identifier: MIT */
#include "client/form.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "json/json.h"

enum { TEXT_MAX = 2 * 1024 * 1024, BOUNDARY_SIZE = 48, BOUNDARY_DIGITS = 32 };

typedef struct writer {
  const px_form *form;
  const px_json *fields;
  px_body *body;
  px_buf text; /* since the last file */
  char boundary[BOUNDARY_SIZE];
} writer;

/* Out of everything that is sent: a text that holds its own hash cannot be written, so no field can end another. */
static pixazo_status choose_boundary(writer *self, pixazo_error **error)
{
  char sha256[PX_SHA256_HEX];
  char md5[PX_MD5_HEX];
  const px_form *form = self->form;
  px_cleanup(px_digest_done) px_digest *digest = px_digest_new(false);
  bool good = digest && px_digest_add(digest, form->fields, strlen(form->fields));
  for (size_t i = 0; good && i < form->input_count; i++)
    good = px_digest_add(digest, form->inputs[i].sha256, strlen(form->inputs[i].sha256));
  if (!good || !px_digest_finish(digest, sha256, md5))
    return px_fail_nomem(error);
  (void)snprintf(self->boundary, sizeof self->boundary, "pixazo-%.*s", BOUNDARY_DIGITS, sha256);
  return PIXAZO_OK;
}

/* Names stand between quotes; the three bytes that would end one are written as browsers do. */
static void put_name(px_buf *text, const char *name)
{
  for (; *name; name++) {
    if (*name == '"')
      (void)px_buf_add_text(text, "%22");
    else if (*name == '\r')
      (void)px_buf_add_text(text, "%0D");
    else if (*name == '\n')
      (void)px_buf_add_text(text, "%0A");
    else
      (void)px_buf_add_char(text, *name);
  }
}

static void begin_part(writer *self, const char *name)
{
  (void)px_buf_printf(&self->text, "--%s\r\nContent-Disposition: form-data; name=\"", self->boundary);
  put_name(&self->text, name);
}

static pixazo_status put_field(writer *self, const px_json *node, pixazo_error **error)
{
  px_autofree char *printed = px_json_print(node);
  if (!printed)
    return px_fail_nomem(error);
  begin_part(self, px_json_name(node));
  (void)px_buf_printf(&self->text, "\"\r\n\r\n%s\r\n", px_json_is(node, PX_JSON_STRING) ? px_json_text(node) : printed);
  return PIXAZO_OK;
}

static pixazo_status flush(writer *self, pixazo_error **error)
{
  bool over = self->text.over;
  char *text = px_buf_steal(&self->text);
  self->text = (px_buf)PX_BUF_INIT(TEXT_MAX);
  if (over)
    return px_fail(error, PIXAZO_E_LIMIT, "the body has more than %d bytes of text", TEXT_MAX);
  return px_body_add_text(self->body, text, error);
}

/* The user's own names of files stay here. */
static pixazo_status put_file(writer *self, size_t index, size_t pictures, pixazo_error **error)
{
  const px_input *input = &self->form->inputs[index];
  const char *ending = strchr(input->type, '/') + 1;
  begin_part(self, input->mask ? "mask" : pictures > 1 ? "image[]" : "image");
  if (input->mask)
    (void)px_buf_printf(&self->text, "\"; filename=\"mask.%s\"", ending);
  else
    (void)px_buf_printf(&self->text, "\"; filename=\"image-%zu.%s\"", index + 1, ending);
  (void)px_buf_printf(&self->text, "\r\nContent-Type: %s\r\n\r\n", input->type);
  PX_TRY(flush(self, error));
  PX_TRY(px_body_add_file(self->body, input, false, error));
  (void)px_buf_add_text(&self->text, "\r\n");
  return PIXAZO_OK;
}

static pixazo_status put_files(writer *self, pixazo_error **error)
{
  size_t pictures = 0;
  for (size_t i = 0; i < self->form->input_count; i++)
    pictures += !self->form->inputs[i].mask;
  for (size_t i = 0; i < self->form->input_count; i++)
    PX_TRY(put_file(self, i, pictures, error));
  return PIXAZO_OK;
}

static bool is_first(const px_form *form, const char *name)
{
  for (size_t i = 0; form->first && form->first[i]; i++) {
    if (strcmp(form->first[i], name) == 0)
      return true;
  }
  return false;
}

static pixazo_status put_all(writer *self, pixazo_error **error)
{
  const px_form *form = self->form;
  for (size_t i = 0; form->first && form->first[i]; i++) {
    const px_json *node = px_json_member(self->fields, form->first[i]);
    if (node)
      PX_TRY(put_field(self, node, error));
  }
  PX_TRY(put_files(self, error));
  for (const px_json *node = px_json_first(self->fields); node; node = px_json_next(node)) {
    if (!is_first(form, px_json_name(node)))
      PX_TRY(put_field(self, node, error));
  }
  (void)px_buf_printf(&self->text, "--%s--\r\n", self->boundary);
  return flush(self, error);
}

pixazo_status px_form_build(const px_form *form, px_body *body, pixazo_error **error)
{
  px_cleanup(px_json_done) px_json *fields = NULL;
  PX_TRY(px_json_parse(form->fields, strlen(form->fields), NULL, &fields, error));
  writer self = {.form = form, .fields = fields, .body = body, .text = PX_BUF_INIT(TEXT_MAX)};
  PX_TRY(choose_boundary(&self, error));
  pixazo_status status = put_all(&self, error);
  px_buf_done(&self.text);
  PX_TRY(status);
  px_auto(px_buf) type = PX_BUF_INIT(128);
  (void)px_buf_printf(&type, "multipart/form-data; boundary=%s", self.boundary);
  body->content_type = px_buf_steal(&type);
  return body->content_type ? PIXAZO_OK : px_fail_nomem(error);
}
