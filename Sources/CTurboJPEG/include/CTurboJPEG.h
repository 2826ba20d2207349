#pragma once
// Owner: Sources/Imaging/JPEG.swift.
#include <turbojpeg.h>
