/* SPDX-License-Identifier: MIT */
/* The pictures that go along with a request: measured, named in the effective JSON, found again from there. */
#ifndef PX_CLIENT_INPUTS_H
#define PX_CLIENT_INPUTS_H

#include "client/account.h"
#include "client/body.h"
#include "json/writer.h"

/* In the order of the request, the mask last. */
typedef struct px_inputs {
  px_input *items;
  size_t count;
} px_inputs;

void px_inputs_done(px_inputs *inputs);
pixazo_status px_inputs_copy(const px_inputs *from, px_inputs *to, pixazo_error **error);
/* What the request names, as the target takes it. E_ARGUMENT: it does not. */
pixazo_status px_inputs_take(px_inputs *inputs, const pixazo_request *request, const px_target *target, pixazo_error **error);
/* The members "images" and "mask" of an effective JSON, written and read. */
void px_inputs_put(px_json_writer *writer, const px_inputs *inputs);
pixazo_status px_inputs_read(px_inputs *inputs, const px_json *effective, pixazo_error **error);

#endif
