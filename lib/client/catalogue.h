/* SPDX-License-Identifier: MIT */
/* Which providers a client knows: the library's rows, the definitions that its options name, and their changes. */
#ifndef PX_CLIENT_CATALOGUE_H
#define PX_CLIENT_CATALOGUE_H

#include "client/account.h"

/* Fills the definitions of `accounts`. */
pixazo_status px_catalogue_load(px_accounts *accounts, const pixazo_client_options *options, pixazo_error **error);
/* By name; NULL: there is none. A definition stands before a row of the same name. `accounts` may be NULL. */
pixazo_provider *px_catalogue_definition(const px_accounts *accounts, const char *name);
const px_provider *px_catalogue_provider(const px_accounts *accounts, const char *name);

#endif
