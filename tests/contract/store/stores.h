/* SPDX-License-Identifier: MIT */
/* The stores the contract is run over. */
#ifndef PX_CONTRACT_STORES_H
#define PX_CONTRACT_STORES_H

#include <pixazo/store.h>

enum { STORE_MAKERS = 3 };

/* Each makes an empty store, with its files, if it has any, below the directory. */
extern pixazo_store *(*const store_makers[STORE_MAKERS])(const char *directory);

#endif
