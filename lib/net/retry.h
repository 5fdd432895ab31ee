/* SPDX-License-Identifier: MIT */
/* When to try again. Pure: no clock, no randomness, no sleeping. */
#ifndef PX_NET_RETRY_H
#define PX_NET_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include <pixazo/error.h>

typedef struct px_retry_policy {
  uint32_t max_retries; /* after the first try */
  uint32_t base_ms;     /* longest wait before the first retry; doubles each time */
  uint32_t cap_ms;      /* longest wait we choose ourselves */
  uint32_t honour_ms;   /* longest wait of the other side that is waited out here */
} px_retry_policy;

#define PX_RETRY_PAID      \
  {                        \
    2, 1000, 30000, 120000 \
  }
#define PX_RETRY_FREE      \
  {                        \
    5, 1000, 30000, 120000 \
  } /* polls, downloads, stores */

/* What the other side itself says about trying again (x-should-retry). */
enum { PX_ADVICE_NONE = 0, PX_ADVICE_RETRY = 1, PX_ADVICE_STOP = 2 };

/* What is known about the try that just ended. */
typedef struct px_retry_case {
  bool paid;             /* a paid call: attempt_class decides. Else status and http_status */
  int32_t attempt_class; /* PIXAZO_CLASS_* */
  bool unbilled;         /* nothing is billed here: empty, lost and ambiguous may be repeated like failed */
  bool quota_gone;       /* refused because the account has nothing left, and no wait was named */
  bool empty_unbilled;   /* the provider states that empty answers are not billed: one repetition */
  pixazo_status status;  /* of the outcome */
  int trouble;           /* PX_TROUBLE_* of the outcome */
  int http_status;       /* 0: none */
  uint32_t retries_done;
  uint32_t retry_after_ms; /* named by the other side; 0: none */
  int advice;              /* PX_ADVICE_*; never makes a call be paid twice */
  uint64_t random;         /* uniform over all 64 bits */
} px_retry_case;

enum {
  PX_RETRY_STOP = 0,
  PX_RETRY_AFTER = 1, /* try again after delay_ms */
  PX_RETRY_LATER = 2  /* the other side wants delay_ms, longer than honour_ms: keep it for later */
};

typedef struct px_retry_verdict {
  int action;
  uint32_t delay_ms;
} px_retry_verdict;

px_retry_verdict px_retry_decide(const px_retry_policy *policy, const px_retry_case *facts);

/* Full jitter: uniform in 0 … min(cap, base x 2^retries_done). */
uint32_t px_retry_backoff(const px_retry_policy *policy, uint32_t retries_done, uint64_t random);

/* Value of a Retry-After header: seconds with or without fraction, or one of the three date forms of RFC 9110 against
 * `wall_us`. False: garbage or negative. A date in the past is 0; huge values are cut to UINT32_MAX. */
bool px_retry_after_parse(const char *value, int64_t wall_us, uint32_t *milliseconds);
/* Value of a header that already counts milliseconds (retry-after-ms). */
bool px_retry_after_ms_parse(const char *value, uint32_t *milliseconds);

/* A span of time as bodies write it, and nothing else: "37.4s", "1m30s", "2 minutes", "01:02:03". False: none; huge ones
 * are cut to UINT32_MAX. */
bool px_retry_duration_parse(const char *text, uint32_t *milliseconds);
/* The first such span in a sentence that says to wait: "... Try again in 60 seconds." A number without a unit is none. */
bool px_retry_words_find(const char *text, uint32_t *milliseconds);

#endif
