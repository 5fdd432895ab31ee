/* SPDX-License-Identifier: MIT */
/* The client's inner door: the steps of one paid call, for a caller that writes a journal between them.
 * plan -> (journal) -> send -> answer file -> judge -> (journal) -> poll or fetch.
 * Callbacks come on the engine's I/O thread and must not block; a px_send or px_fetch stays until on_done returns. */
#ifndef PX_CLIENT_STEPS_H
#define PX_CLIENT_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/client.h>

#include "base/answer.h"
#include "base/clock.h"
#include "base/gate.h"
#include "client/report.h"

/* One effective request to one model: what one paid call sends. Immutable, counted, any thread. */
typedef struct px_plan px_plan;

typedef struct px_plan_facts { /* borrowed from the plan */
  const char *provider, *model, *prompt;
  const char *parent, *relation; /* "edit_of" or "variation_of"; NULL: none */
  const char *request_json;   /* verbatim */
  const char *metadata_json;  /* NULL: none */
  const char *effective_json; /* sent, with the seed; enough to make the same plan again */
  const char *outcome_json;   /* requested -> sent per parameter */
  const char *route_json;     /* providers that were left for this one, and why; NULL: none */
  const char *principal;      /* "" default */
  const char *idempotency_key; /* NULL: none */
  const char *currency;
  int64_t upper_bound_micros;
  const char *replay_key; /* equal for calls that give the very same pictures; NULL: not one of these */
  bool replay_asked; /* by the request itself */
  bool price_known, unbilled; /* nothing is ever billed: ambiguous, empty and lost count as failed */
  bool in_process, has_next; /* px_client_produce instead of px_client_send; another provider may be asked */
  int32_t images;         /* expected of this call */
  uint64_t answer_max;    /* bytes the answer may have: room the spool must offer */
  uint32_t poll_interval_ms, total_ms; /* total_ms: deadline of the whole generation */
} px_plan_facts;
/* Splits a request into calls. *plans: px_malloc array, each entry to be unreffed. Draws the seed. */
pixazo_status px_client_plan(pixazo_client *client, const pixazo_request *request, px_plan ***plans, size_t *count,
                             pixazo_error **error);
/* The same call again, from the record of one that was planned earlier (no new seed, no clamping). */
pixazo_status px_client_plan_again(pixazo_client *client, const pixazo_generation *record, px_plan **out,
                                   pixazo_error **error);
px_plan *px_plan_ref(px_plan *plan);
void px_plan_unref(px_plan *plan);
const px_plan_facts *px_plan_get(const px_plan *plan);
px_gate_attempt px_plan_attempt(const px_plan *plan); /* what a gate is asked; ids and number are the caller's */

typedef struct px_send {
  const px_plan *plan;
  px_answer_writer *answer; /* initialised; the head lines attempt, generation, provider and model are set */
  pixazo_cancel *cancel;    /* NOW cuts the call; SOFT is the caller's business */
  bool (*may_send)(void *user); /* asked right before the first byte; false = not_sent */
  void (*on_progress)(void *user, int32_t stage, uint64_t done, uint64_t total); /* may be NULL */
  void (*on_report)(void *user, const px_report *report);  /* may be NULL: then nothing of that is looked for */
  void (*on_done)(void *user, const px_evidence *evidence);
  void *user;
  void *inner; /* the client's; NULL at the start, freed before on_done */
} px_send;
/* Starts a paid call. A failure here means nothing was sent and on_done never comes. */
pixazo_status px_client_send(pixazo_client *client, px_send *send, pixazo_error **error);
/* In-process providers: blocks on this (worker) thread; fills `evidence` instead of calling on_done. When PIXAZO_OK is
 * returned for a call that went wrong, evidence->error is *error. */
pixazo_status px_client_produce(pixazo_client *client, px_send *send, px_evidence *evidence, pixazo_error **error);
/* Asks a queue about a remote id; free of charge; the answer goes to send->answer too. */
pixazo_status px_client_poll(pixazo_client *client, px_send *send, const char *remote_id, const char *poll_url,
                             pixazo_error **error);

/* Where a picture of an outcome is. */
enum { PX_PICTURE_URL = 1, PX_PICTURE_BODY = 2, PX_PICTURE_BASE64 = 3 };

typedef struct px_picture {
  int32_t kind;
  char *url;            /* URL */
  char *revised_prompt; /* may be NULL */
  int32_t ordinal;      /* BASE64: which one of the document */
  int64_t seed;         /* that the answer says it was made with; -1: it does not say */
} px_picture;
/* What an answer means. Owned; px_outcome_free. */
typedef struct px_outcome {
  int32_t attempt_class; /* PIXAZO_CLASS_*; ACCEPTED without pictures: a queue took it; NONE: only of polls */
  int32_t charge;        /* PIXAZO_CHARGE_* */
  pixazo_error *error;   /* NULL when accepted or still working; status, message, hint, class, charge, HTTP facts */
  int32_t trouble;       /* of the evidence */
  char *provider_code, *request_id, *remote_id;
  char *poll_url; /* only when its origin is the provider's own */
  px_picture *pictures;
  size_t picture_count;
  int64_t cost_micros;
  char *currency, *safety_json; /* safety_json NULL: nothing was said about it */
  int32_t confidence, http_status, retry_advice; /* PX_ADVICE_* of net/retry.h: the provider's own word */
  uint32_t retry_after_ms;
} px_outcome;
/* Judges a paid call by its evidence and its answer file (NULL when no head came). Pure but for reading. */
pixazo_status px_client_judge(pixazo_client *client, const px_plan *plan, const px_evidence *evidence,
                              const px_answer *answer, px_outcome **out, pixazo_error **error);
/* The same for a poll. NONE = ask again; a failed poll has class NONE and an error with the reason. */
pixazo_status px_client_judge_poll(pixazo_client *client, const px_plan *plan, const px_evidence *evidence,
                                   const px_answer *answer, px_outcome **out, pixazo_error **error);
void px_outcome_free(px_outcome *outcome);
bool px_client_finds_key(const pixazo_client *client, const void *data, size_t size); /* in the bytes of an answer */
/* Writes the bytes of a BODY or BASE64 picture out of the answer file to a descriptor. */
pixazo_status px_picture_write(const px_picture *picture, const px_answer *answer, int descriptor, uint64_t max_bytes,
                               pixazo_error **error);

typedef struct px_fetch {
  const char *url;
  int descriptor; /* the body is appended */
  uint64_t max_bytes;
  pixazo_cancel *cancel;
  void (*on_progress)(void *user, int32_t stage, uint64_t done, uint64_t total); /* may be NULL */
  void (*on_done)(void *user, const px_evidence *evidence); /* status OK = whole 2xx body */
  void *user;
  void *inner;
} px_fetch;
pixazo_status px_client_start_fetch(pixazo_client *client, px_fetch *fetch, pixazo_error **error);

/* Why the plan's provider is left alone now (owned), or NULL: the call may begin, as the probe of a broken one if `begin`. */
pixazo_error *px_client_closed(pixazo_client *client, const px_plan *plan, bool begin);
void px_client_note(pixazo_client *client, const px_plan *plan, const px_outcome *outcome); /* NULL: not made after all */
typedef struct px_call_end {
  const px_outcome *outcome;    /* of a paid call that brought nothing; NULL: none was made, because: */
  const pixazo_error *why;
  const px_evidence *evidence;  /* may be NULL */
  uint32_t retries_done;        /* with this provider */
} px_call_end;
enum { PX_ROUTE_STOP = 0, PX_ROUTE_RETRY, PX_ROUTE_NEXT, PX_ROUTE_LATER };
/* What follows: NEXT gives the same request as a call to another provider, owned. LATER: a wait longer than 120 s. */
px_plan *px_client_follow(pixazo_client *client, const px_plan *plan, const px_call_end *end, int32_t *action,
                          uint32_t *delay_ms);
/* Whether to try again by itself, and when. `outcome` NULL or of class NONE: a poll or download that failed with
 * `evidence`, which may be NULL where an outcome is given. *delay_ms = UINT32_MAX: a wait longer than 120 s was asked. */
bool px_client_retry(pixazo_client *client, const px_plan *plan, const px_outcome *outcome, const px_evidence *evidence,
                     uint32_t retries_done, uint32_t *delay_ms);
pixazo_retry_fn px_client_retry_hook(const pixazo_client *client, void **user_data); /* NULL when there is none */
uint64_t px_client_max_download(const pixazo_client *client);

#endif
