// Bytes to [-1, 1] and back: y = image / 127.5 - 1; image = (x + 1) 127.5, clamped to [0, 255], rounded to nearest even.
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::ImageToTensor& o) { check(o.n >= 0, "image_to_tensor: n ", o.n); }
inline void validate(const Backend::TensorToImage& o) { check(o.n >= 0, "tensor_to_image: n ", o.n); }

template <typename Mark>
void outputs(const Backend::ImageToTensor& o, Mark mark) {
  mark(o.y, o.type, o.n);
}
template <typename Mark>
void outputs(const Backend::TensorToImage& o, Mark mark) {
  mark(static_cast<uint8_t*>(o.image), o.n);
}

}  // namespace fizzy
