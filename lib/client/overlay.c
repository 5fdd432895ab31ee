/* SPDX-License-Identifier: MIT */
#include "client/overlay.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"

static void drop_provider(pixazo_provider **self)
{
  (void)pixazo_provider_unref(*self);
}

/* The rows point into the tree, so it has to live as long as they do. */
static pixazo_status copy_tree(pixazo_provider *self, const px_json *node, pixazo_error **error)
{
  px_autofree char *text = px_json_print(node);
  if (!text)
    return px_fail_nomem(error);
  return px_json_parse(text, strlen(text), NULL, &self->root, error);
}

/* Everything of the base, with room for so many more models. */
static pixazo_status begin(const px_provider *base, pixazo_provider *definition, size_t room, pixazo_provider **out,
                           px_model **models, pixazo_error **error)
{
  px_cleanup(drop_provider) pixazo_provider *self = px_calloc(1, sizeof *self);
  if (!self)
    return px_fail_nomem(error);
  atomic_init(&self->references, 1);
  size_t count = base->model_count;
  px_model *rows = px_arena_calloc(&self->arena, count + room + 1, sizeof *rows);
  self->rules = px_arena_calloc(&self->arena, count + room + 1, sizeof *self->rules);
  if (!rows || !self->rules)
    return px_fail_nomem(error);
  self->row = *base;
  self->row.models = rows;
  memcpy(rows, base->models, count * sizeof *rows);
  if (definition) {
    memcpy(self->rules, definition->rules, count * sizeof *self->rules);
    self->answer = definition->answer;
    self->poll_path = definition->poll_path;
    self->ops = definition->ops;
    self->self = definition->self;
    self->base = pixazo_provider_ref(definition);
    self->row.self = self;
    self->headers = px_strdup(definition->headers);
    if (definition->headers && !self->headers)
      return px_fail_nomem(error);
  }
  *models = rows;
  *out = px_steal(&self);
  return PIXAZO_OK;
}

/* The row a name stands for, or a new one behind the last. */
static size_t row_of(const pixazo_provider *self, const px_json *node)
{
  const px_json *name = px_json_member(node, "name");
  const px_model *found = px_json_is(name, PX_JSON_STRING) ? px_model_find(&self->row, px_json_text(name)) : NULL;
  return found ? (size_t)(found - self->row.models) : self->row.model_count;
}

static pixazo_status apply(pixazo_provider *self, const px_place *place, px_model *rows, bool coded, pixazo_error **error)
{
  size_t at = row_of(self, place->node);
  px_model_draft start = px_definition_start();
  if (at < self->row.model_count)
    start = (px_model_draft){rows[at], self->rules[at]};
  PX_TRY(px_definition_add_model(self, place, &start, coded, &rows[at], &self->rules[at], error));
  if (at == self->row.model_count)
    self->row.model_count++;
  return PIXAZO_OK;
}

/* The model of names that are not listed moves behind the last row. */
static void keep_other(pixazo_provider *self, const px_provider *base, const pixazo_provider *definition, px_model *rows)
{
  if (!base->other || !definition)
    return;
  rows[self->row.model_count] = *base->other;
  self->rules[self->row.model_count] = definition->rules[base->model_count];
  self->row.other = &rows[self->row.model_count];
}

pixazo_status px_overlay_new(const px_provider *base, pixazo_provider *definition, const px_place *place,
                             pixazo_provider **out, pixazo_error **error)
{
  PX_TRY(px_place_is(place, PX_JSON_ARRAY, error));
  size_t room = px_json_size(place->node);
  if (room > PX_MODELS_MAX)
    return px_place_fail(place, error, "has more than %d entries", PX_MODELS_MAX);
  px_cleanup(drop_provider) pixazo_provider *self = NULL;
  px_model *rows = NULL;
  PX_TRY(begin(base, definition, room, &self, &rows, error));
  PX_TRY(copy_tree(self, place->node, error));
  px_place list = {place->parent, place->name, place->index, self->root};
  size_t index = 0;
  for (const px_json *node = px_json_first(self->root); node; node = px_json_next(node), index++) {
    px_place child = px_place_child(&list, node, index);
    PX_TRY(apply(self, &child, rows, !definition || definition->ops.build || definition->ops.produce, error));
  }
  keep_other(self, base, definition, rows);
  *out = px_steal(&self);
  return PIXAZO_OK;
}
