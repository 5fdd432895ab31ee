/* SPDX-License-Identifier: MIT */
#include "loopback.h"

gateway server;
px_engine *engine;

int loopback_set_up(void **state)
{
  (void)state;
  gateway_start(&server, NULL);
  engine = loopback_engine();
  return 0;
}

int loopback_tear_down(void **state)
{
  (void)state;
  px_engine_unref(engine);
  gateway_stop(&server);
  return 0;
}
