/* SPDX-License-Identifier: MIT */
/* A certificate authority of our own and servers' certificates, made anew for each run. */
#ifndef GATEWAY_CERTIFICATES_H
#define GATEWAY_CERTIFICATES_H

#include <stdbool.h>

/* Writes into a directory that exists: ca.pem; server.pem (for 127.0.0.1 and localhost) with server.key; the same for
 * expired, not-yet, other-host, self-signed, other-use, weak-hash and weak-key; bundle.pem = the system's authorities,
 * when there are any, and ca.pem.
 * False after a message on stderr. */
bool certificates_make(const char *directory);

#endif
