#pragma once
// Owner: Sources/Render/Device. The version is fixed so that no newer entry point is used by accident.
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
