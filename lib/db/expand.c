/* SPDX-License-Identifier: MIT */
/* The dialect of a database: SQL texts with "{word:argument}" in them. */
#include "base/error.h"
#include "base/mem.h"
#include "db/db.h"
#include "db/driver.h"

enum { ARGUMENTS = 2, SQL_MAX = 256 * 1024 };

typedef struct slice {
  const char *text;
  size_t size;
} slice;

static bool slice_is(slice name, const char *text)
{
  return strlen(text) == name.size && memcmp(text, name.text, name.size) == 0;
}

static const char *find_word(const px_db_driver *driver, slice name)
{
  for (const px_db_word *word = driver->words; word->name; word++) {
    if (slice_is(name, word->name))
      return word->text;
  }
  return NULL;
}

/* Splits "word:a:b" in place of the braces; arguments that are not given stay empty. */
static void split_word(slice inside, slice *name, slice arguments[ARGUMENTS])
{
  slice *parts[] = {name, &arguments[0], &arguments[1]};
  for (size_t i = 0; i < PX_ARRAY_SIZE(parts); i++) {
    const char *colon = memchr(inside.text, ':', inside.size);
    size_t size = colon && i + 1 < PX_ARRAY_SIZE(parts) ? (size_t)(colon - inside.text) : inside.size;
    *parts[i] = (slice){inside.text, size};
    size_t used = size + (size < inside.size);
    inside = (slice){inside.text + used, inside.size - used};
  }
}

static void add_word(const char *text, const slice arguments[ARGUMENTS], px_buf *out)
{
  for (; *text; text++) {
    if (*text == '@' && (text[1] == '1' || text[1] == '2')) {
      const slice *argument = &arguments[text[1] - '1'];
      (void)px_buf_add(out, argument->text, argument->size);
      text++;
    } else {
      (void)px_buf_add_char(out, *text);
    }
  }
}

pixazo_status px_db_expand(const px_db *db, const char *text, px_buf *out, pixazo_error **error)
{
  while (*text) {
    const char *open = strchrnul(text, '{');
    const char *close = *open ? strchr(open, '}') : NULL;
    (void)px_buf_add(out, text, (size_t)(open - text));
    if (!close)
      break;
    slice name, arguments[ARGUMENTS];
    split_word((slice){open + 1, (size_t)(close - open - 1)}, &name, arguments);
    const char *word = find_word(px_db_driver_of(db), name);
    if (!word)
      return px_fail(error, PIXAZO_E_INTERNAL, "the dialect has no word \"%.*s\"", (int)name.size, name.text);
    add_word(word, arguments, out);
    text = close + 1;
  }
  return out->failed ? px_fail_nomem(error) : PIXAZO_OK;
}

pixazo_status px_db_run_expanded(px_db_link *link, const char *text, pixazo_error **error)
{
  px_auto(px_buf) sql = PX_BUF_INIT(SQL_MAX);
  PX_TRY(px_db_expand_on(link, text, &sql, error));
  return px_db_run(link, px_buf_text(&sql), PX_BIND_NONE, NULL, error);
}
