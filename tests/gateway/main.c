/* SPDX-License-Identifier: MIT */
/* A loopback server that speaks a provider's protocol, goes wrong as its script says, and counts what it was asked. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "gateway/certificates.h"
#include "gateway/server.h"

static void follow_parent(void)
{
  (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() == 1)
    exit(0);
}

static bool make_tls(settings *options, bytes *certificate, bytes *private_key)
{
  if (!certificates_make(options->make_tls))
    return false;
  bytes_printf(certificate, "%s/server.pem", options->make_tls);
  bytes_printf(private_key, "%s/server.key", options->make_tls);
  options->certificate = certificate->data;
  options->private_key = private_key->data;
  return true;
}

static int serve(const settings *options)
{
  server gateway;
  bool started = server_start(&gateway, options);
  if (started) {
    printf("%s\n", bytes_cstr(&gateway.base));
    (void)fflush(stdout);
    server_run(&gateway);
  }
  server_done(&gateway);
  return started ? 0 : 1;
}

int main(int count, char **arguments)
{
  settings options;
  bytes certificate = {0};
  bytes private_key = {0};
  if (!settings_read(&options, count, arguments))
    return 2;
  if (options.exit_with_parent)
    follow_parent();
  (void)signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
  int status = 1;
  if (!options.make_tls || make_tls(&options, &certificate, &private_key))
    status = options.certificates_only ? 0 : serve(&options);
  bytes_done(&certificate);
  bytes_done(&private_key);
  return status;
}
