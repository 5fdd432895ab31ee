/* SPDX-License-Identifier: MIT */
#ifndef PX_BASE_CANCEL_H
#define PX_BASE_CANCEL_H

#include <pixazo/cancel.h>

/* Fails with E_CANCELLED when the token is set. */
pixazo_status px_cancel_check(const pixazo_cancel *cancel, pixazo_error **error);

#endif
