/* SPDX-License-Identifier: MIT */
#include "trusted.h"

#include <stdlib.h>

#include "support/gateway.h"
#include "support/testing.h"
#include "support/tmpdir.h"

char *trusted_directory(void)
{
  gateway maker;
  char *directory = tmpdir_make();
  gateway_start(&maker, (const char *[]){"--make-tls", directory, NULL});
  gateway_stop(&maker);
  return directory;
}

px_engine *trusted_engine(const char *directory)
{
  px_engine *engine = NULL;
  pixazo_error *error = NULL;
  char *ca_file = tmpdir_path(directory, "ca.pem");
  px_engine_options options = {.allow_hosts = "127.0.0.1", .ca_file = ca_file};
  assert_ok(px_engine_new(&options, &engine, &error), error);
  free(ca_file);
  return engine;
}
