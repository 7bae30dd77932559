// Philox 4x32-10 (Salmon et al., SC 2011) as it is, for the tests that hold all other random kernels to it.
#pragma once
#include <cstdint>

#include "common/level.h"

namespace fizzy {
FIZZY_KERNEL(philox, const int* key, const int* counters, int* words, int64_t n)
}  // namespace fizzy
