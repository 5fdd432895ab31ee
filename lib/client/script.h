/* SPDX-License-Identifier: MIT */
/* The script of failures for the offline provider: what goes wrong with which call. */
#ifndef PX_CLIENT_SCRIPT_H
#define PX_CLIENT_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

#include <pixazo/error.h>

typedef struct px_script px_script;

/* One scripted call; zero is a call that goes well. */
typedef struct px_script_step {
  int32_t attempt_class;   /* PIXAZO_CLASS_*; NONE: not given */
  int32_t http_status;     /* 0: as the class says */
  uint32_t retry_after_ms; /* 0: none named */
  uint32_t delay_ms;       /* before the answer */
  int64_t cut;             /* the connection ends behind so many bytes of the picture; -1: not */
  int64_t keep;            /* the picture's file ends behind so many bytes, but the answer is whole; -1: not */
  bool not_an_image;       /* text where a picture should be */
  char message[128];       /* of the error; "": a usual one */
} px_script_step;

/* E_ARGUMENT names what is wrong in it. */
pixazo_status px_script_new(const char *json, px_script **out, pixazo_error **error);
void px_script_free(px_script *script);
/* The step of call `number`, counted from 0. */
void px_script_at(const px_script *script, uint64_t number, px_script_step *out);
int64_t px_script_price(const px_script *script); /* micro-units a picture */

#endif
