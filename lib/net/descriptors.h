/* SPDX-License-Identifier: MIT */
/* File descriptors as a resource of the whole process, which is not ours to change. */
#ifndef PX_NET_DESCRIPTORS_H
#define PX_NET_DESCRIPTORS_H

#include <stdbool.h>
#include <stdint.h>

/* How many calls may be on the wire at once under the present soft limit, a reserve left to the program. */
uint32_t px_descriptor_budget(void);
/* True when opening a handful more would fail now. */
bool px_descriptors_short(void);
/* When `descriptor` is the first end of a fresh socket pair: closes both ends on exec. libcurl 7.88 makes its pairs
 * without that flag. Other descriptors are left alone. */
void px_descriptor_seal_pair(int descriptor);
/* Finds the two ends of a socket pair in which one byte waits. False when there is not exactly such a pair. */
bool px_descriptor_find_woken(int pair[2]);
/* Bytes waiting to be read; -1 when that cannot be said. */
int px_descriptor_waiting(int descriptor);

#endif
