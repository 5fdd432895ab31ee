/* SPDX-License-Identifier: MIT */
/* Hashes and HMAC; the only user of libcrypto. */
#ifndef PX_BASE_DIGEST_H
#define PX_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

enum { PX_SHA256_SIZE = 32, PX_SHA256_HEX = 65, PX_MD5_HEX = 33 };

typedef struct px_digest px_digest; /* SHA-256 and, when asked for, MD5 over one stream */

px_digest *px_digest_new(bool with_md5); /* NULL: no memory or no provider for SHA-256 */
void px_digest_free(px_digest *digest);
void px_digest_done(px_digest **digest);
bool px_digest_add(px_digest *digest, const void *data, size_t size);
/* Lower-case hex. md5 is "" when it was not asked for or the machine forbids MD5. The digest starts over. */
bool px_digest_finish(px_digest *digest, char sha256[PX_SHA256_HEX], char md5[PX_MD5_HEX]);

bool px_sha256_hex(const void *data, size_t size, char text[PX_SHA256_HEX]);
bool px_hmac_sha256(const void *key, size_t key_size, const void *data, size_t size, unsigned char out[PX_SHA256_SIZE]);
bool px_equal_constant_time(const void *a, const void *b, size_t size);

#endif
