/* SPDX-License-Identifier: MIT */
/* Money as text: exact, decimal, without a locale. Inside it is always whole micro-units. */
#ifndef PX_BASE_MONEY_H
#define PX_BASE_MONEY_H

#include <stdbool.h>
#include <stdint.h>

enum { PX_MONEY_TEXT = 64 };

/* ISO 4217: three capital letters. A currency that is misspelt would count nothing. */
bool px_currency_valid(const char *currency);
/* "12", "12.5", "0.000001": no sign, at most six digits behind the point, at most INT64_MAX micro-units. */
bool px_parse_micros(const char *text, int64_t *out);
/* "12.50 USD": at least two digits behind the point, never rounded. Without a currency the amount alone. */
void px_format_micros(int64_t micros, const char *currency, char text[PX_MONEY_TEXT]);

#endif
