#pragma once
// Owner: Sources/Transport/Client. setopt and getinfo are variadic, which Swift cannot call.
#include <curl/curl.h>
