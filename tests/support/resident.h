/* SPDX-License-Identifier: MIT */
/* How far the memory of this process rises while something is done. */
#ifndef PX_SUPPORT_RESIDENT_H
#define PX_SUPPORT_RESIDENT_H

#include <stdint.h>

/* Starts a new peak and gives what is resident now, in bytes; ends the program where the kernel cannot do that. */
int64_t resident_begin(void);
/* The most that was resident since resident_begin(). */
int64_t resident_peak(void);

#endif
