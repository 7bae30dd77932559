#pragma once
#include "fizzy/backend.h"

namespace fizzy {

// The CPU backend, but attention in bf16 with heads of a multiple of 32 computes as on AMX, its tile instructions emulated. For tests; it
// needs AVX-512 BF16.
Backend& emulated_tiles();

}  // namespace fizzy
