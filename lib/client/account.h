/* SPDX-License-Identifier: MIT */
/* How a client reaches its providers: address, key, further headers. And which model a name means to it. */
#ifndef PX_CLIENT_ACCOUNT_H
#define PX_CLIENT_ACCOUNT_H

#include <pixazo/client.h>

#include "client/definition.h"

typedef struct px_account {
  const px_provider *provider;
  pixazo_provider *definition; /* that holds the row; borrowed from the list of them; NULL: a row of the library */
  const px_model *model; /* asked for where only the provider is named */
  char *model_name;
  char *api_key;       /* NULL: none */
  char *base_url;      /* without a slash at the end; NULL: inside this process */
  char *secret_header; /* "Name: key"; NULL: none */
  char *headers;       /* further header lines, each ended by NUL; NULL: none */
  size_t header_count;
  bool missing; /* the key: it is there to be passed over */
} px_account;

enum { PX_ACCOUNTS_MAX = 64, PX_ACCOUNT_HEADERS_MAX = 8, PX_ACCOUNT_LINES = PX_ACCOUNT_HEADERS_MAX + 2 };

/* The first one is the client's own; behind those that were given come the built-in providers that need no key.
 * Providers that are documents are known where an account or the options name them. */
typedef struct px_accounts {
  px_account *items;
  size_t count;
  pixazo_provider **definitions; /* one reference each */
  size_t definition_count;
} px_accounts;

/* What a name means. */
typedef struct px_target {
  const px_provider *provider;
  const px_model *model;
  const char *name;          /* of the model; borrowed from the row or from the text that was resolved */
  const px_account *account; /* NULL: there is no key for this provider */
} px_target;

pixazo_status px_accounts_make(px_accounts *accounts, const pixazo_client_options *options, pixazo_error **error);
void px_accounts_done(px_accounts *accounts);

/* "provider/model", a bare model of `fallback`, or the bare name of a provider, which means the model of its account, else
 * its first. E_ARGUMENT names what is known. `accounts` NULL: built-in providers, without keys. */
pixazo_status px_target_resolve(const px_accounts *accounts, const char *name, const px_provider *fallback, px_target *out,
                                pixazo_error **error);
/* The provider alone, by its exact name. */
pixazo_status px_target_provider(const px_accounts *accounts, const char *name, px_target *out, pixazo_error **error);
/* Header lines of every call: who asks, and the account's own; at most PX_ACCOUNT_LINES. Gives their number. */
size_t px_account_lines(const px_account *account, const char **lines);
const px_account *px_account_find(const px_accounts *accounts, const px_provider *provider); /* NULL: none */
/* E_AUTH: the target's provider needs a key that this client does not have. */
pixazo_status px_target_access(const px_target *target, pixazo_error **error);

#endif
