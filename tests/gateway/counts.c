/* SPDX-License-Identifier: MIT */
#include "gateway/counts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/multipart.h"
#include "gateway/protocol.h"

static void forget_seen(counts *tally)
{
  for (size_t i = 0; i < SEEN_MAX; i++) {
    free(tally->seen[i].line);
    bytes_done(&tally->seen[i].head);
    bytes_done(&tally->seen[i].body);
    bytes_done(&tally->seen[i].parts);
  }
  for (size_t i = 0; i < WHOLE_MAX; i++)
    bytes_done(&tally->whole[i]);
}

void counts_done(counts *tally)
{
  for (size_t i = 0; i < tally->path_total; i++)
    free(tally->paths[i].path);
  free(tally->paths);
  free(tally->bodies);
  forget_seen(tally);
  *tally = (counts){0};
}

void counts_reset(counts *tally)
{
  int64_t posts_open = tally->posts_open;
  int64_t connections_open = tally->connections_open;
  counts_done(tally);
  tally->posts_open = tally->posts_open_peak = posts_open;
  tally->connections_open = tally->connections_open_peak = connections_open;
  tally->changed = true;
}

static void count_path(counts *tally, const char *path)
{
  for (size_t i = 0; i < tally->path_total; i++) {
    if (same_text(tally->paths[i].path, path)) {
      tally->paths[i].posts++;
      return;
    }
  }
  if (tally->path_total == 256)
    return;
  tally->paths = must_grow(tally->paths, tally->path_total + 1, sizeof *tally->paths);
  tally->paths[tally->path_total++] = (path_count){must_copy(path), 1};
}

static uint64_t hash_body(const bytes *body)
{
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < body->size; i++)
    hash = (hash ^ (unsigned char)body->data[i]) * 0x100000001b3u;
  return hash ? hash : 1;
}

static bool add_hash(counts *tally, uint64_t hash)
{
  size_t slot = hash & (tally->body_slots - 1);
  while (tally->bodies[slot] != 0 && tally->bodies[slot] != hash)
    slot = (slot + 1) & (tally->body_slots - 1);
  bool fresh = tally->bodies[slot] == 0;
  tally->bodies[slot] = hash;
  return fresh;
}

static bool is_new_body(counts *tally, const bytes *body)
{
  if (tally->body_total * 2 >= tally->body_slots) {
    uint64_t *old = tally->bodies;
    size_t old_slots = tally->body_slots;
    tally->body_slots = old_slots ? old_slots * 2 : 1024;
    tally->bodies = must_alloc(tally->body_slots, sizeof *tally->bodies);
    for (size_t i = 0; i < old_slots; i++) {
      if (old[i] != 0)
        (void)add_hash(tally, old[i]);
    }
    free(old);
  }
  bool fresh = add_hash(tally, hash_body(body));
  tally->body_total += fresh;
  return fresh;
}

static void remember_parts(const http_request *request, bytes *out)
{
  multipart form;
  bytes problem = {0};
  if (!multipart_is(request))
    return;
  if (multipart_read(&form, request, &problem))
    multipart_to_json(&form, out);
  multipart_done(&form);
  bytes_done(&problem);
}

static void remember(counts *tally, const http_request *request)
{
  seen_request *place = &tally->seen[tally->seen_total++ % SEEN_MAX];
  bytes line = {0};
  bytes_printf(&line, "%s %s", request->method, request->target);
  free(place->line);
  place->line = line.data;
  place->head.size = place->body.size = 0;
  bytes_add(&place->head, bytes_cstr(&request->head), request->head.size);
  size_t kept = request->body.size < SEEN_BODY_MAX ? request->body.size : SEEN_BODY_MAX;
  bytes_add(&place->body, bytes_cstr(&request->body), kept);
  place->parts.size = 0;
  remember_parts(request, &place->parts);
}

static void remember_whole(counts *tally, const bytes *body)
{
  bytes *place = &tally->whole[(size_t)tally->posts % WHOLE_MAX];
  place->size = 0;
  if (body->size <= WHOLE_BODY_MAX)
    bytes_add(place, bytes_cstr(body), body->size);
}

const bytes *counts_body(const counts *tally, size_t back)
{
  bool kept = back < WHOLE_MAX && (int64_t)back < tally->posts;
  return kept ? &tally->whole[((size_t)tally->posts - back) % WHOLE_MAX] : NULL;
}

static bool carries_key(const http_request *request)
{
  static const char *const names[] = {"Ocp-Apim-Subscription-Key", "Authorization", "x-goog-api-key", "api-key"};
  char key[8];
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (http_header(&request->head, names[i], key, sizeof key))
      return true;
  }
  return false;
}

static bool is_poll(const http_request *request)
{
  const protocol *spoken = protocol_of(request);
  return spoken->polls && spoken->polls(request);
}

bool counts_is_bill(const http_request *request)
{
  return same_text(request->method, "POST") && !is_poll(request);
}

void counts_request(counts *tally, const http_request *request)
{
  tally->changed = true;
  remember(tally, request);
  bool file = exchange_is_file(request->path);
  tally->keys_on_files += file && carries_key(request);
  bool poll = is_poll(request);
  tally->polls += poll;
  if (counts_is_bill(request)) {
    tally->posts++;
    remember_whole(tally, &request->body);
    tally->posts_repeated += !is_new_body(tally, &request->body);
    count_path(tally, request->path);
  } else if (same_text(request->method, "GET")) {
    tally->gets++;
    tally->downloads += file;
  } else if (!poll) {
    tally->other_requests++;
  }
}

void counts_post_open(counts *tally, int64_t by)
{
  tally->posts_open += by;
  if (tally->posts_open > tally->posts_open_peak)
    tally->posts_open_peak = tally->posts_open;
  tally->changed = true;
}

void counts_connection_open(counts *tally, int64_t by)
{
  tally->connections_open += by;
  if (by > 0)
    tally->connections++;
  if (tally->connections_open > tally->connections_open_peak)
    tally->connections_open_peak = tally->connections_open;
  tally->changed = true;
}

static void add_last_posts(const counts *tally, bytes *out, size_t wanted)
{
  size_t first = tally->seen_total > SEEN_MAX ? tally->seen_total - SEEN_MAX : 0;
  size_t from = tally->seen_total;
  for (size_t found = 0; from > first && found < wanted; from--)
    found += strncmp(tally->seen[(from - 1) % SEEN_MAX].line, "POST ", 5) == 0;
  const char *comma = "";
  for (size_t i = from; i < tally->seen_total; i++) {
    const seen_request *entry = &tally->seen[i % SEEN_MAX];
    if (strncmp(entry->line, "POST ", 5) != 0)
      continue;
    bytes_printf(out, "%s\"", comma);
    bytes_json_any(out, bytes_cstr(&entry->body), entry->body.size);
    bytes_text(out, "\"");
    comma = ",";
  }
}

void counts_to_json(const counts *tally, bytes *out)
{
  bytes_text(out, "{");
#define GATEWAY_COUNTER_JSON(name) bytes_printf(out, "\"" #name "\":%" PRId64 ",", tally->name);
  GATEWAY_COUNTERS(GATEWAY_COUNTER_JSON)
#undef GATEWAY_COUNTER_JSON
  bytes_text(out, "\"posts_by_path\":{");
  for (size_t i = 0; i < tally->path_total; i++) {
    bytes_text(out, i ? ",\"" : "\"");
    bytes_json_any(out, tally->paths[i].path, strlen(tally->paths[i].path));
    bytes_printf(out, "\":%" PRId64, tally->paths[i].posts);
  }
  bytes_text(out, "},\"last_posts\":[");
  add_last_posts(tally, out, 16);
  bytes_text(out, "]}\n");
}

void counts_seen_to_json(const counts *tally, bytes *out)
{
  size_t first = tally->seen_total > SEEN_MAX ? tally->seen_total - SEEN_MAX : 0;
  bytes_text(out, "{\"requests\":[");
  for (size_t i = first; i < tally->seen_total; i++) {
    const seen_request *entry = &tally->seen[i % SEEN_MAX];
    bytes_text(out, i > first ? ",{\"line\":\"" : "{\"line\":\"");
    bytes_json_any(out, entry->line, strlen(entry->line));
    bytes_text(out, "\",\"head\":\"");
    bytes_json_any(out, bytes_cstr(&entry->head), entry->head.size);
    bytes_text(out, "\",\"body\":\"");
    bytes_json_any(out, bytes_cstr(&entry->body), entry->body.size);
    bytes_printf(out, "\",\"parts\":%s}", entry->parts.size > 0 ? entry->parts.data : "null");
  }
  bytes_text(out, "]}\n");
}

void counts_save(counts *tally, const char *path)
{
  bytes text = {0};
  bytes name = {0};
  counts_to_json(tally, &text);
  bytes_printf(&name, "%s.part", path);
  FILE *file = fopen(name.data, "wbe");
  bool written = file && fwrite(text.data, 1, text.size, file) == text.size;
  if (file && fclose(file) != 0)
    written = false;
  if (!written || rename(name.data, path) != 0)
    perror("pixazo-gateway: cannot write the counts");
  bytes_done(&text);
  bytes_done(&name);
  tally->changed = false;
}
