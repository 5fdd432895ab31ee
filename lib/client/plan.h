/* SPDX-License-Identifier: MIT */
/* The inside of a plan. */
#ifndef PX_CLIENT_PLAN_H
#define PX_CLIENT_PLAN_H

#include <stdatomic.h>

#include "client/handle.h"
#include "client/steps.h"

/* The pictures that go along, the mask last. */
typedef struct px_inputs {
  px_input *items;
  size_t count;
} px_inputs;

struct px_plan {
  atomic_uint references;
  px_plan_facts facts; /* points into the texts below and into static rows */
  const px_account *account; /* the client's */
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
  px_inputs inputs;
  px_body body; /* empty inside this process */
  char *path;   /* below the base URL */
};

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

const char *px_parameter_state_name(px_parameter_state state);
/* The two documents of a plan. Owned, px_free. */
pixazo_status px_plan_effective(const px_settings *settings, const pixazo_request *request, const px_target *target,
                                const px_inputs *inputs, char **out, pixazo_error **error);
pixazo_status px_plan_outcome(const px_settings *settings, const pixazo_request *request, char **out, pixazo_error **error);

#endif
