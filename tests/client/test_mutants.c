/* SPDX-License-Identifier: MIT */
/* Answers of each provider with one node changed, every node in every way: each mutant has its class. */
#include "support/testing.h"

#include <string.h>

#include "base/mem.h"
#include "support/client_kit.h"
#include "support/mutate.h"

#define PNG64 "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

/* Cases for mutate_check. */
typedef struct subject {
  const char *provider, *request, *cases;
} subject;

/* What is said of a picture that is missing follows from who bills: a doubt, or a failure that costs nothing. */
#define IMAGES_API(missing, broken)                                                                                   \
  "[{\"status\":200,\"class\":\"accepted\",\"without\":\"" missing "\",\"broken\":\"" broken "\","                    \
  "\"holds\":[\"data\",\"data[0]\",\"data[0].b64_json\"],"                                                            \
  "\"document\":{\"created\":1,\"data\":[{\"b64_json\":\"" PNG64 "\",\"revised_prompt\":\"r\"}]}},"                   \
  "{\"status\":400,\"class\":\"refused\",\"without\":\"refused\","                                                    \
  "\"document\":{\"error\":{\"message\":\"m\",\"type\":\"invalid_request_error\",\"param\":\"size\",\"code\":\"c\"}}}]"

static const subject subjects[] = {
    {"together", "{\"prompt\":\"p\"}", IMAGES_API("empty", "lost")},
    {"localai", "{\"prompt\":\"p\"}", IMAGES_API("failed", "failed")},
    {"vllm", "{\"prompt\":\"p\"}", IMAGES_API("failed", "failed")},
    {"sdcpp", "{\"prompt\":\"p\"}", IMAGES_API("failed", "failed")},
    {"pixazo", "{\"prompt\":\"p\",\"model\":\"sdxl-turbo\"}",
     "[{\"status\":200,\"class\":\"accepted\",\"without\":\"empty\",\"broken\":\"lost\",\"holds\":[\"imageUrl\"],"
     "\"document\":{\"imageUrl\":\"https://x.test/a.png\",\"seed\":7}},"
     "{\"status\":400,\"class\":\"refused\",\"without\":\"refused\",\"document\":{\"message\":\"m\",\"statusCode\":400}},"
     "{\"status\":401,\"class\":\"refused\",\"without\":\"refused\",\"document\":{\"message\":\"m\",\"statusCode\":401}},"
     "{\"status\":500,\"class\":\"ambiguous\",\"without\":\"ambiguous\","
     "\"document\":{\"message\":\"m\",\"statusCode\":500}}]"},
    {"pixazo", "{\"prompt\":\"p\",\"model\":\"sdxl\"}",
     "[{\"status\":200,\"class\":\"accepted\",\"without\":\"failed\",\"broken\":\"failed\",\"holds\":[\"imageUrl\"],"
     "\"document\":{\"imageUrl\":\"https://x.test/a.png\",\"seed\":7}},"
     "{\"status\":500,\"class\":\"failed\",\"without\":\"failed\",\"document\":{\"message\":\"m\",\"statusCode\":500}}]"},
    {"pixazo", "{\"prompt\":\"p\",\"model\":\"gpt-image-2\"}",
     "[{\"status\":202,\"class\":\"accepted\",\"without\":\"empty\",\"broken\":\"lost\",\"holds\":[\"request_id\"],"
     "\"ids\":[\"request_id\"],\"document\":{\"request_id\":\"r\",\"status\":\"QUEUED\","
     "\"polling_url\":\"https://gateway.pixazo.ai/v2/requests/status/r\"}}]"},
    {"google", "{\"prompt\":\"p\"}",
     "[{\"status\":200,\"class\":\"accepted\",\"without\":\"empty\",\"broken\":\"lost\","
     "\"holds\":[\"candidates\",\"candidates[0]\",\"candidates[0].content\",\"candidates[0].content.parts\","
     "\"candidates[0].content.parts[0]\",\"candidates[0].content.parts[0].inlineData\","
     "\"candidates[0].content.parts[0].inlineData.data\"],"
     "\"document\":{\"candidates\":[{\"content\":{\"parts\":[{\"inlineData\":{\"mimeType\":\"image/png\","
     "\"data\":\"" PNG64 "\"}}],"
     "\"role\":\"model\"},\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":5},"
     "\"responseId\":\"i\"}},"
     "{\"status\":400,\"class\":\"refused\",\"without\":\"refused\",\"document\":{\"error\":{\"code\":400,\"message\":\"m\","
     "\"status\":\"INVALID_ARGUMENT\",\"details\":[{\"@type\":\"t\",\"reason\":\"r\"}]}}},"
     "{\"status\":429,\"class\":\"refused\",\"without\":\"refused\",\"document\":{\"error\":{\"code\":429,\"message\":\"m\","
     "\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\","
     "\"retryDelay\":\"1s\"}]}}},"
     "{\"status\":500,\"class\":\"ambiguous\",\"without\":\"ambiguous\","
     "\"document\":{\"error\":{\"code\":500,\"message\":\"m\","
     "\"status\":\"INTERNAL\"}}}]"},
    {"inference", "{\"prompt\":\"p\"}",
     "[{\"status\":200,\"class\":\"accepted\",\"without\":\"failed\",\"broken\":\"failed\",\"holds\":[\"image\"],"
     "\"document\":{\"image\":\"" PNG64 "\"}}]"},
    {"a1111", "{\"prompt\":\"p\"}",
     "[{\"status\":200,\"class\":\"accepted\",\"without\":\"failed\",\"broken\":\"failed\","
     "\"holds\":[\"images\",\"images[0]\"],\"lists\":[\"images\"],"
     "\"document\":{\"images\":[\"" PNG64 "\"],\"parameters\":{\"prompt\":\"p\"},\"info\":\"{}\"}},"
     "{\"status\":422,\"class\":\"refused\",\"without\":\"refused\","
     "\"document\":{\"detail\":[{\"loc\":[\"body\",1],\"msg\":\"m\"}]}}]"},
    {"sdcpp-queue", "{\"prompt\":\"p\"}",
     "[{\"status\":202,\"class\":\"accepted\",\"without\":\"failed\",\"broken\":\"failed\","
     "\"holds\":[\"id\"],\"ids\":[\"id\"],"
     "\"document\":{\"id\":\"j\",\"status\":\"queued\",\"queue_position\":0}}]"},
};

static void test_mutants__each_has_its_class(void **state)
{
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(subjects); i++) {
    pixazo_client *client = kit_client(subjects[i].provider, NULL);
    px_plan *plan = kit_plan(client, subjects[i].request);
    size_t count = mutate_check(client, plan, subjects[i].cases);
    print_message("%s %s: %zu mutants\n", subjects[i].provider, subjects[i].request, count);
    px_plan_unref(plan);
    (void)pixazo_client_unref(client);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_mutants__each_has_its_class),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
