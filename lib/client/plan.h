/* SPDX-License-Identifier: MIT */
/* The inside of a plan. */
#ifndef PX_CLIENT_PLAN_H
#define PX_CLIENT_PLAN_H

#include <stdatomic.h>

#include "base/digest.h"
#include "client/handle.h"
#include "client/inputs.h"
#include "client/steps.h"

struct px_plan {
  atomic_uint references;
  px_plan_facts facts; /* points into the texts below and into static rows */
  const px_account *account; /* the client's */
  pixazo_provider *definition; /* one reference: it holds the rows below; NULL: they are static */
  const px_provider *provider;
  const px_model *model;
  char *model_name;
  char *prompt;
  char *request_json;
  char *metadata_json;
  char *effective_json;
  char *outcome_json;
  char *principal;
  char *idempotency_key;
  char replay_key[PX_SHA256_HEX]; /* "": equal calls need not give equal pictures */
  bool replay_asked;
  bool partials; /* pictures on their way were asked for */
  char *trace_header; /* "traceparent: ..."; NULL: none */
  px_inputs inputs;
  px_body body; /* empty inside this process */
  char *path;   /* below the base URL */
  char *route_json;
  char *parent;
  size_t chain_at;          /* links of the client's chain in front of which this provider stands */
  pixazo_request *request; /* for a call to another provider; NULL: made again from the record */
};

px_plan *px_plan_new(const px_target *target); /* without facts; NULL: no memory */
void px_plan_done(px_plan **plan);             /* for px_cleanup */
/* Builds path, body and facts out of the effective JSON. */
pixazo_status px_plan_complete(px_plan *plan, const pixazo_client *client, pixazo_error **error);

/* A call of the same request to another provider. */
typedef struct px_reroute {
  const px_plan *plan;
  const px_target *target;
  size_t chain_at;
  const char *route_json;
  bool quiet; /* it is only asked about: what would change is not logged */
} px_reroute;
/* E_ARGUMENT, E_UNSUPPORTED: the target cannot take it. */
pixazo_status px_plan_reroute(pixazo_client *client, const px_reroute *way, px_plan **out, pixazo_error **error);

/* How one parameter went from asked to sent. */
typedef enum px_parameter_state { PX_HONOURED, PX_CLAMPED, PX_SUBSTITUTED, PX_DROPPED } px_parameter_state;

typedef struct px_setting {
  bool requested;
  bool sent;
  px_parameter_state state;
  double value;     /* of numbers */
  const char *text; /* of words; of the request or the model's row */
} px_setting;

/* Merges what was asked with defaults and limits; pure but for the drawn seed. */
typedef struct px_settings {
  px_setting items[PX_FIELDS];
} px_settings;
void px_settings_make(px_settings *settings, const pixazo_client *client, const pixazo_request *request,
                      const px_model *model);
/* The settings of the call with this number: calls of one request must not make the same picture twice. */
void px_settings_advance(px_settings *settings, const pixazo_client *client, const px_model *model);

/* A request on its way to plans. */
typedef struct px_draft {
  const pixazo_client *client;
  const pixazo_request *request;
  px_target target;
  px_settings settings;
  px_inputs inputs;
  size_t chain_at;
  char *route_json;
  char *request_json;
  bool quiet;
} px_draft;
/* From the target on: inputs and settings. E_AUTH, E_ARGUMENT. */
pixazo_status px_draft_begin(px_draft *self, pixazo_error **error);
pixazo_status px_draft_plan(const px_draft *self, size_t index, px_plan **out, pixazo_error **error);
void px_draft_done(px_draft *self);

const char *px_parameter_state_name(px_parameter_state state);
/* The two documents of a plan. Owned, px_free. */
pixazo_status px_plan_effective(const px_settings *settings, const pixazo_request *request, const px_target *target,
                                const px_inputs *inputs, char **out, pixazo_error **error);
pixazo_status px_plan_outcome(const px_settings *settings, const pixazo_request *request, char **out, pixazo_error **error);

#endif
