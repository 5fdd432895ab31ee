/* SPDX-License-Identifier: MIT */
#include "support/mutate.h"

#include "support/testing.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "json/json.h"
#include "json/writer.h"
#include "support/client_kit.h"

enum { DOCUMENT_MAX = 1 << 20, PATH_SIZE = 256 };

static const char link[] = "\"https://\\u0001\"";
static const char *const replacements[] = {NULL, "null", "true",    "-1e308",                  "\"\"",          "\"text\"",
                                           "[]", "{}",   "[[[1]]]", "{\"url\":{\"url\":7}}", "\"@taken:9\"", link};

typedef struct mutation {
  size_t target; /* number of the node in document order */
  size_t seen;
  const char *replacement; /* NULL drops the node */
  char path[PATH_SIZE];    /* of the target */
} mutation;

static void write_node(px_json_writer *writer, const char *path, const px_json *node, mutation *change);

static void write_children(px_json_writer *writer, const char *path, const px_json *node, mutation *change)
{
  char below[PATH_SIZE];
  size_t index = 0;
  bool object = px_json_is(node, PX_JSON_OBJECT);
  for (const px_json *child = px_json_first(node); child; child = px_json_next(child), index++) {
    if (object)
      (void)snprintf(below, sizeof below, "%s%s%s", path, path[0] ? "." : "", px_json_name(child));
    else
      (void)snprintf(below, sizeof below, "%s[%zu]", path, index);
    write_node(writer, below, child, change);
  }
}

static void write_node(px_json_writer *writer, const char *path, const px_json *node, mutation *change)
{
  const char *key = px_json_name(node);
  if (change->seen++ == change->target) {
    (void)snprintf(change->path, sizeof change->path, "%s", path);
    if (change->replacement)
      px_json_put_raw(writer, key, change->replacement);
  } else if (px_json_is(node, PX_JSON_OBJECT)) {
    px_json_put_begin_object(writer, key);
    write_children(writer, path, node, change);
    px_json_put_end_object(writer);
  } else if (px_json_is(node, PX_JSON_ARRAY)) {
    px_json_put_begin_array(writer, key);
    write_children(writer, path, node, change);
    px_json_put_end_array(writer);
  } else {
    px_json_put_tree(writer, key, node);
  }
}

static size_t count_nodes(const px_json *node)
{
  size_t count = 1;
  for (const px_json *child = px_json_first(node); child; child = px_json_next(child))
    count += count_nodes(child);
  return count;
}

size_t mutate_all(const char *document, mutant_fn told, void *self)
{
  size_t count = 0;
  px_cleanup(px_json_done) px_json *root = NULL;
  assert_status(px_json_parse(document, strlen(document), NULL, &root, NULL), PIXAZO_OK);
  size_t nodes = count_nodes(root);
  for (size_t k = 0; k < PX_ARRAY_SIZE(replacements); k++) {
    mutation change = {0, 0, replacements[k], ""};
    for (change.target = 0; change.target < nodes; change.target++) {
      px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(DOCUMENT_MAX);
      px_autofree char *text = NULL;
      change.seen = 0;
      write_node(&writer, "", root, &change);
      if (change.target == 0 && !replacements[k])
        continue; /* nothing is left */
      assert_status(px_json_writer_finish(&writer, &text, NULL), PIXAZO_OK);
      told(self, change.path, replacements[k], text);
      count++;
    }
  }
  return count;
}

/* ---- expected classes ---- */

typedef struct judge_case {
  pixazo_client *client;
  const px_plan *plan;
  const px_json *node;
} judge_case;

static bool names(const px_json *node, const char *list, const char *path)
{
  for (const px_json *item = px_json_first(px_json_member(node, list)); item; item = px_json_next(item)) {
    if (strcmp(px_json_text(item), path) == 0)
      return true;
  }
  return false;
}

static const char *wanted_class(const px_json *node, const char *path, const char *replacement)
{
  const char *name = NULL;
  assert_status(px_json_get_string(node, "class", &name, NULL), PIXAZO_OK);
  bool text = replacement && replacement[0] == '"' && replacement[1] != '"' && replacement != link;
  if ((text || (replacement && replacement[0] == '-')) && names(node, "ids", path))
    return name;
  bool picture = strcmp(name, "accepted") == 0 && path[0] && replacement && strcmp(replacement, link) == 0;
  if ((picture && !names(node, "lists", path) && !names(node, "ids", path)) || (path[0] && !names(node, "holds", path)))
    return name;
  assert_status(px_json_get_string(node, "without", &name, NULL), PIXAZO_OK);
  if (!path[0] && replacement[0] != '{' && replacement[0] != '[')
    assert_status(px_json_may_string(node, "broken", &name, NULL), PIXAZO_OK);
  return name;
}

static void judge(void *user, const char *path, const char *replacement, const char *text)
{
  const judge_case *self = user;
  int64_t status = 0;
  assert_status(px_json_get_int64(self->node, "status", &status, NULL), PIXAZO_OK);
  kit_reply reply = {.status = (int)status, .type = "application/json", .body = text};
  px_outcome *outcome = kit_judge(self->client, self->plan, &reply);
  const char *wanted = wanted_class(self->node, path, replacement);
  if (strcmp(pixazo_class_name(outcome->attempt_class), wanted) != 0)
    fail_msg("%d with %s at \"%s\": %s, not %s: %s", reply.status, replacement ? replacement : "nothing", path,
             pixazo_class_name(outcome->attempt_class), wanted, text);
  assert_int_equal(outcome->attempt_class == PIXAZO_CLASS_ACCEPTED, outcome->error == NULL);
  px_outcome_free(outcome);
}

size_t mutate_check(pixazo_client *client, const px_plan *plan, const char *cases)
{
  size_t count = 0;
  px_autoerror error = NULL;
  px_cleanup(px_json_done) px_json *root = NULL;
  assert_ok(px_json_parse(cases, strlen(cases), NULL, &root, &error), error);
  for (const px_json *node = px_json_first(root); node; node = px_json_next(node)) {
    judge_case self = {client, plan, node};
    px_autofree char *document = px_json_print(px_json_member(node, "document"));
    assert_non_null(document);
    count += mutate_all(document, judge, &self);
  }
  return count;
}
