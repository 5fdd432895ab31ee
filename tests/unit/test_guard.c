/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "net/guard.h"

static int class_of(const char *text)
{
  unsigned char address[16];
  if (!px_url_address(text, address))
    fail_msg("%s is no address", text);
  return px_address_class(address);
}

/* First and last address of a prefix, and the public neighbours where there are such. */
typedef struct edge {
  const char *before, *first, *last, *after;
  int class;
} edge;

static void check_edges(const edge *edges, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    const edge *e = &edges[i];
    if (class_of(e->first) != e->class || class_of(e->last) != e->class)
      fail_msg("%s - %s: %s, %s", e->first, e->last, px_address_class_name(class_of(e->first)),
               px_address_class_name(class_of(e->last)));
    if (e->before && class_of(e->before) != PX_ADDRESS_PUBLIC)
      fail_msg("%s is %s", e->before, px_address_class_name(class_of(e->before)));
    if (e->after && class_of(e->after) != PX_ADDRESS_PUBLIC)
      fail_msg("%s is %s", e->after, px_address_class_name(class_of(e->after)));
  }
}

static void test_guard__knows_the_edges_of_every_ipv4_prefix(void **state)
{
  static const edge edges[] = {
      {NULL, "0.0.0.0", "0.255.255.255", "1.0.0.0", PX_ADDRESS_UNSPECIFIED},
      {"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0", PX_ADDRESS_PRIVATE},
      {"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0", PX_ADDRESS_SHARED},
      {"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0", PX_ADDRESS_LOOPBACK},
      {"168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17", PX_ADDRESS_METADATA},
      {"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0", PX_ADDRESS_LINK_LOCAL},
      {"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0", PX_ADDRESS_PRIVATE},
      {"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0", PX_ADDRESS_RESERVED},
      {"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0", PX_ADDRESS_DOCUMENTATION},
      {"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0", PX_ADDRESS_EMBEDDED},
      {"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0", PX_ADDRESS_PRIVATE},
      {"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0", PX_ADDRESS_RESERVED},
      {"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0", PX_ADDRESS_DOCUMENTATION},
      {"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0", PX_ADDRESS_DOCUMENTATION},
      {"223.255.255.255", "224.0.0.0", "239.255.255.255", NULL, PX_ADDRESS_MULTICAST},
      {NULL, "240.0.0.0", "255.255.255.255", NULL, PX_ADDRESS_RESERVED},
  };
  (void)state;
  check_edges(edges, sizeof edges / sizeof edges[0]);
  tell_cases("edges of IPv4 ranges", sizeof edges / sizeof edges[0]);
}

static void test_guard__knows_the_edges_of_every_ipv6_prefix(void **state)
{
  static const edge edges[] = {
      {NULL, "::", "::", NULL, PX_ADDRESS_UNSPECIFIED},
      {NULL, "::1", "::1", NULL, PX_ADDRESS_LOOPBACK},
      {NULL, "::2", "::ffff:ffff", NULL, PX_ADDRESS_EMBEDDED},
      {NULL, "::1:0:0", "::fffe:ffff:ffff", NULL, PX_ADDRESS_RESERVED},
      {NULL, "::ffff:0:0:0", "::ffff:0:ffff:ffff", NULL, PX_ADDRESS_EMBEDDED},
      {NULL, "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", NULL, PX_ADDRESS_EMBEDDED},
      {NULL, "64:ff9b:0:0:0:1::", "64:ff9b:0:ffff:ffff:ffff:ffff:ffff", NULL, PX_ADDRESS_RESERVED},
      {NULL, "100::", "100::ffff:ffff:ffff:ffff", NULL, PX_ADDRESS_RESERVED},
      {NULL, "1fff:ffff::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::", PX_ADDRESS_RESERVED},
      {"2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", NULL,
       PX_ADDRESS_EMBEDDED},
      {NULL, "2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::", PX_ADDRESS_RESERVED},
      {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
       "2001:db9::", PX_ADDRESS_DOCUMENTATION},
      {"2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
       "2003::", PX_ADDRESS_EMBEDDED},
      {"3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
       "3fff:1000::", PX_ADDRESS_DOCUMENTATION},
      {"3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL,
       PX_ADDRESS_RESERVED},
      {NULL, "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, PX_ADDRESS_RESERVED},
      {NULL, "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, PX_ADDRESS_PRIVATE},
      {NULL, "fe00::", "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, PX_ADDRESS_RESERVED},
      {NULL, "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, PX_ADDRESS_LINK_LOCAL},
      {NULL, "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, PX_ADDRESS_PRIVATE},
      {NULL, "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, PX_ADDRESS_MULTICAST},
  };
  (void)state;
  check_edges(edges, sizeof edges / sizeof edges[0]);
  tell_cases("edges of IPv6 ranges", sizeof edges / sizeof edges[0]);
}

static void test_guard__sees_through_disguises(void **state)
{
  (void)state;
  assert_int_equal(class_of("::ffff:127.0.0.1"), PX_ADDRESS_LOOPBACK);
  assert_int_equal(class_of("::ffff:8.8.8.8"), PX_ADDRESS_PUBLIC);
  assert_int_equal(class_of("64:ff9b::10.0.0.1"), PX_ADDRESS_PRIVATE);
  assert_int_equal(class_of("64:ff9b::169.254.169.254"), PX_ADDRESS_LINK_LOCAL);
  assert_int_equal(class_of("64:ff9b::8.8.8.8"), PX_ADDRESS_PUBLIC);
  assert_int_equal(class_of("::127.0.0.1"), PX_ADDRESS_EMBEDDED);
  assert_int_equal(class_of("::ffff:0:127.0.0.1"), PX_ADDRESS_EMBEDDED);
  assert_int_equal(class_of("2002:7f00:1::"), PX_ADDRESS_EMBEDDED);
  assert_int_equal(class_of("2001:0:4136:e378:8000:63bf:3fff:fdd2"), PX_ADDRESS_EMBEDDED);
  assert_int_equal(class_of("2a00:1450::5efe:10.0.0.1"), PX_ADDRESS_EMBEDDED);
  assert_int_equal(class_of("2a00:1450::200:5efe:10.0.0.1"), PX_ADDRESS_EMBEDDED);
  assert_int_equal(class_of("2a00:1450::300:5efe:10.0.0.1"), PX_ADDRESS_PUBLIC);
  assert_int_equal(class_of("2a00:1450:4001:830::200e"), PX_ADDRESS_PUBLIC);
}

static void test_guard__reads_socket_addresses(void **state)
{
  struct sockaddr_in v4 = {.sin_family = AF_INET};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
  struct sockaddr_un local = {.sun_family = AF_UNIX};
  unsigned char address[16];
  (void)state;
  assert_int_equal(inet_pton(AF_INET, "10.1.2.3", &v4.sin_addr), 1);
  assert_true(px_address_of_socket((struct sockaddr *)&v4, address));
  assert_memory_equal(address, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\x01\x02\x03", 16);
  assert_int_equal(inet_pton(AF_INET6, "fd00::5", &v6.sin6_addr), 1);
  assert_true(px_address_of_socket((struct sockaddr *)&v6, address));
  assert_int_equal(px_address_class(address), PX_ADDRESS_PRIVATE);
  assert_false(px_address_of_socket((struct sockaddr *)&local, address));
}

static bool lists(const char *allow, const char *text)
{
  px_url url;
  assert_status(px_url_parse(text, &url, NULL), PIXAZO_OK);
  return px_guard_lists(allow, &url);
}

static void test_guard__the_list_names_whole_hosts(void **state)
{
  (void)state;
  assert_true(lists("127.0.0.1", "http://127.0.0.1:8080/"));
  assert_true(lists("a.test, 127.0.0.1:8080", "http://127.0.0.1:8080/"));
  assert_false(lists("a.test, 127.0.0.1:8080", "http://127.0.0.1:8081/"));
  assert_true(lists(" A.TEST ,", "https://a.test/"));
  assert_false(lists("a.test", "https://b.a.test/"));
  assert_false(lists("a.test", "https://a.test.evil.example/"));
  assert_false(lists("*", "https://a.test/"));
  assert_true(lists("[::1]:8080", "http://[::1]:8080/"));
  assert_false(lists("[::1]:8080", "http://[::1]/"));
  assert_true(lists("[::1]", "http://[::1]:9/"));
  assert_true(lists("::1", "http://[::1]:9/"));
  assert_false(lists("a.test:", "https://a.test/"));
  assert_false(lists("a.test:x", "https://a.test/"));
  assert_false(lists("a.test:0", "https://a.test/"));
  assert_false(lists("", "https://a.test/"));
  assert_false(lists(NULL, "https://a.test/"));
}

static pixazo_status check(const char *text, const char *allow)
{
  px_url url;
  pixazo_error *error = NULL;
  assert_status(px_url_parse(text, &url, NULL), PIXAZO_OK);
  pixazo_status status = px_guard_check(&url, allow, &error);
  assert_int_equal(pixazo_error_hint(error)[0] != '\0', status != PIXAZO_OK);
  pixazo_error_free(error);
  return status;
}

static void test_guard__https_to_public_or_unresolved_hosts_passes(void **state)
{
  (void)state;
  assert_status(check("https://example.com/", NULL), PIXAZO_OK);
  assert_status(check("https://8.8.8.8/", NULL), PIXAZO_OK);
  assert_status(check("http://example.com/", NULL), PIXAZO_E_NETWORK);
  assert_status(check("http://8.8.8.8/", NULL), PIXAZO_E_NETWORK);
  assert_status(check("https://127.0.0.1/", NULL), PIXAZO_E_NETWORK);
  assert_status(check("https://0x0a.0.0.1/", NULL), PIXAZO_E_NETWORK);
  assert_status(check("https://[::1]/", NULL), PIXAZO_E_NETWORK);
  assert_status(check("https://2852039166/", NULL), PIXAZO_E_NETWORK); /* 169.254.169.254 */
}

static void test_guard__listed_hosts_pass_whatever_they_are(void **state)
{
  (void)state;
  assert_status(check("http://127.0.0.1:8080/", "127.0.0.1"), PIXAZO_OK);
  assert_status(check("http://comfy.local/", "comfy.local"), PIXAZO_OK);
  assert_status(check("https://10.0.0.1/", "10.0.0.1:443"), PIXAZO_OK);
  assert_status(check("http://10.0.0.1/", "10.0.0.1:443"), PIXAZO_E_NETWORK);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_guard__knows_the_edges_of_every_ipv4_prefix),
      cmocka_unit_test(test_guard__knows_the_edges_of_every_ipv6_prefix),
      cmocka_unit_test(test_guard__sees_through_disguises),
      cmocka_unit_test(test_guard__reads_socket_addresses),
      cmocka_unit_test(test_guard__the_list_names_whole_hosts),
      cmocka_unit_test(test_guard__https_to_public_or_unresolved_hosts_passes),
      cmocka_unit_test(test_guard__listed_hosts_pass_whatever_they_are),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
