/* SPDX-License-Identifier: MIT */
/* Named points at which a test kills the process, to prove that nothing paid is lost there.
 * Compiled in with PIXAZO_FAILPOINTS only; otherwise the macro is nothing. The variable
 * PIXAZO_FAILPOINT=name:n kills with SIGKILL when `name` is reached for the n-th time;
 * name:n:stop stops the process (SIGSTOP) instead. */
#ifndef PX_BASE_FAILPOINT_H
#define PX_BASE_FAILPOINT_H

#ifdef PIXAZO_FAILPOINTS
void px_failpoint(const char *name);
#define PX_FAILPOINT(name) px_failpoint(name)
#else
#define PX_FAILPOINT(name) ((void)0)
#endif

#endif
