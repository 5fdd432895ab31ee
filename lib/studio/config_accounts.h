/* SPDX-License-Identifier: MIT */
/* The settings of a client, with an account for each provider that settings know. */
#ifndef PX_STUDIO_CONFIG_ACCOUNTS_H
#define PX_STUDIO_CONFIG_ACCOUNTS_H

#include <pixazo/client.h>

#include "base/buf.h"
#include "json/json.h"
#include "studio/config.h"
#include "studio/config_definitions.h"

enum { PX_CONFIG_ACCOUNTS_MAX = 64, PX_CONFIG_HEADERS_MAX = 4096 };

/* What the options point to; lives as long as they are used. */
typedef struct px_config_accounts {
  pixazo_account items[PX_CONFIG_ACCOUNTS_MAX];
  const pixazo_account *list[PX_CONFIG_ACCOUNTS_MAX];
  px_buf headers[PX_CONFIG_ACCOUNTS_MAX];
  size_t count;
  px_config_definitions definitions;
  px_json *catalogue; /* built-in providers; NULL: nobody asked */
} px_config_accounts;

void px_config_accounts_done(px_config_accounts *accounts);
/* Fills options that were initialised. A provider that has settings of its own is reached with those; api_key and base_url
 * are then Pixazo's, as they are where its own variables or its key file gave them. Each definition of provider_files has an
 * account; without the key it needs it fails when it is asked for. Text is borrowed from the settings. */
pixazo_status px_config_client(const pixazo_config *config, pixazo_client_options *options, px_config_accounts *accounts,
                               pixazo_error **error);

#endif
