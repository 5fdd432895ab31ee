/* SPDX-License-Identifier: MIT */
/* A directory with a certificate authority of its own, and an engine that trusts nobody else. */
#ifndef PX_TESTS_NET_TRUSTED_H
#define PX_TESTS_NET_TRUSTED_H

#include "net/engine.h"

/* ca.pem, server.pem and server.key for 127.0.0.1; tmpdir_remove() it. */
char *trusted_directory(void);
/* May speak to 127.0.0.1 only. */
px_engine *trusted_engine(const char *directory);

#endif
