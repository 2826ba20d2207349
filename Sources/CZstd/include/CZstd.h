#pragma once
// Owner: Sources/Imaging/Zstd.swift.
#include <zstd.h>
