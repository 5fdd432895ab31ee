/* SPDX-License-Identifier: MIT */
/* The pages that are made in a file of their own. */
#ifndef PX_WRITE_DOCS_H
#define PX_WRITE_DOCS_H

void write_retries(void);

#endif
