/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

static void test_error__null_reads_as_success_without_text(void **state)
{
  (void)state;
  assert_status(pixazo_error_status(NULL), PIXAZO_OK);
  assert_string_equal(pixazo_error_message(NULL), "");
  assert_string_equal(pixazo_error_hint(NULL), "");
  assert_string_equal(pixazo_error_provider_code(NULL), "");
  assert_string_equal(pixazo_error_request_id(NULL), "");
  assert_string_equal(pixazo_error_generation(NULL), "");
  assert_int_equal(pixazo_error_http_status(NULL), 0);
  assert_int_equal(pixazo_error_retry_after_ms(NULL), 0);
  assert_int_equal(pixazo_error_class(NULL), PIXAZO_CLASS_NONE);
  assert_int_equal(pixazo_error_charge(NULL), PIXAZO_CHARGE_NONE);
  assert_int_equal(pixazo_error_is_retryable(NULL), 0);
  pixazo_error_free(NULL);
}

static void test_error__the_first_failure_wins(void **state)
{
  (void)state;
  px_autoerror error = NULL;
  assert_status(px_fail(&error, PIXAZO_E_IO, "first %d", 1), PIXAZO_E_IO);
  assert_status(px_fail(&error, PIXAZO_E_NETWORK, "second"), PIXAZO_E_NETWORK);
  assert_status(px_fail_errno(&error, PIXAZO_E_LIMIT, EACCES, "third"), PIXAZO_E_LIMIT);
  assert_status(px_fail_nomem(&error), PIXAZO_E_NOMEM);
  assert_status(pixazo_error_status(error), PIXAZO_E_IO);
  assert_string_equal(pixazo_error_message(error), "first 1");
  assert_status(px_fail(NULL, PIXAZO_E_BUSY, "nobody listens"), PIXAZO_E_BUSY);
}

static void test_error__errno_is_named_in_english(void **state)
{
  (void)state;
  px_autoerror error = NULL;
  char spare[32];
  (void)px_fail_errno(&error, PIXAZO_E_IO, ENOSPC, "cannot write %s", "a.png");
  assert_string_equal(pixazo_error_message(error), "cannot write a.png: No space left on device");
  assert_string_equal(px_errno_text(99999, spare, sizeof spare), "error 99999");
}

static void test_error__facts_are_kept(void **state)
{
  (void)state;
  px_autoerror error = NULL;
  (void)px_fail(&error, PIXAZO_E_THROTTLED, "busy");
  px_error_http(&error, 429, "rate\nlimit", "req-1");
  px_error_retry_after(&error, 1500);
  px_error_charge(&error, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED);
  px_error_generation(&error, "01890a5d-ac96-774b-bcce-b302099a8057");
  px_error_prefix(&error, "item %d", 7);
  assert_string_equal(pixazo_error_message(error), "item 7: busy");
  assert_int_equal(pixazo_error_http_status(error), 429);
  assert_string_equal(pixazo_error_provider_code(error), "rate limit");
  assert_string_equal(pixazo_error_request_id(error), "req-1");
  assert_int_equal(pixazo_error_retry_after_ms(error), 1500);
  assert_int_equal(pixazo_error_class(error), PIXAZO_CLASS_REFUSED);
  assert_int_equal(pixazo_error_charge(error), PIXAZO_CHARGE_NOT_CHARGED);
  assert_string_equal(pixazo_error_generation(error), "01890a5d-ac96-774b-bcce-b302099a8057");
  assert_int_equal(pixazo_error_is_retryable(error), 1);
}

static void test_error__what_may_have_been_charged_is_never_retryable(void **state)
{
  (void)state;
  px_autoerror error = NULL;
  (void)px_fail(&error, PIXAZO_E_TIMEOUT, "late");
  assert_int_equal(pixazo_error_is_retryable(error), 1);
  px_error_charge(&error, PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN);
  assert_int_equal(pixazo_error_is_retryable(error), 0);
  px_error_charge(&error, PIXAZO_CLASS_LOST, PIXAZO_CHARGE_CHARGED);
  assert_int_equal(pixazo_error_is_retryable(error), 0);
}

static void test_error__long_and_hostile_text_is_cut_and_cleaned(void **state)
{
  (void)state;
  px_autoerror error = NULL;
  char text[3000];
  memset(text, 'x', sizeof text);
  text[10] = '\x1B';
  text[11] = '\n';
  memcpy(text + 12, "\xC2\x9B" "31m" "\xC2\xA0", 7);
  text[sizeof text - 1] = '\0';
  (void)px_fail(&error, PIXAZO_E_PROVIDER, "%s", text);
  px_error_http(&error, 500, text, text);
  const char *message = pixazo_error_message(error);
  assert_true(strlen(message) < 1024);
  assert_memory_equal(message + 10, "    31m\xC2\xA0x", 10);
  assert_true(strlen(pixazo_error_provider_code(error)) < 64);
  px_error_prefix(&error, "%s", text);
  assert_true(strlen(pixazo_error_message(error)) < 1024);
}

static void test_error__out_of_memory_after_a_paid_call_is_not_free_to_try_again(void **state)
{
  (void)state;
  px_autoerror error = NULL;
  px_autoerror other = NULL;
  assert_status(px_fail_nomem(&error), PIXAZO_E_NOMEM);
  px_error_charge(&error, PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN);
  assert_status(pixazo_error_status(error), PIXAZO_E_NOMEM);
  assert_int_equal(pixazo_error_charge(error), PIXAZO_CHARGE_UNKNOWN);
  assert_int_equal(pixazo_error_is_retryable(error), 0);
  assert_status(px_fail_nomem(&other), PIXAZO_E_NOMEM);
  assert_int_equal(pixazo_error_charge(other), PIXAZO_CHARGE_NONE);
}

static void test_error__out_of_memory_needs_no_memory(void **state)
{
  (void)state;
  pixazo_error *error = NULL;
  assert_status(px_fail_nomem(&error), PIXAZO_E_NOMEM);
  px_error_prefix(&error, "never written");
  px_error_http(&error, 500, "a", "b");
  assert_status(pixazo_error_status(error), PIXAZO_E_NOMEM);
  assert_string_equal(pixazo_error_message(error), "out of memory");
  assert_ptr_equal(px_error_copy(error), error);
  pixazo_error_free(error);
  pixazo_error_free(error);
}

static void test_error__moves_and_copies(void **state)
{
  (void)state;
  px_autoerror slot = NULL;
  pixazo_error *first = NULL;
  (void)px_fail(&first, PIXAZO_E_AUTH, "refused");
  px_autoerror copy = px_error_copy(first);
  px_error_move(&slot, first);
  assert_ptr_equal(slot, first);
  pixazo_error *second = NULL;
  (void)px_fail(&second, PIXAZO_E_IO, "later");
  px_error_move(&slot, second);
  assert_ptr_equal(slot, first);
  assert_string_equal(pixazo_error_message(copy), "refused");
  pixazo_error *third = NULL;
  (void)px_fail(&third, PIXAZO_E_IO, "dropped");
  px_error_move(NULL, third);
  assert_null(px_error_copy(NULL));
}

static void test_status__every_status_has_a_name_a_text_and_advice(void **state)
{
  (void)state;
  static const pixazo_status all[] = {
#define PX_STATUS(name, retryable, meaning, advice) PIXAZO_##name,
#include "base/status.def"
#undef PX_STATUS
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(all); i++) {
    px_autoerror error = NULL;
    assert_memory_equal(pixazo_status_name(all[i]), "PIXAZO_", 7);
    assert_string_not_equal(pixazo_status_text(all[i]), "unknown status");
    if (all[i] == PIXAZO_OK)
      continue;
    (void)px_fail(&error, all[i], "x");
    assert_true(strlen(pixazo_error_hint(error)) > 0);
    for (size_t j = 0; j < i; j++)
      assert_int_not_equal(all[i], all[j]);
  }
  assert_string_equal(pixazo_status_name(-9999), "PIXAZO_E_?");
  assert_string_equal(pixazo_status_text(-9999), "unknown status");
}

static void test_error__a_hint_of_its_own_replaces_the_general_advice(void **state)
{
  (void)state;
  px_autoerror error = NULL;
  (void)px_fail(&error, PIXAZO_E_AUTH, "no key");
  assert_non_null(strstr(pixazo_error_hint(error), "doctor"));
  px_error_hint(&error, "set PIXAZO_API_KEY");
  assert_string_equal(pixazo_error_hint(error), "set PIXAZO_API_KEY");
}

static void test_class__names_are_those_of_the_record(void **state)
{
  (void)state;
  assert_string_equal(pixazo_class_name(PIXAZO_CLASS_NOT_SENT), "not_sent");
  assert_string_equal(pixazo_class_name(PIXAZO_CLASS_ACCEPTED), "accepted");
  assert_string_equal(pixazo_class_name(PIXAZO_CLASS_ACCEPTED + 1), "unknown");
  assert_string_equal(pixazo_class_name(-1), "unknown");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_error__null_reads_as_success_without_text),
      cmocka_unit_test(test_error__the_first_failure_wins),
      cmocka_unit_test(test_error__errno_is_named_in_english),
      cmocka_unit_test(test_error__facts_are_kept),
      cmocka_unit_test(test_error__what_may_have_been_charged_is_never_retryable),
      cmocka_unit_test(test_error__long_and_hostile_text_is_cut_and_cleaned),
      cmocka_unit_test(test_error__out_of_memory_after_a_paid_call_is_not_free_to_try_again),
      cmocka_unit_test(test_error__out_of_memory_needs_no_memory),
      cmocka_unit_test(test_error__moves_and_copies),
      cmocka_unit_test(test_status__every_status_has_a_name_a_text_and_advice),
      cmocka_unit_test(test_error__a_hint_of_its_own_replaces_the_general_advice),
      cmocka_unit_test(test_class__names_are_those_of_the_record),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
