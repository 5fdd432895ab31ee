/* SPDX-License-Identifier: MIT */
/* Reads JSON that this library wrote or has checked: positions inside the text, nothing is copied until it is asked for. */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A position is the first character of a value; NULL everywhere means "not there". */
const char *json_member(const char *object, const char *name);
const char *json_first(const char *array); /* first element */
const char *json_next(const char *element);
/* First member of an object, and the value behind it; walk with json_next_member. */
const char *json_first_member(const char *object);
const char *json_next_member(const char *member);
void json_member_name(const char *member, char *text, size_t size);
const char *json_member_value(const char *member);

/* "" when it is no string; escapes are resolved; cut at size. */
void json_string(const char *value, char *text, size_t size);
/* The same, whole and with its control characters; owned (free). NULL: it is no string, or no memory. */
char *json_text(const char *value);
int64_t json_integer(const char *value); /* 0 when it is none */
bool json_true(const char *value);
/* Length of the text of a value. */
size_t json_length(const char *value);

#endif
