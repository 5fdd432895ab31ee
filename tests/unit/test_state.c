/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "repository/state.h"

/* One row per state, one column per state, in the order of the numbers: + may, . may not. */
static void assert_table(const char *const *rows, int count, bool (*may)(int32_t, int32_t))
{
  for (int32_t from = 0; from < count; from++) {
    assert_int_equal(count, strlen(rows[from]));
    for (int32_t to = 0; to < count; to++) {
      if (may(from, to) != (rows[from][to] == '+'))
        fail_msg("from %d to %d: %d", from, to, may(from, to));
    }
  }
  assert_false(may(-1, 2));
  assert_false(may(1, -1));
  assert_false(may(1, count));
  assert_false(may(count, 2));
}

static void test_state__attempts_change_as_the_table_says(void **state)
{
  (void)state;
  /*                                0 1 sending 2 accepted 3 not_sent 4 refused 5 blocked 6 failed 7 empty 8 lost 9 ambiguous
   */
  static const char *const rows[] = {"..........", "..++++++++", "....++++++", "..........", "..........",
                                     "..........", "..........", "..........", "..+.......", "..+.+++++."};
  assert_table(rows, PX_ATTEMPT_STATES, px_attempt_may);
}

static void test_state__pictures_change_once(void **state)
{
  (void)state;
  static const char *const rows[] = {".....", "..+++", ".....", ".....", "....."};
  assert_table(rows, PX_IMAGE_STATES, px_image_may);
}

static void test_state__generations_end_by_decision_as_the_table_says(void **state)
{
  (void)state;
  /* columns: 5 failed, 6 blocked, 8 cancelled, 9 abandoned */
  static const char *const rows[] = {"..........", ".....++.++", ".....+...+", "..........", "..........",
                                     "..........", "..........", ".........+", "..........", ".........."};
  assert_table(rows, PIXAZO_GENERATION_ABANDONED + 1, px_generation_may_end);
}

static void test_state__a_class_has_its_attempt_state(void **state)
{
  (void)state;
  static const int32_t states[] = {PX_ATTEMPT_FAILED,    PX_ATTEMPT_NOT_SENT, PX_ATTEMPT_REFUSED,
                                   PX_ATTEMPT_BLOCKED,   PX_ATTEMPT_FAILED,   PX_ATTEMPT_EMPTY,
                                   PX_ATTEMPT_AMBIGUOUS, PX_ATTEMPT_LOST,     PX_ATTEMPT_ACCEPTED};
  for (int32_t i = 0; i < (int32_t)PX_ARRAY_SIZE(states); i++)
    assert_int_equal(states[i], px_attempt_state_of(i));
  assert_int_equal(PX_ATTEMPT_FAILED, px_attempt_state_of(-1));
  assert_int_equal(PX_ATTEMPT_FAILED, px_attempt_state_of(99));
}

static void test_state__names_are_those_of_the_design(void **state)
{
  (void)state;
  static const char *const names[] = {"unknown", "sending", "accepted", "not_sent",  "refused", "blocked",
                                      "failed",  "empty",   "lost",     "ambiguous", "unknown"};
  for (int32_t i = 0; i < (int32_t)PX_ARRAY_SIZE(names); i++)
    assert_string_equal(names[i], px_attempt_state_name(i));
}

/* Attempts in their order as letters: s a n r b f e l ? (ambiguous); pictures: x expected, r, q, l. */
static px_standing standing_of(const char *attempts, const char *images, bool final)
{
  static const char letters[] = " sanrbfel?";
  static const char kinds[] = " xrql";
  px_standing standing = {.final = final};
  for (const char *one = attempts; *one; one++) {
    standing.last_attempt = (int32_t)(strchr(letters, *one) - letters);
    standing.attempts[standing.last_attempt]++;
  }
  for (const char *one = images; *one; one++)
    standing.images[strchr(kinds, *one) - kinds]++;
  return standing;
}

static void test_state__a_generation_follows_from_its_attempts_and_pictures(void **state)
{
  (void)state;
  static const struct {
    const char *attempts;
    const char *images;
    bool final;
    int32_t expected;
  } cases[] = {
      {"", "", false, PIXAZO_GENERATION_PLANNED},    {"s", "", false, PIXAZO_GENERATION_ACTIVE},
      {"fs", "", false, PIXAZO_GENERATION_ACTIVE},   {"?s", "", false, PIXAZO_GENERATION_ACTIVE},
      {"a", "", true, PIXAZO_GENERATION_ACTIVE}, /* a queue that still works */
      {"a", "x", true, PIXAZO_GENERATION_ACTIVE},    {"a", "rx", true, PIXAZO_GENERATION_ACTIVE},
      {"a", "lx", true, PIXAZO_GENERATION_ACTIVE},   {"a", "r", true, PIXAZO_GENERATION_DONE},
      {"a", "rrr", true, PIXAZO_GENERATION_DONE},    {"?a", "r", true, PIXAZO_GENERATION_DONE},
      {"a", "rl", true, PIXAZO_GENERATION_PARTIAL},  {"a", "rq", true, PIXAZO_GENERATION_PARTIAL},
      {"a", "l", true, PIXAZO_GENERATION_FAILED},    {"a", "q", true, PIXAZO_GENERATION_FAILED},
      {"a", "ql", true, PIXAZO_GENERATION_FAILED},   {"n", "", false, PIXAZO_GENERATION_PLANNED},
      {"r", "", false, PIXAZO_GENERATION_PLANNED},   {"f", "", false, PIXAZO_GENERATION_PLANNED},
      {"?", "", false, PIXAZO_GENERATION_PLANNED},   {"n", "", true, PIXAZO_GENERATION_FAILED},
      {"r", "", true, PIXAZO_GENERATION_FAILED},     {"f", "", true, PIXAZO_GENERATION_FAILED},
      {"e", "", true, PIXAZO_GENERATION_FAILED},     {"l", "", true, PIXAZO_GENERATION_FAILED},
      {"b", "", true, PIXAZO_GENERATION_BLOCKED},    {"fb", "", true, PIXAZO_GENERATION_BLOCKED},
      {"bf", "", true, PIXAZO_GENERATION_FAILED},    {"?", "", true, PIXAZO_GENERATION_AMBIGUOUS},
      {"?r", "", true, PIXAZO_GENERATION_AMBIGUOUS}, {"?b", "", true, PIXAZO_GENERATION_AMBIGUOUS},
      {"f", "l", true, PIXAZO_GENERATION_FAILED}, /* a queue failed what it had accepted */
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    px_standing standing = standing_of(cases[i].attempts, cases[i].images, cases[i].final);
    if (px_generation_state_of(&standing) != cases[i].expected)
      fail_msg("attempts \"%s\" pictures \"%s\" final %d: %s instead of %s", cases[i].attempts, cases[i].images,
               cases[i].final, pixazo_generation_state_name(px_generation_state_of(&standing)),
               pixazo_generation_state_name(cases[i].expected));
  }
}

static void test_state__a_decision_outweighs_all_but_a_call_that_is_being_made(void **state)
{
  (void)state;
  static const int32_t decisions[] = {PIXAZO_GENERATION_FAILED, PIXAZO_GENERATION_CANCELLED, PIXAZO_GENERATION_ABANDONED};
  static const char *const attempts[] = {"", "f", "?", "a", "b"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(decisions); i++) {
    for (size_t j = 0; j < PX_ARRAY_SIZE(attempts); j++) {
      px_standing standing = standing_of(attempts[j], "l", true);
      standing.decided = decisions[i];
      assert_int_equal(decisions[i], px_generation_state_of(&standing));
    }
    px_standing sending = standing_of("s", "", true);
    sending.decided = decisions[i];
    assert_int_equal(PIXAZO_GENERATION_ACTIVE, px_generation_state_of(&sending));
  }
}

static void test_state__pictures_in_the_callers_hands_are_done(void **state)
{
  (void)state;
  px_standing standing = standing_of("a", "", true);
  standing.delivered = true;
  assert_int_equal(PIXAZO_GENERATION_DONE, px_generation_state_of(&standing));
}

static void test_state__from_done_on_it_has_ended(void **state)
{
  (void)state;
  for (int32_t i = PIXAZO_GENERATION_PLANNED; i <= PIXAZO_GENERATION_ABANDONED; i++)
    assert_int_equal(i >= PIXAZO_GENERATION_DONE, px_generation_ended(i));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_state__attempts_change_as_the_table_says),
      cmocka_unit_test(test_state__pictures_change_once),
      cmocka_unit_test(test_state__generations_end_by_decision_as_the_table_says),
      cmocka_unit_test(test_state__a_class_has_its_attempt_state),
      cmocka_unit_test(test_state__names_are_those_of_the_design),
      cmocka_unit_test(test_state__a_generation_follows_from_its_attempts_and_pictures),
      cmocka_unit_test(test_state__a_decision_outweighs_all_but_a_call_that_is_being_made),
      cmocka_unit_test(test_state__pictures_in_the_callers_hands_are_done),
      cmocka_unit_test(test_state__from_done_on_it_has_ended),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
