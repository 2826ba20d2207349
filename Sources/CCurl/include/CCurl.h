#pragma once
// Owner: Sources/Transport/Client. setopt and getinfo are variadic, which Swift cannot call.
#include <curl/curl.h>

/// Body bytes that arrived, or header lines.
typedef size_t (*farm_curl_write)(char *bytes, size_t size, size_t count, void *context);
/// Body bytes to send.
typedef size_t (*farm_curl_read)(char *bytes, size_t size, size_t count, void *context);
/// Called about once a second and with every transfer; not 0 aborts.
typedef int (*farm_curl_progress)(void *context, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

static inline CURLcode farm_curl_set_long(CURL *curl, CURLoption option, long value) {
  return curl_easy_setopt(curl, option, value);
}
static inline CURLcode farm_curl_set_offset(CURL *curl, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(curl, option, value);
}
static inline CURLcode farm_curl_set_string(CURL *curl, CURLoption option, const char *value) {
  return curl_easy_setopt(curl, option, value);
}
static inline CURLcode farm_curl_set_pointer(CURL *curl, CURLoption option, void *value) {
  return curl_easy_setopt(curl, option, value);
}
static inline CURLcode farm_curl_set_list(CURL *curl, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(curl, option, value);
}
static inline CURLcode farm_curl_set_write(CURL *curl, CURLoption option, farm_curl_write value) {
  return curl_easy_setopt(curl, option, value);
}
static inline CURLcode farm_curl_set_read(CURL *curl, farm_curl_read value) {
  return curl_easy_setopt(curl, CURLOPT_READFUNCTION, value);
}
static inline CURLcode farm_curl_set_progress(CURL *curl, farm_curl_progress value) {
  return curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, value);
}
static inline void farm_curl_global_init(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }
