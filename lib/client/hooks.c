/* SPDX-License-Identifier: MIT */
#include "client/hooks.h"

#include "base/log.h"

bool px_hooks_retry(const px_retry_notice *notice, uint32_t *delay_ms)
{
  const pixazo_client *client = notice->waiter->client;
  int64_t agreed = notice->delay_ms;
  if (client->options.on_retry) {
    pixazo_retry retry = {
        .struct_size = sizeof retry,
        .generation = notice->waiter->generation,
        .cause = notice->cause,
        .attempt_class = notice->attempt_class,
        .retry = notice->retry,
        .delay_ms = notice->delay_ms,
    };
    agreed = client->options.on_retry(&retry, client->options.on_retry_data);
  }
  px_log(client->log, PIXAZO_LOG_WARNING, "client", "%s retry %u in %lld ms: %s", agreed < 0 ? "vetoed:" : "", notice->retry,
         (long long)(agreed < 0 ? notice->delay_ms : agreed), pixazo_error_message(notice->cause));
  *delay_ms = agreed > UINT32_MAX - 1 ? UINT32_MAX - 1 : (uint32_t)(agreed < 0 ? 0 : agreed);
  return agreed >= 0;
}
