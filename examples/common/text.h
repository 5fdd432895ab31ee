/* SPDX-License-Identifier: MIT */
/* Numbers, times and untrusted text for people to read; text for JSON. */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

const char *nearest_word(const char *word, const char *const *words, size_t count); /* NULL: nothing is near */
void format_amount(int64_t micros, const char *currency, char *text, size_t size); /* "0.045 USD" */
void format_money(int64_t micros, const char *currency, int32_t confidence, char *text, size_t size);
void format_bytes(int64_t bytes, char *text, size_t size);
void format_time(int64_t time_us, char *text, size_t size); /* "2026-11-20 10:00:00" UTC */
void cut_to_characters(char *text);                         /* takes a last character away that is not whole */
void print_json_string(FILE *stream, const char *text);     /* with quotes */
void print_cut(FILE *stream, const char *text, size_t columns); /* one line, control characters replaced */
void print_fact(const char *name, const char *text);            /* a line of its own on stdout, cleaned like that */

/* Whether "KEY=VALUE" sets a key: api_key, openai_api_key, NAME.api_key. */
bool holds_key(const char *setting);

#endif
