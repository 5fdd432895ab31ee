/* SPDX-License-Identifier: MIT */
#include "gateway/google.h"

#define JSON "application/json; charset=UTF-8"
#define RPC "type.googleapis.com/google.rpc."
#define ERROR_OF(number, status, message, details) \
  "{\"error\":{\"code\":" number ",\"message\":\"" message "\",\"status\":\"" status "\",\"details\":[" details "]}}"
#define REASON(reason) \
  "{\"@type\":\"" RPC "ErrorInfo\",\"reason\":\"" reason "\",\"domain\":\"googleapis.com\",\"metadata\":{}}"
#define QUOTA(per, value)                                                                                         \
  "{\"@type\":\"" RPC "QuotaFailure\",\"violations\":[{\"quotaMetric\":\"generativelanguage.googleapis.com/"      \
  "generate_requests\",\"quotaId\":\"GenerateRequests" per "PerProjectPerModel\",\"quotaDimensions\":{\"model\":" \
  "\"gemini-3.1-flash-image\",\"location\":\"global\"},\"quotaValue\":\"" value "\"}]},"                          \
  "{\"@type\":\"" RPC "Help\",\"links\":[]}"
#define RETRY(delay) "{\"@type\":\"" RPC "RetryInfo\",\"retryDelay\":\"" delay "\"}"
#define LIMITED(details) \
  ERROR_OF("429", "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan.", details)
#define INLINE(type, data)                                                                             \
  "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"inlineData\":{\"mimeType\":\"" type \
  "\",\"data\":\"" data "\"}}]},\"finishReason\":\"STOP\",\"index\":0}]}"

const ready_answer google_ready[] = {
    {"bad-request", 400, JSON, "", ERROR_OF("400", "INVALID_ARGUMENT", "Request contains an invalid argument.", "")},
    {"bad-key", 400, JSON, "",
     ERROR_OF("400", "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", REASON("API_KEY_INVALID"))},
    {"balance", 400, JSON, "", ERROR_OF("400", "FAILED_PRECONDITION", "Billing is not enabled for this project.", "")},
    {"country", 400, JSON, "",
     ERROR_OF("400", "FAILED_PRECONDITION", "User location is not supported for the API use.", "")},
    {"no-key", 403, JSON, "", ERROR_OF("403", "PERMISSION_DENIED", "Method doesn't allow unregistered callers.", "")},
    {"forbidden", 403, JSON, "",
     ERROR_OF("403", "PERMISSION_DENIED", "The caller does not have permission", REASON("SERVICE_DISABLED"))},
    {"model-gone", 404, JSON, "", ERROR_OF("404", "NOT_FOUND", "models/x is not found for API version v1beta.", "")},
    {"not-found", 404, JSON, "", ERROR_OF("404", "NOT_FOUND", "Requested entity was not found.", "")},
    {"timeout", 408, JSON, "", ERROR_OF("408", "DEADLINE_EXCEEDED", "Timed out.", "")},
    {"rate-limited", 429, JSON, "", LIMITED(QUOTA("PerMinute", "10") "," RETRY("1s"))},
    {"rate-limited-silent", 429, JSON, "", LIMITED("")},
    {"rate-limited-fraction", 429, JSON, "", LIMITED(QUOTA("PerMinute", "10") "," RETRY("0.05s"))},
    {"rate-limited-long", 429, JSON, "", LIMITED(QUOTA("PerMinute", "10") "," RETRY("37.4s"))},
    {"rate-limited-far", 429, JSON, "", LIMITED(QUOTA("PerMinute", "10") "," RETRY("86400.000000001s"))},
    {"rate-limited-odd", 429, JSON, "", LIMITED(RETRY("soon"))},
    {"rate-limited-date", 429, JSON, "Retry-After: {{date+1}}\r\n", LIMITED("")},
    {"quota", 429, JSON, "", LIMITED(QUOTA("PerDay", "0") "," RETRY("0.05s"))},
    {"quota-silent", 429, JSON, "", LIMITED(QUOTA("PerDay", "100"))},
    {"cancelled", 499, JSON, "", ERROR_OF("499", "CANCELLED", "The operation was cancelled.", "")},
    {"own-500", 500, JSON, "", ERROR_OF("500", "INTERNAL", "An internal error has occurred.", "")},
    {"overloaded", 503, JSON, "", ERROR_OF("503", "UNAVAILABLE", "The model is overloaded. Please try again later.", "")},
    {"deadline", 504, JSON, "", ERROR_OF("504", "DEADLINE_EXCEEDED", "The request timed out.", "")},
    {"error-text", 500, JSON, "", "{\"error\":\"text alone\"}"},
    {"error-in-200", 200, JSON, "", ERROR_OF("500", "INTERNAL", "late failure", "")},
    {"empty-base64", 200, JSON, "", INLINE("image/png", "")},
    {"odd-base64", 200, JSON, "", INLINE("image/png", "*not base64*")},
    {"text-base64", 200, JSON, "", INLINE("image/png", "bm90IGEgcGljdHVyZQ==")},
    {"half-json", 200, JSON, "", "{\"candidates\":[{\"content\":{\"parts\":[{\"inlineData\":{\"data\":\"iVBOR"},
    {0},
};
