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
} wish;

static const wish wishes[] = {
    {"server", "loopback test server", "IP:127.0.0.1,DNS:localhost,DNS:*.pixazo.test", -DAY, 30 * DAY, false},
    {"expired", "expired test server", "IP:127.0.0.1,DNS:localhost", -30 * DAY, -DAY, false},
    {"other-host", "another test server", "DNS:other.pixazo.test", -DAY, 30 * DAY, false},
    {"self-signed", "self-signed test server", "IP:127.0.0.1,DNS:localhost", -DAY, 30 * DAY, true},
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

/* The key and all that does not depend on what the certificate is for. */
static bool begin(identity *out, const char *name, long from, long to)
{
  static long serial = 1;
  out->key = EVP_EC_gen("P-256");
  out->certificate = X509_new();
  return out->key && out->certificate && X509_set_version(out->certificate, X509_VERSION_3) == 1 &&
         ASN1_INTEGER_set(X509_get_serialNumber(out->certificate), serial++) == 1 &&
         X509_gmtime_adj(X509_getm_notBefore(out->certificate), from) &&
         X509_gmtime_adj(X509_getm_notAfter(out->certificate), to) && X509_set_pubkey(out->certificate, out->key) == 1 &&
         name_it(out->certificate, name);
}

static bool sign_with(X509 *certificate, X509 *issuer, EVP_PKEY *key)
{
  return X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
         X509_sign(certificate, key, EVP_sha256()) > 0;
}

static bool make_authority(identity *out)
{
  return begin(out, "pixazo test authority", -DAY, 30 * DAY) &&
         add_extension(out->certificate, out->certificate, NID_basic_constraints, "critical,CA:TRUE") &&
         add_extension(out->certificate, out->certificate, NID_key_usage, "critical,keyCertSign,cRLSign") &&
         add_extension(out->certificate, out->certificate, NID_subject_key_identifier, "hash") &&
         sign_with(out->certificate, out->certificate, out->key);
}

static bool make_server(identity *out, const wish *wanted, const identity *authority)
{
  if (!begin(out, wanted->name, wanted->from, wanted->to))
    return false;
  X509 *issuer = wanted->self_signed ? out->certificate : authority->certificate;
  return add_extension(out->certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(out->certificate, issuer, NID_ext_key_usage, "serverAuth") &&
         add_extension(out->certificate, issuer, NID_subject_alt_name, wanted->hosts) &&
         sign_with(out->certificate, issuer, wanted->self_signed ? out->key : authority->key);
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
