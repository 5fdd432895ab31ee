/* SPDX-License-Identifier: MIT */
#include "json/scan.h"

#include <string.h>

#include "base/error.h"
#include "base/str.h"

enum {
  DEFAULT_BYTES = 32 * 1024 * 1024,
  DEFAULT_TOKENS = 1000000,
};

/* What may come next. */
enum {
  VALUE,        /* a value */
  VALUE_OR_END, /* behind [ */
  KEY,          /* behind , in an object */
  KEY_OR_END,   /* behind { */
  COLON,        /* behind a key */
  COMMA_OR_END, /* behind a value inside brackets */
  NOTHING,      /* behind the whole text */
  IN_STRING,
  IN_ESCAPE,     /* behind a backslash */
  IN_UNIT,       /* behind \u */
  LOW_BACKSLASH, /* behind a high surrogate */
  LOW_U,
  IN_NUMBER,
  IN_LITERAL
};

/* Inside a number, named by what was read last. */
enum { MINUS, ZERO, DIGITS, POINT, FRACTION, EXPONENT, EXPONENT_SIGN, EXPONENT_DIGITS };

void px_json_scan_init(px_json_scan *scan, const px_json_limits *limits, px_json_event_fn event, void *self)
{
  memset(scan, 0, sizeof *scan);
  if (limits)
    scan->limits = *limits;
  if (scan->limits.max_bytes == 0)
    scan->limits.max_bytes = DEFAULT_BYTES;
  if (scan->limits.max_depth == 0 || scan->limits.max_depth > PX_JSON_DEPTH_MAX)
    scan->limits.max_depth = PX_JSON_DEPTH_MAX;
  if (scan->limits.max_tokens == 0)
    scan->limits.max_tokens = DEFAULT_TOKENS;
  scan->event = event;
  scan->self = self;
}

static pixazo_status tell(px_json_scan *scan, px_json_event event, const char *text, size_t size, pixazo_error **error)
{
  return scan->event ? scan->event(scan->self, event, text, size, error) : PIXAZO_OK;
}

/* `byte` is what stands at scan->offset. */
static pixazo_status unexpected(const px_json_scan *scan, const char *wanted, char byte, pixazo_error **error)
{
  unsigned value = (unsigned char)byte;
  unsigned long long offset = scan->offset;
  if (value > 0x20 && value < 0x7F)
    return px_fail(error, PIXAZO_E_CORRUPT, "not valid JSON at byte %llu: want %s, got '%c'", offset, wanted, byte);
  return px_fail(error, PIXAZO_E_CORRUPT, "not valid JSON at byte %llu: want %s, got byte 0x%02x", offset, wanted, value);
}

static pixazo_status count_token(px_json_scan *scan, pixazo_error **error)
{
  if (scan->tokens == scan->limits.max_tokens)
    return px_fail(error, PIXAZO_E_LIMIT, "JSON has more than %u tokens", scan->limits.max_tokens);
  scan->tokens++;
  return PIXAZO_OK;
}

static bool in_object(const px_json_scan *scan)
{
  return scan->depth > 0 && (scan->objects >> (scan->depth - 1) & 1) != 0;
}

static void after_value(px_json_scan *scan)
{
  scan->state = scan->depth == 0 ? NOTHING : COMMA_OR_END;
}

static pixazo_status open_bracket(px_json_scan *scan, char byte, pixazo_error **error)
{
  if (scan->depth == scan->limits.max_depth)
    return px_fail(error, PIXAZO_E_LIMIT, "JSON is nested deeper than %u levels at byte %llu", scan->limits.max_depth,
                   (unsigned long long)scan->offset);
  uint64_t bit = UINT64_C(1) << scan->depth;
  scan->objects = byte == '{' ? scan->objects | bit : scan->objects & ~bit;
  scan->depth++;
  scan->state = byte == '{' ? KEY_OR_END : VALUE_OR_END;
  scan->offset++;
  return tell(scan, PX_JSON_PUNCTUATION, &byte, 1, error);
}

static pixazo_status close_bracket(px_json_scan *scan, char byte, pixazo_error **error)
{
  scan->depth--;
  after_value(scan);
  scan->offset++;
  return tell(scan, PX_JSON_PUNCTUATION, &byte, 1, error);
}

static pixazo_status begin_string(px_json_scan *scan, bool key, pixazo_error **error)
{
  scan->key = key;
  scan->state = IN_STRING;
  scan->offset++;
  return tell(scan, key ? PX_JSON_KEY_BEGIN : PX_JSON_STRING_BEGIN, "", 0, error);
}

static pixazo_status begin_number(px_json_scan *scan, char byte, pixazo_error **error)
{
  scan->number = byte == '-' ? MINUS : byte == '0' ? ZERO : DIGITS;
  scan->state = IN_NUMBER;
  PX_TRY(tell(scan, PX_JSON_NUMBER_BEGIN, "", 0, error));
  scan->offset++;
  return tell(scan, PX_JSON_NUMBER_PIECE, &byte, 1, error);
}

static pixazo_status begin_value(px_json_scan *scan, char byte, pixazo_error **error)
{
  PX_TRY(count_token(scan, error));
  if (byte == '{' || byte == '[')
    return open_bracket(scan, byte, error);
  if (byte == '"')
    return begin_string(scan, false, error);
  if (byte == '-' || px_ascii_is_digit(byte))
    return begin_number(scan, byte, error);
  scan->literal = byte == 't' ? "true" : byte == 'f' ? "false" : byte == 'n' ? "null" : NULL;
  if (!scan->literal)
    return unexpected(scan, "a value", byte, error);
  PX_TRY(tell(scan, PX_JSON_LITERAL, scan->literal, strlen(scan->literal), error));
  scan->literal++;
  scan->state = IN_LITERAL;
  scan->offset++;
  return PIXAZO_OK;
}

static pixazo_status begin_key(px_json_scan *scan, char byte, pixazo_error **error)
{
  if (byte == '}' && scan->state == KEY_OR_END)
    return close_bracket(scan, byte, error);
  if (byte != '"')
    return unexpected(scan, scan->state == KEY ? "a key in quotes" : "a key in quotes or }", byte, error);
  PX_TRY(count_token(scan, error));
  return begin_string(scan, true, error);
}

static pixazo_status comma_or_end(px_json_scan *scan, char byte, pixazo_error **error)
{
  bool object = in_object(scan);
  if (byte == (object ? '}' : ']'))
    return close_bracket(scan, byte, error);
  if (byte != ',')
    return unexpected(scan, object ? ", or }" : ", or ]", byte, error);
  scan->state = object ? KEY : VALUE;
  scan->offset++;
  return tell(scan, PX_JSON_PUNCTUATION, &byte, 1, error);
}

/* Between tokens. */
static pixazo_status read_structure(px_json_scan *scan, char byte, pixazo_error **error)
{
  if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') {
    scan->offset++;
    return PIXAZO_OK;
  }
  switch (scan->state) {
  case VALUE_OR_END:
    return byte == ']' ? close_bracket(scan, byte, error) : begin_value(scan, byte, error);
  case VALUE:
    return begin_value(scan, byte, error);
  case KEY:
  case KEY_OR_END:
    return begin_key(scan, byte, error);
  case COLON:
    if (byte != ':')
      return unexpected(scan, "a colon", byte, error);
    scan->state = VALUE;
    scan->offset++;
    return tell(scan, PX_JSON_PUNCTUATION, &byte, 1, error);
  case COMMA_OR_END:
    return comma_or_end(scan, byte, error);
  default:
    return unexpected(scan, "nothing more", byte, error);
  }
}

static pixazo_status read_literal(px_json_scan *scan, char byte, pixazo_error **error)
{
  if (byte != *scan->literal)
    return unexpected(scan, "true, false or null", byte, error);
  scan->offset++;
  scan->literal++;
  if (!*scan->literal)
    after_value(scan);
  return PIXAZO_OK;
}

/* What a byte means inside a number. */
enum { A_ZERO, A_DIGIT, A_POINT, AN_E, A_SIGN, NO_PART };

static int number_part(char byte)
{
  if (px_ascii_is_digit(byte))
    return byte == '0' ? A_ZERO : A_DIGIT;
  switch (byte) {
  case '.':
    return A_POINT;
  case 'e':
  case 'E':
    return AN_E;
  case '+':
  case '-':
    return A_SIGN;
  default:
    return NO_PART;
  }
}

/* The state behind `byte` inside a number; -1 when it does not belong to the number. */
static int number_step(int state, char byte)
{
  static const int8_t next[][NO_PART + 1] = {
      [MINUS] = {ZERO, DIGITS, -1, -1, -1, -1},
      [ZERO] = {-1, -1, POINT, EXPONENT, -1, -1},
      [DIGITS] = {DIGITS, DIGITS, POINT, EXPONENT, -1, -1},
      [POINT] = {FRACTION, FRACTION, -1, -1, -1, -1},
      [FRACTION] = {FRACTION, FRACTION, -1, EXPONENT, -1, -1},
      [EXPONENT] = {EXPONENT_DIGITS, EXPONENT_DIGITS, -1, -1, EXPONENT_SIGN, -1},
      [EXPONENT_SIGN] = {EXPONENT_DIGITS, EXPONENT_DIGITS, -1, -1, -1, -1},
      [EXPONENT_DIGITS] = {EXPONENT_DIGITS, EXPONENT_DIGITS, -1, -1, -1, -1},
  };
  return next[state][number_part(byte)];
}

static bool number_is_whole(int state)
{
  return state == ZERO || state == DIGITS || state == FRACTION || state == EXPONENT_DIGITS;
}

static pixazo_status read_number(px_json_scan *scan, const char *text, size_t size, pixazo_error **error)
{
  size_t used = 0;
  int next = 0;
  while (used < size && (next = number_step(scan->number, text[used])) >= 0) {
    scan->number = next;
    used++;
  }
  scan->offset += used;
  if (used > 0)
    PX_TRY(tell(scan, PX_JSON_NUMBER_PIECE, text, used, error));
  if (used == size)
    return PIXAZO_OK;
  if (!number_is_whole(scan->number))
    return unexpected(scan, "a digit", text[used], error);
  after_value(scan);
  return tell(scan, PX_JSON_NUMBER_END, "", 0, error);
}

static bool utf8_begin(px_json_scan *scan, unsigned char byte)
{
  if (byte < 0xC2 || byte > 0xF4)
    return false;
  scan->utf8_left = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  scan->utf8_low = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
  scan->utf8_high = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
  return true;
}

static bool utf8_continue(px_json_scan *scan, unsigned char byte)
{
  if (byte < scan->utf8_low || byte > scan->utf8_high)
    return false;
  scan->utf8_left--;
  scan->utf8_low = 0x80;
  scan->utf8_high = 0xBF;
  return true;
}

static bool utf8_step(px_json_scan *scan, unsigned char byte)
{
  if (scan->utf8_left > 0)
    return utf8_continue(scan, byte);
  return byte < 0x80 || utf8_begin(scan, byte);
}

/* Sixteen bytes side by side, in whatever registers the machine has. */
typedef signed char lane __attribute__((vector_size(16)));

enum { LANES = 4, BLOCK = LANES * (int)sizeof(lane) };

/* Whether none of these bytes needs a look: ASCII, no quote, no backslash, no control character. */
static bool block_is_plain(const char *text)
{
  lane odd = {0};
  uint64_t halves[2];
  for (size_t i = 0; i < LANES; i++) {
    lane bytes;
    memcpy(&bytes, text + i * sizeof bytes, sizeof bytes);
    odd |= (lane)(bytes < 0x20) | (lane)(bytes == '"') | (lane)(bytes == '\\'); /* what is not ASCII is below 0 */
  }
  memcpy(halves, &odd, sizeof halves);
  return (halves[0] | halves[1]) == 0;
}

static size_t plain_blocks(const char *text, size_t size)
{
  size_t used = 0;
  while (size - used >= BLOCK && block_is_plain(text + used))
    used += BLOCK;
  return used;
}

/* How many bytes of `text` stand for themselves; *good is false when the byte behind them is not UTF-8. */
static size_t plain_bytes(px_json_scan *scan, const char *text, size_t size, bool *good)
{
  *good = true;
  for (size_t i = 0; i < size; i++) {
    if (i % BLOCK == 0 && scan->utf8_left == 0 && (i += plain_blocks(text + i, size - i)) == size)
      break;
    unsigned char byte = (unsigned char)text[i];
    if (scan->utf8_left == 0 && (byte == '"' || byte == '\\' || byte < 0x20))
      return i;
    if ((byte >= 0x80 || scan->utf8_left > 0) && !utf8_step(scan, byte)) {
      *good = false;
      return i;
    }
  }
  return size;
}

static pixazo_status end_string(px_json_scan *scan, pixazo_error **error)
{
  scan->offset++;
  if (scan->key)
    scan->state = COLON;
  else
    after_value(scan);
  return tell(scan, scan->key ? PX_JSON_KEY_END : PX_JSON_STRING_END, "", 0, error);
}

static pixazo_status read_string(px_json_scan *scan, const char *text, size_t size, pixazo_error **error)
{
  bool good;
  size_t used = plain_bytes(scan, text, size, &good);
  scan->offset += used;
  if (!good)
    return unexpected(scan, "UTF-8", text[used], error);
  if (used > 0)
    PX_TRY(tell(scan, PX_JSON_STRING_PIECE, text, used, error));
  if (used == size)
    return PIXAZO_OK;
  if (text[used] == '"')
    return end_string(scan, error);
  if (text[used] != '\\')
    return unexpected(scan, "no control character in a string", text[used], error);
  scan->state = IN_ESCAPE;
  scan->offset++;
  return PIXAZO_OK;
}

static pixazo_status read_escape(px_json_scan *scan, char byte, pixazo_error **error)
{
  static const char names[] = "\"\\/bfnrt";
  static const char values[] = "\"\\/\b\f\n\r\t";
  if (byte == 'u') {
    scan->unit = 0;
    scan->digits = 0;
    scan->state = IN_UNIT;
    scan->offset++;
    return PIXAZO_OK;
  }
  const char *found = byte ? strchr(names, byte) : NULL;
  if (!found)
    return unexpected(scan, "an escape JSON knows", byte, error);
  scan->state = IN_STRING;
  scan->offset++;
  return tell(scan, PX_JSON_STRING_PIECE, values + (found - names), 1, error);
}

static size_t encode_utf8(uint32_t point, char *text)
{
  if (point < 0x80) {
    text[0] = (char)point;
    return 1;
  }
  size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  static const uint8_t heads[] = {0, 0, 0xC0, 0xE0, 0xF0};
  for (size_t i = size - 1; i > 0; i--) {
    text[i] = (char)(0x80 | (point & 0x3F));
    point >>= 6;
  }
  text[0] = (char)(heads[size] | point);
  return size;
}

/* Four digits of \u are there. */
static pixazo_status end_unit(px_json_scan *scan, pixazo_error **error)
{
  uint32_t unit = scan->unit;
  bool low = unit >= 0xDC00 && unit <= 0xDFFF;
  unsigned long long offset = scan->offset;
  if (unit == 0)
    return px_fail(error, PIXAZO_E_CORRUPT, "JSON holds the character U+0000 at byte %llu, which is refused", offset);
  if (low != (scan->high != 0))
    return px_fail(error, PIXAZO_E_CORRUPT, "not valid JSON at byte %llu: half of a surrogate pair", offset);
  if (unit >= 0xD800 && unit <= 0xDBFF) {
    scan->high = unit;
    scan->state = LOW_BACKSLASH;
    return PIXAZO_OK;
  }
  char text[4];
  uint32_t point = low ? 0x10000 + ((scan->high - 0xD800) << 10) + (unit - 0xDC00) : unit;
  scan->high = 0;
  scan->state = IN_STRING;
  return tell(scan, PX_JSON_STRING_PIECE, text, encode_utf8(point, text), error);
}

static pixazo_status read_unit(px_json_scan *scan, char byte, pixazo_error **error)
{
  char lower = px_ascii_lower(byte);
  bool letter = lower >= 'a' && lower <= 'f';
  if (!letter && !px_ascii_is_digit(byte))
    return unexpected(scan, "four hexadecimal digits", byte, error);
  scan->unit = scan->unit << 4 | (uint32_t)(letter ? lower - 'a' + 10 : byte - '0');
  scan->offset++;
  return ++scan->digits == 4 ? end_unit(scan, error) : PIXAZO_OK;
}

static pixazo_status read_low_surrogate(px_json_scan *scan, char byte, pixazo_error **error)
{
  bool backslash = scan->state == LOW_BACKSLASH;
  if (byte != (backslash ? '\\' : 'u'))
    return unexpected(scan, "the other half of a surrogate pair", byte, error);
  scan->unit = 0;
  scan->digits = 0;
  scan->state = backslash ? LOW_U : IN_UNIT;
  scan->offset++;
  return PIXAZO_OK;
}

static pixazo_status step(px_json_scan *scan, const char *text, size_t size, pixazo_error **error)
{
  switch (scan->state) {
  case IN_STRING:
    return read_string(scan, text, size, error);
  case IN_NUMBER:
    return read_number(scan, text, size, error);
  case IN_ESCAPE:
    return read_escape(scan, *text, error);
  case IN_UNIT:
    return read_unit(scan, *text, error);
  case LOW_BACKSLASH:
  case LOW_U:
    return read_low_surrogate(scan, *text, error);
  case IN_LITERAL:
    return read_literal(scan, *text, error);
  default:
    return read_structure(scan, *text, error);
  }
}

pixazo_status px_json_scan_feed(px_json_scan *scan, const char *text, size_t size, pixazo_error **error)
{
  uint64_t start = scan->offset;
  if (size > scan->limits.max_bytes || start > scan->limits.max_bytes - size)
    return px_fail(error, PIXAZO_E_LIMIT, "JSON has more than %zu bytes", scan->limits.max_bytes);
  while (scan->offset - start < size) {
    size_t used = (size_t)(scan->offset - start);
    PX_TRY(step(scan, text + used, size - used, error));
  }
  return PIXAZO_OK;
}

pixazo_status px_json_scan_finish(px_json_scan *scan, pixazo_error **error)
{
  unsigned long long offset = scan->offset;
  if (scan->state == IN_NUMBER && scan->depth == 0 && number_is_whole(scan->number)) {
    scan->state = NOTHING;
    return tell(scan, PX_JSON_NUMBER_END, "", 0, error);
  }
  if (scan->state == NOTHING)
    return PIXAZO_OK;
  if (offset == 0)
    return px_fail(error, PIXAZO_E_CORRUPT, "not valid JSON: the text is empty");
  return px_fail(error, PIXAZO_E_CORRUPT, "not valid JSON: the text ends at byte %llu before it is whole", offset);
}
