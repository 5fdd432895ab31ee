/* SPDX-License-Identifier: MIT */
#include "gateway/protocol.h"

static const protocol *const protocols[] = {
    &openai_protocol, &google_protocol, &a1111_protocol, &sdcpp_protocol, &inference_protocol, &pixazo_protocol, NULL};

const protocol *const *protocol_all(void)
{
  return protocols;
}

const protocol *protocol_of(const http_request *request)
{
  for (size_t i = 0; protocols[i]; i++) {
    if (protocols[i]->owns(request))
      return protocols[i];
  }
  return &pixazo_protocol;
}
