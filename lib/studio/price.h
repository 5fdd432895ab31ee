/* SPDX-License-Identifier: MIT */
/* Says before the first paid call what it costs. */
#ifndef PX_STUDIO_PRICE_H
#define PX_STUDIO_PRICE_H

#include <stdbool.h>

#include <pixazo/client.h>

/* Logs model, price and confidence of a request that costs money or whose price is not known.
 * False: it is free, or cannot be estimated. */
bool px_price_announce(pixazo_client *client, const pixazo_request *request, pixazo_log *log);

#endif
