/* SPDX-License-Identifier: MIT */
/* What happens to one transfer while it is on the wire, told in bytes: no libcurl here. I/O thread only. */
#ifndef PX_NET_WIRE_H
#define PX_NET_WIRE_H

#include "net/transfer.h"

struct sockaddr;

/* May a socket to this address be opened? A refusal is noted in the transfer. */
bool px_wire_may_reach(px_transfer *transfer, const struct sockaddr *address);
/* Connected: may the request be written? `peer` is the address in text, NULL when a proxy stands between. Checked once
 * more here, as a kept connection opens no socket. */
bool px_wire_may_ask(px_transfer *transfer, const char *peer);
/* Request body bytes. False: withheld. */
bool px_wire_give(px_transfer *transfer, char *buffer, size_t room, size_t *given);
/* One line of the answer's head; false ends the transfer, with the reason noted. */
bool px_wire_take_head(px_transfer *transfer, const char *line, size_t size);
bool px_wire_take_body(px_transfer *transfer, const void *data, size_t size);
/* The end came without a failure: is the answer whole? */
void px_wire_judge(px_transfer *transfer);
/* Fails it because of the address that may_reach refused. */
void px_wire_refuse(px_transfer *transfer);

#endif
