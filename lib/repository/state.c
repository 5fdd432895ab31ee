/* SPDX-License-Identifier: MIT */
#include "repository/state.h"

#include "base/mem.h"

#define BIT(state) (1u << (state))

bool px_generation_ended(int32_t state)
{
  return state >= PIXAZO_GENERATION_DONE;
}

/* Of an accepted call: what became of its pictures. */
static int32_t state_of_pictures(const px_standing *standing)
{
  int32_t recorded = standing->images[PIXAZO_IMAGE_RECORDED];
  int32_t gone = standing->images[PIXAZO_IMAGE_QUARANTINED] + standing->images[PIXAZO_IMAGE_LOST];
  if (standing->delivered)
    return PIXAZO_GENERATION_DONE;
  if (standing->images[PIXAZO_IMAGE_EXPECTED] > 0 || recorded + gone == 0)
    return PIXAZO_GENERATION_ACTIVE;
  if (gone == 0)
    return PIXAZO_GENERATION_DONE;
  return recorded > 0 ? PIXAZO_GENERATION_PARTIAL : PIXAZO_GENERATION_FAILED;
}

/* An unknown outcome outweighs a later failure: money may be gone, so the user decides. */
int32_t px_generation_state_of(const px_standing *standing)
{
  if (standing->attempts[PX_ATTEMPT_SENDING] > 0)
    return PIXAZO_GENERATION_ACTIVE;
  if (standing->decided != 0)
    return standing->decided;
  if (standing->attempts[PX_ATTEMPT_ACCEPTED] > 0)
    return state_of_pictures(standing);
  if (!standing->final)
    return PIXAZO_GENERATION_PLANNED;
  if (standing->attempts[PX_ATTEMPT_AMBIGUOUS] > 0)
    return PIXAZO_GENERATION_AMBIGUOUS;
  return standing->last_attempt == PX_ATTEMPT_BLOCKED ? PIXAZO_GENERATION_BLOCKED : PIXAZO_GENERATION_FAILED;
}

/* Late answers resolve what was ambiguous; a queue may still refuse or fail what it accepted, and not say who pays. */
bool px_attempt_may(int32_t from, int32_t to)
{
  static const unsigned allowed[PX_ATTEMPT_STATES] = {
      [PX_ATTEMPT_SENDING] = BIT(PX_ATTEMPT_ACCEPTED) | BIT(PX_ATTEMPT_NOT_SENT) | BIT(PX_ATTEMPT_REFUSED) |
                             BIT(PX_ATTEMPT_BLOCKED) | BIT(PX_ATTEMPT_FAILED) | BIT(PX_ATTEMPT_EMPTY) |
                             BIT(PX_ATTEMPT_LOST) | BIT(PX_ATTEMPT_AMBIGUOUS),
      [PX_ATTEMPT_ACCEPTED] = BIT(PX_ATTEMPT_REFUSED) | BIT(PX_ATTEMPT_BLOCKED) | BIT(PX_ATTEMPT_FAILED) |
                              BIT(PX_ATTEMPT_EMPTY) | BIT(PX_ATTEMPT_LOST) | BIT(PX_ATTEMPT_AMBIGUOUS),
      [PX_ATTEMPT_AMBIGUOUS] = BIT(PX_ATTEMPT_ACCEPTED) | BIT(PX_ATTEMPT_REFUSED) | BIT(PX_ATTEMPT_BLOCKED) |
                               BIT(PX_ATTEMPT_FAILED) | BIT(PX_ATTEMPT_EMPTY) | BIT(PX_ATTEMPT_LOST),
      [PX_ATTEMPT_LOST] = BIT(PX_ATTEMPT_ACCEPTED),
  };
  return from > 0 && from < PX_ATTEMPT_STATES && to > 0 && to < PX_ATTEMPT_STATES && (allowed[from] & BIT(to)) != 0;
}

bool px_image_may(int32_t from, int32_t to)
{
  return from == PIXAZO_IMAGE_EXPECTED && to > PIXAZO_IMAGE_EXPECTED && to <= PIXAZO_IMAGE_LOST;
}

bool px_generation_may_end(int32_t from, int32_t to)
{
  switch (to) {
  case PIXAZO_GENERATION_CANCELLED:
  case PIXAZO_GENERATION_BLOCKED:
    return from == PIXAZO_GENERATION_PLANNED;
  case PIXAZO_GENERATION_FAILED:
    return from == PIXAZO_GENERATION_PLANNED || from == PIXAZO_GENERATION_ACTIVE;
  case PIXAZO_GENERATION_ABANDONED:
    return from == PIXAZO_GENERATION_PLANNED || from == PIXAZO_GENERATION_ACTIVE || from == PIXAZO_GENERATION_AMBIGUOUS;
  default:
    return false;
  }
}

int32_t px_attempt_state_of(int32_t attempt_class)
{
  static const int32_t states[] = {
      [PIXAZO_CLASS_NONE] = PX_ATTEMPT_FAILED,         [PIXAZO_CLASS_NOT_SENT] = PX_ATTEMPT_NOT_SENT,
      [PIXAZO_CLASS_REFUSED] = PX_ATTEMPT_REFUSED,     [PIXAZO_CLASS_BLOCKED] = PX_ATTEMPT_BLOCKED,
      [PIXAZO_CLASS_FAILED] = PX_ATTEMPT_FAILED,       [PIXAZO_CLASS_EMPTY] = PX_ATTEMPT_EMPTY,
      [PIXAZO_CLASS_AMBIGUOUS] = PX_ATTEMPT_AMBIGUOUS, [PIXAZO_CLASS_LOST] = PX_ATTEMPT_LOST,
      [PIXAZO_CLASS_ACCEPTED] = PX_ATTEMPT_ACCEPTED,
  };
  bool known = attempt_class >= 0 && (size_t)attempt_class < PX_ARRAY_SIZE(states);
  return known ? states[attempt_class] : PX_ATTEMPT_FAILED;
}

const char *px_attempt_state_name(int32_t state)
{
  static const char *const names[PX_ATTEMPT_STATES] = {"unknown", "sending", "accepted", "not_sent", "refused",
                                                       "blocked", "failed",  "empty",    "lost",     "ambiguous"};
  return state > 0 && state < PX_ATTEMPT_STATES ? names[state] : names[0];
}
