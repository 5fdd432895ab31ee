/* SPDX-License-Identifier: MIT */
/* Versions of the libraries underneath, each told by the one file that uses the library. */
#ifndef PX_BASE_LIBRARIES_H
#define PX_BASE_LIBRARIES_H

#include <stdbool.h>

const char *px_library_http(void);     /* "libcurl/7.88.1 OpenSSL/3.0.17 ..."; static */
bool px_library_http2(void);           /* the HTTP library that is loaded speaks HTTP/2 */
bool px_library_search(void);          /* the database library that is loaded has a full-text index */
const char *px_library_database(void); /* "3.40.1"; static */

#endif
