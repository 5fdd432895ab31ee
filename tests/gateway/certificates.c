/* SPDX-License-Identifier: MIT */
#include "gateway/certificates.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "gateway/bytes.h"

enum { DAY = 86400 };

static const char system_bundle[] = "/etc/ssl/certs/ca-certificates.crt";

typedef struct identity {
  X509 *certificate;
  EVP_PKEY *key;
} identity;

typedef struct wish {
  const char *file; /* without .pem and .key */
  const char *name;
  const char *hosts;
  long from; /* seconds from now */
  long to;
  bool self_signed;
  const char *usage;  /* NULL = serverAuth */
  const char *digest; /* NULL = SHA256 */
  unsigned rsa_bits;  /* 0 = a key on P-256 */
} wish;

#define HERE "IP:127.0.0.1,DNS:localhost"

static const wish wishes[] = {
    {.file = "server", .name = "loopback test server", .hosts = HERE ",DNS:*.pixazo.test", .from = -DAY, .to = 30 * DAY},
    {.file = "expired", .name = "expired test server", .hosts = HERE, .from = -30 * DAY, .to = -DAY},
    {.file = "not-yet", .name = "early test server", .hosts = HERE, .from = DAY, .to = 30 * DAY},
    {.file = "other-host", .name = "another test server", .hosts = "DNS:other.pixazo.test", .from = -DAY, .to = 30 * DAY},
    {.file = "self-signed", .name = "self-signed test server", .hosts = HERE, .from = -DAY, .to = 30 * DAY,
     .self_signed = true},
    {.file = "other-use", .name = "test client", .hosts = HERE, .from = -DAY, .to = 30 * DAY, .usage = "clientAuth"},
    {.file = "weak-hash", .name = "old test server", .hosts = HERE, .from = -DAY, .to = 30 * DAY, .digest = "SHA1"},
    {.file = "weak-key", .name = "small test server", .hosts = HERE, .from = -DAY, .to = 30 * DAY, .rsa_bits = 1024},
};

static bool fail(const char *what)
{
  fprintf(stderr, "pixazo-gateway: cannot make %s\n", what);
  ERR_print_errors_fp(stderr);
  return false;
}

static void identity_done(identity *self)
{
  X509_free(self->certificate);
  EVP_PKEY_free(self->key);
  *self = (identity){0};
}

static bool add_extension(X509 *certificate, X509 *issuer, int kind, const char *value)
{
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
  bool added = extension && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

static bool name_it(X509 *certificate, const char *name)
{
  X509_NAME *subject = X509_get_subject_name(certificate);
  return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0) == 1;
}

/* All that does not depend on what the certificate is for; takes the key. */
static bool begin(identity *out, EVP_PKEY *key, const char *name, long from, long to)
{
  static long serial = 1;
  out->key = key;
  out->certificate = X509_new();
  return out->key && out->certificate && X509_set_version(out->certificate, X509_VERSION_3) == 1 &&
         ASN1_INTEGER_set(X509_get_serialNumber(out->certificate), serial++) == 1 &&
         X509_gmtime_adj(X509_getm_notBefore(out->certificate), from) &&
         X509_gmtime_adj(X509_getm_notAfter(out->certificate), to) && X509_set_pubkey(out->certificate, out->key) == 1 &&
         name_it(out->certificate, name);
}

static bool sign_with(X509 *certificate, X509 *issuer, EVP_PKEY *key, const EVP_MD *digest)
{
  return X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
         X509_sign(certificate, key, digest) > 0;
}

static bool make_authority(identity *out)
{
  return begin(out, EVP_EC_gen("P-256"), "pixazo test authority", -DAY, 30 * DAY) &&
         add_extension(out->certificate, out->certificate, NID_basic_constraints, "critical,CA:TRUE") &&
         add_extension(out->certificate, out->certificate, NID_key_usage, "critical,keyCertSign,cRLSign") &&
         add_extension(out->certificate, out->certificate, NID_subject_key_identifier, "hash") &&
         sign_with(out->certificate, out->certificate, out->key, EVP_sha256());
}

static bool make_server(identity *out, const wish *wanted, const identity *authority)
{
  EVP_PKEY *key = wanted->rsa_bits ? EVP_RSA_gen(wanted->rsa_bits) : EVP_EC_gen("P-256");
  if (!begin(out, key, wanted->name, wanted->from, wanted->to))
    return false;
  const EVP_MD *digest = wanted->digest ? EVP_get_digestbyname(wanted->digest) : EVP_sha256();
  X509 *issuer = wanted->self_signed ? out->certificate : authority->certificate;
  return add_extension(out->certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(out->certificate, issuer, NID_ext_key_usage, wanted->usage ? wanted->usage : "serverAuth") &&
         add_extension(out->certificate, issuer, NID_subject_alt_name, wanted->hosts) &&
         sign_with(out->certificate, issuer, wanted->self_signed ? out->key : authority->key, digest);
}

static FILE *open_in(const char *directory, const char *name, const char *ending)
{
  bytes path = {0};
  bytes_printf(&path, "%s/%s%s", directory, name, ending);
  FILE *file = fopen(path.data, "wbe");
  if (!file)
    perror(path.data);
  bytes_done(&path);
  return file;
}

static bool save_certificate(const char *directory, const char *name, X509 *certificate)
{
  FILE *file = open_in(directory, name, ".pem");
  if (!file)
    return false;
  bool written = PEM_write_X509(file, certificate) == 1;
  return fclose(file) == 0 && written;
}

static bool save_key(const char *directory, const char *name, EVP_PKEY *key)
{
  FILE *file = open_in(directory, name, ".key");
  if (!file)
    return false;
  bool written = PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1;
  return fclose(file) == 0 && written;
}

static bool save_bundle(const char *directory, X509 *authority)
{
  bytes known = {0};
  FILE *file = open_in(directory, "bundle", ".pem");
  if (!file)
    return false;
  (void)bytes_read_file(&known, system_bundle);
  bool written = fwrite(bytes_cstr(&known), 1, known.size, file) == known.size && PEM_write_X509(file, authority) == 1;
  bytes_done(&known);
  return fclose(file) == 0 && written;
}

static bool make_all(const char *directory, const identity *authority)
{
  for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
    identity server = {0};
    const char *file = wishes[i].file;
    bool made = make_server(&server, &wishes[i], authority) && save_certificate(directory, file, server.certificate) &&
                save_key(directory, file, server.key);
    identity_done(&server);
    if (!made)
      return fail(file);
  }
  return true;
}

bool certificates_make(const char *directory)
{
  identity authority = {0};
  bool made = make_authority(&authority) && save_certificate(directory, "ca", authority.certificate) &&
              save_bundle(directory, authority.certificate);
  made = made ? make_all(directory, &authority) : fail("the authority");
  identity_done(&authority);
  return made;
}
