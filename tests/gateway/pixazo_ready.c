/* SPDX-License-Identifier: MIT */
#include "gateway/pixazo.h"

#define JSON "application/json"
#define ASKS_KEY \
  "WWW-Authenticate: AzureApiManagementKey realm=\"gateway\",name=\"Ocp-Apim-Subscription-Key\",type=\"header\"\r\n"
#define LIMITED(seconds) "{\"statusCode\":429,\"message\":\"Rate limit is exceeded. Try again in " seconds " seconds.\"}"

const ready_answer pixazo_ready[] = {
    {"bad-request", 400, JSON, "", "{\"error\":\"width must be at most 2048\"}"},
    {"no-key", 401, JSON, ASKS_KEY, "{\"statusCode\":401,\"message\":\"Access denied due to missing subscription key.\"}"},
    {"bad-key", 401, JSON, ASKS_KEY, "{\"statusCode\":401,\"message\":\"Access denied due to invalid subscription key.\"}"},
    {"balance", 402, JSON, "", "{\"message\":\"Insufficient balance\"}"},
    {"balance-403", 403, JSON, "", "{\"error\":\"The balance is insufficient to proceed with this operation.\"}"},
    {"forbidden", 403, JSON, "", "{\"message\":\"Forbidden\"}"},
    {"quota", 403, JSON, "Retry-After: 3723\r\n",
     "{\"statusCode\":403,\"message\":\"Out of call volume quota. Quota will be replenished in 01:02:03.\"}"},
    {"quota-silent", 403, JSON, "",
     "{\"statusCode\":403,\"message\":\"Out of call volume quota. Quota will be replenished in 01:02:03.\"}"},
    {"not-found", 404, JSON, "", "{\"statusCode\":404,\"message\":\"Resource not found\"}"},
    {"timeout", 408, JSON, "", "{\"message\":\"Request Timeout\"}"},
    {"unprocessable", 422, JSON, "", "{\"detail\":\"prompt is too long\"}"},
    {"rate-limited", 429, JSON, "Retry-After: 1\r\n", LIMITED("1")},
    {"rate-limited-silent", 429, JSON, "", "{\"statusCode\":429,\"message\":\"Rate limit is exceeded.\"}"},
    {"rate-limited-body", 429, JSON, "", LIMITED("1")},
    {"rate-limited-fraction", 429, JSON, "Retry-After: 0.05\r\n", LIMITED("1")},
    {"rate-limited-date", 429, JSON, "Retry-After: {{date+1}}\r\n", LIMITED("1")},
    {"rate-limited-past", 429, JSON, "Retry-After: {{date-60}}\r\n", LIMITED("0")},
    {"rate-limited-far", 429, JSON, "Retry-After: 86400\r\n", LIMITED("86400")},
    {"rate-limited-odd", 429, JSON, "Retry-After: soon\r\n", LIMITED("-1")},
    {"own-500", 500, JSON, "", "{\"statusCode\":500,\"message\":\"Internal server error\",\"activityId\":\"1\"}"},
    {"model-500", 500, JSON, "", "{\"error\":\"model is starting\"}"},
    {"object-500", 500, JSON, "", "{\"error\":{\"message\":\"model is starting\",\"code\":7}}"},
    {"overloaded", 503, JSON, "Retry-After: 1\r\n", "{\"message\":\"overloaded, try again\"}"},
    {"overloaded-529", 529, JSON, "", "{\"message\":\"overloaded\"}"},
    {"empty-url", 200, JSON, "", "{\"imageUrl\":\"\"}"},
    {"no-url", 200, JSON, "", "{}"},
    {"half-json", 200, JSON, "", "{\"imageUrl\":\"https://"},
    {"error-in-200", 200, JSON, "", "{\"error\":\"prompt was refused\"}"},
    {0},
};
