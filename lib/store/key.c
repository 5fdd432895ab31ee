/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include <pixazo/store.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/options.h"
#include "base/str.h"
#include "store/handle.h"

enum { COMPONENT_MAX = 255, SLUG_MAX = 48, FACT_MAX = 128 };

static bool has_control_character(const char *text)
{
  for (const unsigned char *byte = (const unsigned char *)text; *byte; byte++) {
    bool second_set = byte[0] == 0xC2 && byte[1] >= 0x80 && byte[1] <= 0x9F; /* U+0080 to U+009F */
    if (*byte < 0x20 || *byte == 0x7F || second_set)
      return true;
  }
  return false;
}

/* What is wrong with one component, or NULL. */
static const char *component_defect(const char *name, size_t length)
{
  if (length == 0)
    return "has an empty component";
  if (length > COMPONENT_MAX)
    return "has a component of more than 255 bytes";
  if (name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.')))
    return "has a component \".\" or \"..\"";
  return NULL;
}

static const char *key_defect(const char *key)
{
  size_t size = strlen(key);
  if (size == 0)
    return "is empty";
  if (size > PX_STORE_KEY_MAX)
    return "has more than 512 bytes";
  if (!px_utf8_valid(key, size))
    return "is not UTF-8";
  if (has_control_character(key))
    return "has a control character";
  if (strchr(key, '\\'))
    return "has a backslash";
  for (const char *name = key;; name++) {
    size_t length = strcspn(name, "/");
    const char *defect = component_defect(name, length);
    if (defect)
      return defect;
    if (name == key && length == strlen(PX_STORE_INCOMING) && px_str_starts(key, PX_STORE_INCOMING))
      return "is below " PX_STORE_INCOMING;
    name += length;
    if (!*name)
      return NULL;
  }
}

pixazo_status pixazo_store_check_key(const char *key, pixazo_error **error)
{
  PX_REQUIRE(key, error, "key is NULL");
  const char *defect = key_defect(key);
  return defect ? px_fail(error, PIXAZO_E_ARGUMENT, "key \"%.200s\" %s", key, defect) : PIXAZO_OK;
}

void pixazo_store_key_facts_init(pixazo_store_key_facts *facts, size_t size)
{
  px_options_init(facts, size);
}

/* ASCII letters and digits in lower case, everything between them one '-'. */
static void make_slug(const char *prompt, char *text)
{
  size_t used = 0;
  bool gap = false;
  for (; *prompt; prompt++) {
    if (!px_ascii_is_alnum(*prompt)) {
      gap = used > 0;
      continue;
    }
    if (used + gap >= SLUG_MAX)
      break;
    if (gap)
      text[used++] = '-';
    text[used++] = px_ascii_lower(*prompt);
    gap = false;
  }
  text[used] = '\0';
  if (used == 0)
    memcpy(text, "image", sizeof "image");
}

static void date_part(const pixazo_store_key_facts *facts, const char *name, char *value)
{
  px_date date;
  if (facts->created_us == 0)
    return;
  px_date_of(facts->created_us, &date);
  if (name[0] == 'y')
    (void)snprintf(value, FACT_MAX, "%04d", (int)date.year);
  else
    (void)snprintf(value, FACT_MAX, "%02d", (int)(name[0] == 'm' ? date.month : date.day));
}

/* A fact that becomes part of a name as it is. */
static bool plain_fact(const char *fact, char *value)
{
  size_t size = fact ? strlen(fact) : 0;
  if (size >= FACT_MAX)
    return false;
  for (size_t i = 0; i < size; i++) {
    if (!px_ascii_is_alnum(fact[i]) && fact[i] != '-' && fact[i] != '_')
      return false;
  }
  memcpy(value, fact ? fact : "", size + 1);
  return true;
}

static bool is_date(const char *name)
{
  return px_str_equal(name, "yyyy") || px_str_equal(name, "mm") || px_str_equal(name, "dd");
}

static pixazo_status text_fact(const pixazo_store_key_facts *facts, const char *name, char *value, pixazo_error **error)
{
  const struct {
    const char *name, *fact;
  } table[] = {
      {"uuid", facts->uuid},
      {"sha256", facts->sha256},
      {"md5", facts->md5},
      {"ext", facts->extension},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(table); i++) {
    if (!px_str_equal(name, table[i].name))
      continue;
    if (plain_fact(table[i].fact, value))
      return PIXAZO_OK;
    return px_fail(error, PIXAZO_E_ARGUMENT, "key template: the value of {%s} may only hold ASCII letters, digits, - and _",
                   name);
  }
  return px_fail(error, PIXAZO_E_ARGUMENT,
                 "key template: unknown placeholder {%s}; there are yyyy mm dd uuid sha256 md5 slug seq ext", name);
}

/* "" when the fact is not known. */
static pixazo_status look_up(const pixazo_store_key_facts *facts, const char *name, char *value, pixazo_error **error)
{
  value[0] = '\0';
  if (is_date(name)) {
    date_part(facts, name, value);
  } else if (px_str_equal(name, "slug")) {
    if (facts->prompt)
      make_slug(facts->prompt, value);
  } else if (px_str_equal(name, "seq")) {
    if (facts->sequence > 0)
      (void)snprintf(value, FACT_MAX, "%04llu", (unsigned long long)facts->sequence);
  } else {
    return text_fact(facts, name, value, error);
  }
  return PIXAZO_OK;
}

/* One "{name}" at *text; moves *text behind it. */
static pixazo_status expand_one(const pixazo_store_key_facts *facts, const char **text, px_buf *key, bool *open,
                                pixazo_error **error)
{
  char name[16], value[FACT_MAX];
  size_t length = strcspn(*text + 1, "{}");
  if ((*text)[length + 1] != '}' || length >= sizeof name)
    return px_fail(error, PIXAZO_E_ARGUMENT, "key template: \"%.40s\" is no placeholder", *text);
  memcpy(name, *text + 1, length);
  name[length] = '\0';
  PX_TRY(look_up(facts, name, value, error));
  if (!value[0]) {
    if (!(facts->flags & PIXAZO_STORE_KEY_PARTIAL))
      return px_fail(error, PIXAZO_E_ARGUMENT, "key template: the value of {%s} is not known", name);
    *open = true;
    (void)px_buf_add(key, *text, length + 2);
  } else {
    (void)px_buf_add_text(key, value);
  }
  *text += length + 2;
  return PIXAZO_OK;
}

static pixazo_status expand(const char *text, const pixazo_store_key_facts *facts, px_buf *key, bool *open,
                            pixazo_error **error)
{
  while (*text) {
    size_t plain = strcspn(text, "{}");
    (void)px_buf_add(key, text, plain);
    text += plain;
    if (*text == '}')
      return px_fail(error, PIXAZO_E_ARGUMENT, "key template: a } without a {");
    if (*text == '{')
      PX_TRY(expand_one(facts, &text, key, open, error));
  }
  return PIXAZO_OK;
}

pixazo_status pixazo_store_expand_key(const char *key_template, const pixazo_store_key_facts *facts, char **out,
                                      pixazo_error **error)
{
  PX_REQUIRE(key_template, error, "key_template is NULL");
  PX_REQUIRE(facts, error, "facts is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  PX_REQUIRE(strlen(key_template) <= PX_STORE_KEY_MAX, error, "key_template has more than 512 bytes");
  pixazo_store_key_facts known;
  PX_TRY(px_options_copy(&known, sizeof known, facts, "pixazo_store_key_facts", error));
  PX_REQUIRE((known.flags & ~(uint64_t)PIXAZO_STORE_KEY_PARTIAL) == 0, error, "unknown flag");
  px_auto(px_buf) key = PX_BUF_INIT((size_t)PX_STORE_KEY_MAX * FACT_MAX);
  bool open = false;
  PX_TRY(expand(key_template, &known, &key, &open, error));
  if (key.failed)
    return px_fail_nomem(error);
  if (!open)
    PX_TRY(pixazo_store_check_key(px_buf_text(&key), error));
  char *text = px_buf_steal(&key);
  if (!text)
    return px_fail_nomem(error);
  *out = text;
  return PIXAZO_OK;
}
