/* SPDX-License-Identifier: MIT */
/* The body of pixazo_provider: a provider that is a JSON document. Its row points into the document's tree. */
#ifndef PX_CLIENT_DEFINITION_H
#define PX_CLIENT_DEFINITION_H

#include <stdatomic.h>

#include <pixazo/provider.h>

#include "base/arena.h"
#include "client/provider.h"
#include "client/rules.h"
#include "json/place.h"

enum {
  PX_DEFINITION_MAX = 1024 * 1024, /* bytes of a document */
  PX_MODELS_MAX = 1000,
  PX_MODEL_NAME_MAX = 200,
  PX_DEFINITION_HEADERS_MAX = 8
};

/* What a model of a definition has beside its row. */
typedef struct px_model_rule {
  const char *sent_as;      /* name on the wire; "": none; NULL: its own */
  const px_json *body;      /* template; NULL: parameters by their wire names */
  const px_json *edit_body; /* of a request with pictures; NULL: `body` */
} px_model_rule;

struct pixazo_provider {
  atomic_uint references;
  px_provider row;
  px_model_rule *rules; /* as many as models, and one behind them for row.other */
  px_answer_rules answer;
  const char *poll_path; /* with {id} */
  char *headers;         /* lines; NULL: none */
  px_arena arena;
  px_json *root;
  pixazo_provider_ops ops; /* of the program; all NULL: a document alone */
  void *self;              /* of the ops */
  pixazo_provider *base; /* one reference: what this one changes; NULL: nothing, or a row of the library */
};

/* Reads a model's object into a row and its rule, which hold what is not said (defaults, or the row that is changed). The
 * name is left alone when `named` is false. */
typedef struct px_model_draft {
  px_model row;
  px_model_rule rule;
} px_model_draft;
pixazo_status px_definition_model(px_arena *arena, const px_place *place, px_model_draft *draft, pixazo_error **error);
/* A finished row: everything there that a call needs, and nothing that would be dropped silently. `coded`: the provider builds its
 * bodies itself. */
pixazo_status px_definition_check_model(const px_place *place, const px_model_draft *draft, bool coded, pixazo_error **error);
/* Both, into a row of `self`; `start` holds what is not said. */
pixazo_status px_definition_add_model(pixazo_provider *self, const px_place *place, const px_model_draft *start, bool coded,
                                      px_model *row, px_model_rule *rule, pixazo_error **error);
/* The sections about asking. */
pixazo_status px_definition_poll(pixazo_provider *self, const px_place *place, pixazo_error **error);
pixazo_status px_definition_progress(pixazo_provider *self, const px_place *place, pixazo_error **error);
/* What a model is before anything is said. */
px_model_draft px_definition_start(void);

/* Reads the document of a provider whose ops, if any, are set. */
pixazo_status px_definition_new(const char *json, const pixazo_provider_ops *ops, void *self, pixazo_provider **out,
                                pixazo_error **error);
/* The functions of the row, in code where the program has some. */
px_provider_ops px_port_ops(const pixazo_provider *provider, px_provider_ops own);

#endif
