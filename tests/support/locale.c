/* SPDX-License-Identifier: MIT */
/* Every test program runs in the locale that PIXAZO_TEST_LOCALE names: the library must not notice. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

void px_test_locale(void);

__attribute__((constructor)) void px_test_locale(void)
{
  const char *name = getenv("PIXAZO_TEST_LOCALE");
  if (name && !setlocale(LC_ALL, name)) {
    (void)fprintf(stderr, "there is no locale %s\n", name);
    exit(1);
  }
}
