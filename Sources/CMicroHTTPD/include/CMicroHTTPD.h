#pragma once
// Owner: Sources/Transport/Server. Inline shims for what is variadic or a macro.
#include <microhttpd.h>
