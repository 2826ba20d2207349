// The text of the kernels, in the order in which it is compiled as one program.
#pragma once
#include "DeviceTypes.h"

// Number of source files.
int kernel_source_count(void);
// Name of source `index`, for build logs.
const char *kernel_source_name(int index);
// Its text, ended by a zero byte.
const char *kernel_source_text(int index);
// conformance.txt: what the operations and canonical renders must give (ConformanceDigests.swift).
const char *kernel_conformance_digests(void);
