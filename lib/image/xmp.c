/* SPDX-License-Identifier: MIT */
#include "image/xmp.h"

#include <string.h>

static const char RDF_END[] = "</rdf:RDF>";

static const char HEAD[] = "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
                           "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
                           "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n";
static const char TAIL[] = "</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>";
static const char OPEN[] = "<rdf:Description rdf:about=\"\" xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\""
                           " xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\""
                           " xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\""
                           " xmlns:pixazo=\"urn:libpixazo:xmp:1.0#\">\n";

/* Control characters have no place in XML at all. */
static void add_escaped(px_buf *out, const char *text)
{
  for (; *text; text++) {
    unsigned char byte = (unsigned char)*text;
    if (byte == '&')
      (void)px_buf_add_text(out, "&amp;");
    else if (byte == '<')
      (void)px_buf_add_text(out, "&lt;");
    else if (byte == '>')
      (void)px_buf_add_text(out, "&gt;");
    else if (byte == '\r')
      (void)px_buf_add_text(out, "&#13;");
    else if (byte >= ' ' || byte == '\n' || byte == '\t')
      (void)px_buf_add_char(out, *text);
  }
}

static void add_property(px_buf *out, const char *name, const char *prefix, const char *value)
{
  if (!value || !*value)
    return;
  (void)px_buf_printf(out, "<%s>%s", name, prefix);
  add_escaped(out, value);
  (void)px_buf_printf(out, "</%s>\n", name);
}

/* Brings its own name space: a packet without it stays as it was. */
static void add_alt_text(px_buf *out, const char *text)
{
  if (!text || !*text)
    return;
  (void)px_buf_add_text(out, "<Iptc4xmpCore:AltTextAccessibility"
                             " xmlns:Iptc4xmpCore=\"http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/\">"
                             "<rdf:Alt><rdf:li xml:lang=\"x-default\">");
  add_escaped(out, text);
  (void)px_buf_add_text(out, "</rdf:li></rdf:Alt></Iptc4xmpCore:AltTextAccessibility>\n");
}

static void add_description(px_buf *out, const px_xmp_facts *facts)
{
  (void)px_buf_add_text(out, OPEN);
  add_property(out, "Iptc4xmpExt:DigitalSourceType", "http://cv.iptc.org/newscodes/digitalsourcetype/", facts->source_type);
  add_property(out, "Iptc4xmpExt:AISystemUsed", "", facts->system);
  add_property(out, "Iptc4xmpExt:AIPromptInformation", "", facts->prompt);
  add_alt_text(out, facts->alt_text);
  add_property(out, "xmp:CreatorTool", "", facts->tool);
  add_property(out, "xmp:CreateDate", "", facts->created);
  add_property(out, "pixazo:Parameters", "", facts->parameters);
  add_property(out, "pixazo:Generation", "", facts->twin);
  (void)px_buf_add_text(out, "</rdf:Description>\n");
}

void px_xmp_build(const px_xmp_facts *facts, px_buf *out)
{
  (void)px_buf_add_text(out, HEAD);
  add_description(out, facts);
  (void)px_buf_add_text(out, TAIL);
}

bool px_xmp_merge(const char *packet, size_t size, const px_xmp_facts *facts, px_buf *out)
{
  const char *end = NULL;
  const char *at = packet;
  while ((at = memmem(at, size - (size_t)(at - packet), RDF_END, sizeof RDF_END - 1)) != NULL)
    end = at++;
  if (!end)
    return false;
  (void)px_buf_add(out, packet, (size_t)(end - packet));
  add_description(out, facts);
  (void)px_buf_add(out, end, size - (size_t)(end - packet));
  return true;
}
