// Bytes to [-1, 1] and back: y = image / 127.5 - 1; image = (x + 1) 127.5, clamped to [0, 255], rounded to nearest even.
#pragma once
#include <cstdint>

#include "common/level.h"

namespace fizzy {
FIZZY_KERNEL(image_to_tensor, int type, const void* image, void* y, int64_t n)
FIZZY_KERNEL(tensor_to_image, int type, const void* x, void* image, int64_t n)
}  // namespace fizzy
