/* SPDX-License-Identifier: MIT */
#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/mem.h"
#include "base/str.h"

struct px_digest {
  EVP_MD_CTX *sha256;
  EVP_MD_CTX *md5; /* NULL when not wanted or not available (FIPS) */
};

static EVP_MD_CTX *start(const EVP_MD *kind)
{
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  if (context && EVP_DigestInit_ex(context, kind, NULL) == 1)
    return context;
  EVP_MD_CTX_free(context);
  return NULL;
}

px_digest *px_digest_new(bool with_md5)
{
  px_digest *digest = px_calloc(1, sizeof *digest);
  if (!digest)
    return NULL;
  digest->sha256 = start(EVP_sha256());
  digest->md5 = with_md5 ? start(EVP_md5()) : NULL;
  if (!digest->sha256) {
    px_digest_free(digest);
    return NULL;
  }
  return digest;
}

void px_digest_free(px_digest *digest)
{
  if (!digest)
    return;
  EVP_MD_CTX_free(digest->sha256);
  EVP_MD_CTX_free(digest->md5);
  px_free(digest);
}

void px_digest_done(px_digest **digest)
{
  px_digest_free(*digest);
  *digest = NULL;
}

bool px_digest_add(px_digest *digest, const void *data, size_t size)
{
  return EVP_DigestUpdate(digest->sha256, data, size) == 1 && (!digest->md5 || EVP_DigestUpdate(digest->md5, data, size) == 1);
}

static bool finish(EVP_MD_CTX *context, char *text)
{
  unsigned char value[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_DigestFinal_ex(context, value, &size) != 1)
    return false;
  px_hex(value, size, text);
  return EVP_DigestInit_ex(context, NULL, NULL) == 1;
}

bool px_digest_finish(px_digest *digest, char sha256[PX_SHA256_HEX], char md5[PX_MD5_HEX])
{
  if (md5)
    md5[0] = '\0';
  return finish(digest->sha256, sha256) && (!digest->md5 || !md5 || finish(digest->md5, md5));
}

bool px_sha256_hex(const void *data, size_t size, char text[PX_SHA256_HEX])
{
  unsigned char value[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (EVP_Digest(data, size, value, &length, EVP_sha256(), NULL) != 1)
    return false;
  px_hex(value, length, text);
  return true;
}

bool px_hmac_sha256(const void *key, size_t key_size, const void *data, size_t size, unsigned char out[PX_SHA256_SIZE])
{
  size_t length = 0;
  return EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key, key_size, data, size, out, PX_SHA256_SIZE, &length) != NULL &&
         length == PX_SHA256_SIZE;
}

bool px_equal_constant_time(const void *a, const void *b, size_t size)
{
  return CRYPTO_memcmp(a, b, size) == 0;
}
