/* SPDX-License-Identifier: MIT */
#include "base/quota.h"

#include <stdio.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

bool px_quota_about(const char *dimension, const char *name)
{
  return dimension[0] != '=' || px_str_equal(dimension + 1, name ? name : "");
}

int64_t px_quota_interval(const px_quota_terms *terms)
{
  return terms->requests > 0 ? (terms->window_us + terms->requests - 1) / terms->requests : 0;
}

int64_t px_quota_sane(const px_quota_terms *terms, int64_t next_us, int64_t now_us)
{
  int64_t full = now_us + terms->burst * px_quota_interval(terms);
  return next_us < full ? next_us : full;
}

int64_t px_quota_earliest(const px_quota_terms *terms, int64_t next_us)
{
  return next_us - (terms->burst - 1) * px_quota_interval(terms);
}

int64_t px_quota_take(const px_quota_terms *terms, int64_t next_us, int64_t now_us)
{
  return (next_us > now_us ? next_us : now_us) + px_quota_interval(terms);
}

/* " of provider pixazo", " of each principal". */
static void name_dimension(const char *what, const char *dimension, char *text, size_t size)
{
  text[0] = '\0';
  if (dimension[0] == '*')
    (void)snprintf(text, size, " of each %s", what);
  else if (dimension[0] == '=')
    (void)snprintf(text, size, " of %s \"%s\"", what, dimension + 1);
}

static void refuse(const px_quota_terms *terms, int64_t wait_us, px_gate_verdict *verdict)
{
  char provider[PX_TERMS_NAME + 24], principal[PX_TERMS_NAME + 24];
  pixazo_error *error = NULL;
  int64_t wait_ms = (wait_us + 999) / 1000;
  name_dimension("provider", terms->provider, provider, sizeof provider);
  name_dimension("principal", terms->principal, principal, sizeof principal);
  (void)px_fail(&error, PIXAZO_E_THROTTLED, "the quota%s%s is used up: the next call may go in %lld ms, and it waits at "
                "most %lld ms; nothing was sent", provider, principal, (long long)wait_ms,
                (long long)(terms->max_wait_us / 1000));
  px_error_retry_after(&error, wait_ms < UINT32_MAX ? (uint32_t)wait_ms : UINT32_MAX);
  px_error_charge(&error, PIXAZO_CLASS_NONE, PIXAZO_CHARGE_NONE);
  pixazo_error_free(verdict->error);
  *verdict = (px_gate_verdict){.verdict = PX_GATE_DENIED, .error = error};
}

void px_quota_wait(const px_quota_terms *terms, const px_gate_attempt *attempt, int64_t until_us, int64_t now_us,
                   px_gate_verdict *verdict)
{
  int64_t since_us = attempt->waiting_since_us > 0 ? attempt->waiting_since_us : now_us;
  if (until_us <= now_us || verdict->verdict == PX_GATE_DENIED)
    return;
  if (terms->max_wait_us >= 0 && until_us - since_us > terms->max_wait_us)
    refuse(terms, until_us - now_us, verdict);
  else if (verdict->verdict != PX_GATE_WAIT || until_us > verdict->wait_until_us)
    *verdict = (px_gate_verdict){.verdict = PX_GATE_WAIT, .wait_until_us = until_us};
}

void px_quota_wait_slot(const px_quota_terms *terms, const px_gate_attempt *attempt, int64_t now_us, px_gate_verdict *verdict)
{
  int64_t since_us = attempt->waiting_since_us > 0 ? attempt->waiting_since_us : now_us;
  int64_t patience_us = since_us + terms->max_wait_us;
  px_quota_wait(terms, attempt, now_us + PX_SLOT_LOOK_US, now_us, verdict);
  if (verdict->verdict != PX_GATE_WAIT || verdict->wait_until_us > now_us + PX_SLOT_LOOK_US)
    return;
  verdict->for_slot = true;
  if (terms->max_wait_us >= 0 && (verdict->patience_us == 0 || patience_us < verdict->patience_us))
    verdict->patience_us = patience_us;
}
