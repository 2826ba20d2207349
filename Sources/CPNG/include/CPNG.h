#pragma once
// Owner: Sources/Imaging/PNG. setjmp may not cross a Swift frame, so reading and writing are whole C functions.
#include <png.h>
