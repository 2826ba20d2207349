#pragma once
// Owner: Sources/Imaging/EXR. The three initialisers are macros that Swift cannot import.
#include <OpenEXR/openexr.h>
