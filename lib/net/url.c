/* SPDX-License-Identifier: MIT */
#include "net/url.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"

/* One part of an IPv4 text: decimal, 0octal or 0xhex, as inet_aton reads it. */
static bool read_part(const char **at, uint64_t *value)
{
  const char *text = *at;
  unsigned base = 10;
  uint64_t sum = 0;
  if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    base = 16;
    text += 2;
  } else if (text[0] == '0' && px_ascii_is_digit(text[1])) {
    base = 8;
    text++;
  }
  const char *begin = text;
  for (; px_ascii_is_alnum(*text); text++) {
    char byte = px_ascii_lower(*text);
    unsigned digit = px_ascii_is_digit(byte) ? (unsigned)(byte - '0') : (unsigned)(byte - 'a') + 10;
    if (digit >= base || sum > UINT32_MAX)
      return false;
    sum = sum * base + digit;
  }
  if (text == begin && base != 16)
    return false;
  *at = text;
  *value = sum;
  return true;
}

/* a.b.c.d, a.b.c, a.b or a: the last part fills what is left of 32 bits. */
static bool read_v4(const char *text, unsigned char address[16])
{
  uint64_t parts[4] = {0};
  unsigned count = 0;
  for (;;) {
    if (count == 4 || !read_part(&text, &parts[count]))
      return false;
    count++;
    if (*text != '.')
      break;
    text++;
  }
  if (*text != '\0' || parts[count - 1] >= (uint64_t)1 << (8 * (5 - count)))
    return false;
  uint64_t whole = parts[count - 1];
  for (unsigned i = 0; i + 1 < count; i++) {
    if (parts[i] > 255)
      return false;
    whole |= parts[i] << (24 - 8 * i);
  }
  memset(address, 0, 10);
  address[10] = address[11] = 0xff;
  for (unsigned i = 0; i < 4; i++)
    address[12 + i] = (unsigned char)(whole >> (24 - 8 * i));
  return true;
}

bool px_url_address(const char *host, unsigned char address[16])
{
  return strchr(host, ':') ? inet_pton(AF_INET6, host, address) == 1 : read_v4(host, address);
}

static bool is_host_byte(char byte, bool bracketed)
{
  return bracketed ? px_ascii_is_digit(byte) || byte == ':' || byte == '.' ||
                         (px_ascii_lower(byte) >= 'a' && px_ascii_lower(byte) <= 'f')
                   : px_ascii_is_alnum(byte) || byte == '.' || byte == '-' || byte == '_';
}

/* Also true for a name without any. */
static bool has_empty_label(const char *host, size_t size)
{
  return size == 0 || host[0] == '.' || host[size - 1] == '.' || strstr(host, "..");
}

static bool read_host(const char **at, px_url *url)
{
  const char *text = *at;
  size_t size = 0;
  bool bracketed = *text == '[';
  if (bracketed)
    text++;
  for (; is_host_byte(*text, bracketed); text++) {
    if (size + 1 >= sizeof url->host)
      return false;
    url->host[size++] = px_ascii_lower(*text);
  }
  if (bracketed && *text++ != ']')
    return false;
  if (!bracketed && size > 1 && url->host[size - 1] == '.')
    size--;
  url->host[size] = '\0';
  url->literal = px_url_address(url->host, url->address);
  *at = text;
  return !has_empty_label(url->host, size) && (!bracketed || (url->literal && strchr(url->host, ':')));
}

static bool read_port(const char **at, px_url *url)
{
  const char *text = *at;
  uint32_t port = 0;
  url->port = url->tls ? 443 : 80;
  if (*text != ':')
    return true;
  const char *begin = ++text;
  for (; px_ascii_is_digit(*text) && port <= UINT16_MAX; text++)
    port = port * 10 + (uint32_t)(*text - '0');
  if (text == begin || port == 0 || port > UINT16_MAX)
    return false;
  url->port = (uint16_t)port;
  *at = text;
  return true;
}

static bool is_clean(const char *text)
{
  for (; *text; text++)
    if ((unsigned char)*text <= 0x20 || (unsigned char)*text >= 0x7f || *text == '\\')
      return false;
  return true;
}

pixazo_status px_url_parse(const char *text, px_url *out, pixazo_error **error)
{
  px_url url = {0};
  if (!text || strlen(text) >= PX_URL_MAX || !is_clean(text))
    return px_fail(error, PIXAZO_E_ARGUMENT, "the URL is empty, too long or holds bytes that no URL has");
  const char *at = text;
  if (px_str_starts_nocase(text, "https://"))
    url.tls = true;
  else if (!px_str_starts_nocase(text, "http://"))
    return px_fail(error, PIXAZO_E_ARGUMENT, "the URL is neither http:// nor https://");
  at += url.tls ? 8 : 7;
  size_t authority = strcspn(at, "/?#");
  if (memchr(at, '@', authority))
    return px_fail(error, PIXAZO_E_ARGUMENT, "the URL holds a user name, which is not allowed");
  if (!read_host(&at, &url) || !read_port(&at, &url) || (*at && !strchr("/?#", *at)))
    return px_fail(error, PIXAZO_E_ARGUMENT, "the URL has no valid host and port");
  url.path = (size_t)(at - text);
  *out = url;
  return PIXAZO_OK;
}

bool px_url_same_origin(const px_url *a, const px_url *b)
{
  return a->tls == b->tls && a->port == b->port && px_str_equal(a->host, b->host);
}

void px_url_escape(px_buf *out, const char *text, bool keep_slash)
{
  static const char digits[] = "0123456789ABCDEF";
  for (; *text; text++) {
    unsigned char byte = (unsigned char)*text;
    if (px_ascii_is_alnum(*text) || strchr("-._~", *text) || (keep_slash && byte == '/')) {
      (void)px_buf_add_char(out, *text);
    } else {
      (void)px_buf_add_char(out, '%');
      (void)px_buf_add_char(out, digits[byte >> 4]);
      (void)px_buf_add_char(out, digits[byte & 15]);
    }
  }
}
