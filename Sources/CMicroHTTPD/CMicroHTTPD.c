// The target needs one source file; everything it offers is in the header.
#include "CMicroHTTPD.h"
