/* SPDX-License-Identifier: MIT */
/* request.h and query.h: the builders, by setters and by JSON. */
#include "check.h"

static char *request_json(const pixazo_request *request)
{
  char *json = NULL;
  NEEDS(pixazo_request_to_json(request, &json, &error));
  return json;
}

static void setters(void)
{
  pixazo_request *request = NULL;
  NEEDS(pixazo_request_new("a lighthouse", &request, &error));
  CHECK_TEXT(pixazo_request_get_string(request, "prompt"), "a lighthouse");
  CHECK(!pixazo_request_get_string(request, "model") && !pixazo_request_get_string(request, "nothing"));
  WORKS(pixazo_request_set_string(request, "negativePrompt", "people", &error));
  CHECK_TEXT(pixazo_request_get_string(request, "negative_prompt"), "people");
  WORKS(pixazo_request_set_int(request, "num_steps", 9, &error));
  WORKS(pixazo_request_set_double(request, "cfgScale", 4.5, &error));
  WORKS(pixazo_request_set_json(request, "metadata", "{\"THEME\":\"sea\"}", &error));
  char *json = request_json(request);
  CHECK_HOLDS(json, "\"schema\":1");
  CHECK_HOLDS(json, "\"steps\":9");
  CHECK_HOLDS(json, "\"guidance\":4.5");
  CHECK_HOLDS(json, "\"THEME\":\"sea\"");
  pixazo_free(json);
  WORKS(pixazo_request_set_string(request, "negative_prompt", NULL, &error));
  WORKS(pixazo_request_set_json(request, "metadata", NULL, &error));
  CHECK(!pixazo_request_get_string(request, "negative_prompt"));
  pixazo_request_free(request);
  pixazo_request_free(NULL);
}

static void request_refusals(void)
{
  pixazo_request *none = UNTOUCHED;
  pixazo_request *request = api_request("{\"prompt\":\"dunes\",\"width\":640}");
  char *before = request_json(request);
  FAILS(PIXAZO_E_ARGUMENT, pixazo_request_new("\xff", &none, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_request_new_from_json("[1]", &none, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_request_new_from_json("{", &none, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_request_new_from_json("{\"prompt\":1}", &none, &error));
  CHECK(none == UNTOUCHED);
  FAILS(PIXAZO_E_ARGUMENT, pixazo_request_set_string(request, "hue", "blue", &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_request_set_string(request, "width", "640", &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_request_set_int(request, "width", 0, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_request_set_int(request, "count", 1001, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_request_set_double(request, "guidance", -1, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_request_set_json(request, "prompt", "{}", &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_request_set_json(request, "metadata", "{", &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_request_set_defaults(request, "{\"steps\":0}", &error));
  char *after = request_json(request);
  CHECK_TEXT(after, before);
  pixazo_free(before);
  pixazo_free(after);
  pixazo_request_free(request);
}

/* The caller's own text is kept byte for byte, also when defaults fill what it leaves open. */
static void request_round_trips(void)
{
  static const char verbatim[] = "{ \"prompt\" : \"k\xc3\xbcste\", \"THEME\": [1, 2.50] }";
  pixazo_request *request = api_request(verbatim);
  pixazo_request *copy = NULL;
  WORKS(pixazo_request_set_defaults(request, "{\"model\":\"offline/paint\",\"steps\":3}", &error));
  CHECK_TEXT(pixazo_request_get_string(request, "model"), "offline/paint");
  char *json = request_json(request);
  CHECK_TEXT(json, verbatim);
  NEEDS(pixazo_request_new_copy(request, &copy, &error));
  pixazo_request_free(request);
  char *again = request_json(copy);
  CHECK_TEXT(again, verbatim);
  pixazo_free(again);
  WORKS(pixazo_request_set_int(copy, "seed", 5, &error));
  again = request_json(copy);
  CHECK(strcmp(again, json) != 0);
  request = api_request(again);
  char *third = request_json(request);
  CHECK_TEXT(third, again);
  CHECK_TEXT(pixazo_request_get_string(request, "prompt"), "k\xc3\xbcste");
  pixazo_free(json);
  pixazo_free(again);
  pixazo_free(third);
  pixazo_request_free(request);
  pixazo_request_free(copy);
}

static void queries(void)
{
  pixazo_query *query = NULL;
  pixazo_query *second = NULL;
  char *json = NULL;
  char *again = NULL;
  NEEDS(pixazo_query_new(&query, &error));
  WORKS(pixazo_query_set_string(query, "state", "done,partial", &error));
  WORKS(pixazo_query_set_string(query, "text", "sea light", &error));
  WORKS(pixazo_query_set_string(query, "principal", "", &error));
  WORKS(pixazo_query_set_string(query, "model", "x", &error));
  WORKS(pixazo_query_set_string(query, "model", NULL, &error));
  WORKS(pixazo_query_set_int(query, "limit", 7, &error));
  NEEDS(pixazo_query_to_json(query, &json, &error));
  CHECK_HOLDS(json, "\"schema\":1");
  CHECK_HOLDS(json, "\"limit\":7");
  CHECK(!strstr(json, "\"model\""));
  NEEDS(pixazo_query_new_from_json(json, &second, &error));
  NEEDS(pixazo_query_to_json(second, &again, &error));
  CHECK_TEXT(again, json);
  FAILS(PIXAZO_E_ARGUMENT, pixazo_query_set_string(query, "state", "finished", &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_query_set_string(query, "batch", "no uuid", &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_query_set_string(query, "limit", "7", &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_query_set_int(query, "limit", 1001, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_query_set_int(query, "color", 1, &error));
  pixazo_free(again);
  NEEDS(pixazo_query_to_json(query, &again, &error));
  CHECK_TEXT(again, json);
  pixazo_free(json);
  pixazo_free(again);
  pixazo_query_free(query);
  pixazo_query_free(second);
  pixazo_query_free(NULL);
}

static void query_refusals(void)
{
  pixazo_query *none = UNTOUCHED;
  FAILS(PIXAZO_E_ARGUMENT, pixazo_query_new_from_json("{", &none, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_query_new_from_json("{\"limit\":\"7\"}", &none, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_query_new_from_json("{\"colour\":1}", &none, &error));
  CHECK(none == UNTOUCHED);
}

int main(void)
{
  api_begin();
  setters();
  request_refusals();
  request_round_trips();
  queries();
  query_refusals();
  return api_end();
}
