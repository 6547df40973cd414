#ifndef CCURL_SHIM_H
#define CCURL_SHIM_H

#include <curl/curl.h>
#include <stdbool.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

// Swift does not import variadic functions, so there is one function for each shape of argument that curl_easy_setopt(3),
// curl_easy_getinfo(3) and curl_multi_setopt(3) take. The parentheses around the names step past libcurl's checking macros.

static inline CURLcode ccurl_setopt_long(CURL *easy, CURLoption option, long value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode ccurl_setopt_off(CURL *easy, CURLoption option, curl_off_t value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode ccurl_setopt_string(CURL *easy, CURLoption option, const char *value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode ccurl_setopt_pointer(CURL *easy, CURLoption option, void *value) {
    return (curl_easy_setopt)(easy, option, value);
}

typedef size_t (*ccurl_data_function)(char *bytes, size_t size, size_t count, void *context);

/// For CURLOPT_HEADERFUNCTION and CURLOPT_WRITEFUNCTION.
static inline CURLcode ccurl_setopt_data_function(CURL *easy, CURLoption option, ccurl_data_function function) {
    return (curl_easy_setopt)(easy, option, function);
}

static inline CURLcode ccurl_setopt_prereq_function(CURL *easy, curl_prereq_callback function) {
    return (curl_easy_setopt)(easy, CURLOPT_PREREQFUNCTION, function);
}

static inline CURLcode ccurl_setopt_sockopt_function(CURL *easy, curl_sockopt_callback function) {
    return (curl_easy_setopt)(easy, CURLOPT_SOCKOPTFUNCTION, function);
}

static inline CURLcode ccurl_setopt_closesocket_function(CURL *easy, curl_closesocket_callback function) {
    return (curl_easy_setopt)(easy, CURLOPT_CLOSESOCKETFUNCTION, function);
}

static inline CURLcode ccurl_setopt_resolver_start_function(CURL *easy, curl_resolver_start_callback function) {
    return (curl_easy_setopt)(easy, CURLOPT_RESOLVER_START_FUNCTION, function);
}

static inline CURLcode ccurl_getinfo_long(CURL *easy, CURLINFO info, long *value) {
    return (curl_easy_getinfo)(easy, info, value);
}

static inline CURLcode ccurl_getinfo_off(CURL *easy, CURLINFO info, curl_off_t *value) {
    return (curl_easy_getinfo)(easy, info, value);
}

static inline CURLcode ccurl_getinfo_pointer(CURL *easy, CURLINFO info, void **value) {
    return (curl_easy_getinfo)(easy, info, value);
}

static inline CURLMcode ccurl_multi_setopt_long(CURLM *multi, CURLMoption option, long value) {
    return (curl_multi_setopt)(multi, option, value);
}

/// The next transfer that ended. Copies out of the CURLMsg, which dies when its handle leaves the multi handle.
static inline bool ccurl_multi_next_done(CURLM *multi, CURL **easy, CURLcode *result) {
    int left = 0;
    CURLMsg *message;
    while((message = curl_multi_info_read(multi, &left)) != NULL) {
        if(message->msg == CURLMSG_DONE) {
            *easy = message->easy_handle;
            *result = message->data.result;
            return true;
        }
    }
    return false;
}

/// The macros behind these two are not importable.
static inline CURLcode ccurl_global_init(void) {
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}

static inline const curl_version_info_data *ccurl_version_info(void) {
    return curl_version_info(CURLVERSION_NOW);
}

/// What the calling thread is called in process lists and profiles; prctl(2) is variadic.
static inline void ccurl_name_this_thread(const char *name) {
#ifdef __linux__
    prctl(PR_SET_NAME, name, 0, 0, 0);
#endif
}

#endif
