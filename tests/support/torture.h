/* SPDX-License-Identifier: MIT */
/* Makes the library's allocations fail one after the other. A scenario is run with allocation 1 failing, then 2,
 * and so on until it ends without reaching the fault; then the same with every later allocation failing too.
 * Scenarios step threads themselves, so that allocation N is the same one each time. */
#ifndef PX_SUPPORT_TORTURE_H
#define PX_SUPPORT_TORTURE_H

#include <stddef.h>

#include <pixazo/error.h>

/* Installs the allocation hooks. First thing in main(), before any other call into the library. */
void torture_install(void);

/* One whole piece of work that leaves nothing behind. Returns what it came to: PIXAZO_OK, also when the library
 * could do without the memory, or the status of the call that failed. `error` may be filled. */
typedef pixazo_status (*torture_scenario)(void *user_data, pixazo_error **error);

/* Runs a scenario through all its faults and fails the cmocka test when a run
 *  - ends with another status than PIXAZO_OK or PIXAZO_E_NOMEM, or without an error object for its failure,
 *  - leaves memory of the library behind, or
 *  - fails although no allocation did.
 * Returns the number of faults. `stride` > 1 tries only every stride-th allocation. TORTURE_VERBOSE in the environment
 * names each run as it begins. */
size_t torture_run(const char *name, torture_scenario scenario, void *user_data, size_t stride);
/* For long scenarios: a stride of its own for the runs in which all later allocations fail too. */
size_t torture_run_thinned(const char *name, torture_scenario scenario, void *user_data, size_t stride, size_t for_ever_stride);

/* Blocks of the library that are allocated now, and allocations made since torture_install(). */
size_t torture_live(void);
size_t torture_count(void);

/* For work of its own: allocation `n` from now fails, and with for_ever all later ones; 0 = none. */
void torture_fail_at(size_t n, int for_ever);
/* No fault from now on; torture_hit() still tells of those before. For the part of a scenario that checks. */
void torture_disarm(void);
/* Whether a fault was hit since torture_fail_at(). */
int torture_hit(void);
/* Whether every later allocation fails too. */
int torture_is_for_ever(void);

/* Prints how many faults torture_run() made and in how many scenarios; gives `result` back, for the end of main(). */
int torture_report(int result);

#endif
