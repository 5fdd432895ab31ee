/* SPDX-License-Identifier: MIT */
#include "gateway/openai.h"

#define JSON "application/json"
#define ERROR_OF(message, type, param, code) \
  "{\"error\":{\"message\":\"" message "\",\"type\":\"" type "\",\"param\":" param ",\"code\":" code "}}"
#define BLOCKED(stage, category)                                                                                     \
  "{\"error\":{\"message\":\"Your request was rejected by the safety system. safety_violations=[" category "].\","   \
  "\"type\":\"image_generation_user_error\",\"param\":null,\"code\":\"moderation_blocked\",\"moderation_details\":{" \
  "\"moderation_stage\":\"" stage "\",\"categories\":[\"" category "\"]}}}"
#define LIMITED \
  ERROR_OF("Rate limit reached for images per min. Please try again later.", "requests", "null", "\"rate_limit_exceeded\"")

const ready_answer openai_ready[] = {
    {"bad-request", 400, JSON, "",
     ERROR_OF("Invalid value: '7x7'.", "invalid_request_error", "\"size\"", "\"invalid_value\"")},
    {"unknown-parameter", 400, JSON, "",
     ERROR_OF("Unknown parameter: 'response_format'.", "invalid_request_error", "\"response_format\"",
              "\"unknown_parameter\"")},
    {"moderation-input", 400, JSON, "", BLOCKED("input", "violence")},
    {"moderation-output", 400, JSON, "", BLOCKED("output", "sexual")},
    {"content-policy", 400, JSON, "",
     ERROR_OF("Your request was rejected as a result of our safety system.", "invalid_request_error", "null",
              "\"content_policy_violation\"")},
    {"billing-limit", 400, JSON, "",
     ERROR_OF("Billing hard limit has been reached", "invalid_request_error", "null", "\"billing_hard_limit_reached\"")},
    {"no-key", 401, JSON, "", ERROR_OF("You didn't provide an API key.", "invalid_request_error", "null", "null")},
    {"bad-key", 401, JSON, "",
     ERROR_OF("Incorrect API key provided: fake.", "invalid_request_error", "null", "\"invalid_api_key\"")},
    {"forbidden", 403, JSON, "",
     ERROR_OF("Your organization must be verified to use the model.", "invalid_request_error", "null", "null")},
    {"country", 403, JSON, "",
     ERROR_OF("Country, region, or territory not supported", "request_forbidden", "null",
              "\"unsupported_country_region_territory\"")},
    {"model-gone", 404, JSON, "",
     ERROR_OF("The model does not exist or you do not have access to it.", "invalid_request_error", "null",
              "\"model_not_found\"")},
    {"not-found", 404, JSON, "", ERROR_OF("Invalid URL", "invalid_request_error", "null", "null")},
    {"timeout", 408, JSON, "", ERROR_OF("Request timed out", "server_error", "null", "null")},
    {"conflict", 409, JSON, "", ERROR_OF("Conflict", "invalid_request_error", "null", "null")},
    {"unprocessable", 422, JSON, "", ERROR_OF("Unprocessable", "invalid_request_error", "null", "null")},
    {"rate-limited", 429, JSON, "Retry-After: 1\r\n", LIMITED},
    {"rate-limited-silent", 429, JSON, "", LIMITED},
    {"rate-limited-fraction", 429, JSON, "Retry-After: 0.05\r\n", LIMITED},
    {"rate-limited-date", 429, JSON, "Retry-After: {{date+1}}\r\n", LIMITED},
    {"rate-limited-ms", 429, JSON, "retry-after-ms: 50\r\nRetry-After: 1\r\n", LIMITED},
    {"rate-limited-far", 429, JSON, "Retry-After: 86400\r\n", LIMITED},
    {"slow-down", 429, JSON, "", ERROR_OF("Slow down.", "rate_limit_error", "null", "\"slow_down\"")},
    {"quota", 429, JSON, "",
     ERROR_OF("You exceeded your current quota, please check your plan and billing details.", "insufficient_quota", "null",
              "\"insufficient_quota\"")},
    {"balance", 429, JSON, "",
     ERROR_OF("Your credit balance is exhausted.", "insufficient_quota", "null", "\"credit_balance_exhausted\"")},
    {"own-500", 500, JSON, "",
     ERROR_OF("The server had an error while processing your request.", "server_error", "null", "null")},
    {"never-retry-500", 500, JSON, "x-should-retry: false\r\n",
     ERROR_OF("The server had an error.", "server_error", "null", "null")},
    {"do-retry-400", 400, JSON, "x-should-retry: true\r\nretry-after-ms: 20\r\n",
     ERROR_OF("Temporarily refused.", "invalid_request_error", "null", "null")},
    {"overloaded", 503, JSON, "Retry-After: 1\r\n",
     ERROR_OF("The server is overloaded.", "server_error", "null", "\"server_is_overloaded\"")},
    {"overloaded-slow-down", 503, JSON, "", ERROR_OF("Slow down.", "server_error", "null", "\"slow_down\"")},
    {"error-text", 500, JSON, "", "{\"error\":\"text alone\"}"},
    {"error-number", 400, JSON, "", "{\"error\":{\"message\":\"numbered\",\"type\":\"\",\"param\":null,\"code\":400}}"},
    {"error-in-200", 200, JSON, "", ERROR_OF("late failure", "server_error", "null", "null")},
    {"empty-data", 200, JSON, "", "{\"created\":1,\"data\":[]}"},
    {"no-data", 200, JSON, "", "{\"created\":1}"},
    {"empty-url", 200, JSON, "", "{\"created\":1,\"data\":[{\"url\":\"\"}]}"},
    {"empty-base64", 200, JSON, "", "{\"created\":1,\"data\":[{\"b64_json\":\"\"}]}"},
    {"null-base64", 200, JSON, "", "{\"created\":1,\"data\":[{\"b64_json\":null}]}"},
    {"odd-base64", 200, JSON, "", "{\"created\":1,\"data\":[{\"b64_json\":\"*not base64*\"}]}"},
    {"text-base64", 200, JSON, "", "{\"created\":1,\"data\":[{\"b64_json\":\"bm90IGEgcGljdHVyZQ==\"}]}"},
    {"half-json", 200, JSON, "", "{\"created\":1,\"data\":[{\"b64_json\":\"iVBOR"},
    {0},
};
