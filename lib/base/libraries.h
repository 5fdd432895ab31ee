/* SPDX-License-Identifier: MIT */
/* Versions of the libraries underneath, each told by the one file that uses the library. */
#ifndef PX_BASE_LIBRARIES_H
#define PX_BASE_LIBRARIES_H

const char *px_library_http(void);     /* "libcurl/7.88.1 OpenSSL/3.0.17 ..."; static */
const char *px_library_database(void); /* "3.40.1"; static */

#endif
