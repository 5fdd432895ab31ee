/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "mcp.h"
#include "text.h"

static const char *find(const call *self, const char *name)
{
  const char *value = json_member(self->arguments, name);
  return value && *value != 'n' ? value : NULL; /* null counts as absent */
}

bool argument_text(const call *self, const char *name, char **out, result *answer)
{
  const char *value = find(self, name);
  if (!value)
    return true;
  char *text = json_text(value);
  if (text) {
    *out = text;
    return true;
  }
  say_failure(answer, "%s: want text.", name);
  return false;
}

bool argument_int(const call *self, const char *name, int64_t low, int64_t high, int64_t *out, result *answer)
{
  const char *value = find(self, name);
  char *end = NULL;
  if (!value)
    return true;
  long long number = strtoll(value, &end, 10);
  if (end != value && end == value + json_length(value) && number >= low && number <= high) {
    *out = number;
    return true;
  }
  say_failure(answer, "%s: want a whole number from %lld to %lld.", name, (long long)low, (long long)high);
  return false;
}

bool argument_flag(const call *self, const char *name, bool *out, result *answer)
{
  const char *value = find(self, name);
  if (!value)
    return true;
  if (*value == 't' || *value == 'f') {
    *out = *value == 't';
    return true;
  }
  say_failure(answer, "%s: want true or false.", name);
  return false;
}

bool arguments_known(const call *self, const char *const *names, size_t count, result *answer)
{
  char name[64];
  for (const char *member = json_first_member(self->arguments); member; member = json_next_member(member)) {
    bool known = false;
    json_member_name(member, name, sizeof name);
    for (size_t i = 0; i < count && !known; i++)
      known = strcmp(names[i], name) == 0;
    if (known)
      continue;
    const char *near = nearest_word(name, names, count);
    say_failure(answer, "%s has no argument \"%s\"%s%s%s", self->tool->name, name, near ? "; did you mean \"" : ".",
                near ? near : "", near ? "\"?" : "");
    return false;
  }
  return true;
}
