/* SPDX-License-Identifier: MIT */
#include "gateway/script.h"

#include <string.h>
#include <stdlib.h>

static void rule_done(rule *entry)
{
  char *texts[] = {entry->method,      entry->path,       entry->body_has, entry->answer,
                   entry->reason,      entry->type,       entry->redirect, entry->job_error,
                   entry->lengths,     entry->chunked,    entry->id_field, entry->polling_url,
                   entry->result_form, entry->error_form, entry->newline,  entry->stream_error};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    free(texts[i]);
  for (size_t i = 0; i < entry->state_count; i++)
    free(entry->states[i]);
  for (size_t i = 0; i < entry->part_count; i++)
    free(entry->parts[i]);
  bytes_done(&entry->headers);
  bytes_done(&entry->body);
  bytes_done(&entry->raw);
}

void script_done(rulebook *target)
{
  for (size_t i = 0; i < target->count; i++)
    rule_done(&target->rules[i]);
  free(target->rules);
  *target = (rulebook){0};
}

static bool path_fits(const char *pattern, const char *path)
{
  size_t length = strlen(pattern);
  size_t path_length = strlen(path);
  if (pattern[0] == '*')
    return path_length >= length - 1 && same_text(path + path_length - (length - 1), pattern + 1);
  if (length > 0 && pattern[length - 1] == '*')
    return strncmp(path, pattern, length - 1) == 0;
  return same_text(pattern, path);
}

static bool rule_fits(const rule *entry, rule_moment at, const http_request *request)
{
  if (entry->at != at)
    return false;
  if (!request)
    return true;
  if (entry->method && !same_text(entry->method, request->method))
    return false;
  if (entry->path && !path_fits(entry->path, request->path))
    return false;
  return !entry->body_has || strstr(bytes_cstr(&request->body), entry->body_has) != NULL;
}

const rule *script_match(rulebook *target, rule_moment at, const http_request *request, int64_t on_connection)
{
  for (size_t i = 0; i < target->count; i++) {
    rule *entry = &target->rules[i];
    if (!rule_fits(entry, at, request))
      continue;
    entry->seen++;
    if ((entry->nth && entry->seen != entry->nth) || (entry->times && entry->used >= entry->times))
      continue;
    if (entry->on_connection && entry->on_connection != on_connection)
      continue;
    entry->used++;
    return entry;
  }
  return NULL;
}
