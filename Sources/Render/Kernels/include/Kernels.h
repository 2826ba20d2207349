#pragma once
#include "DeviceTypes.h"
