#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/image_to_tensor/image_to_tensor.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

typedef uint8_t vbyte __attribute__((vector_size(LANES)));

vfloat to_unit(vfloat v) { return v / 127.5f - 1.f; }

// Adding 1.5 2^23 rounds to nearest even and leaves the integer in the low bits.
vint to_byte(vfloat x) {
  vfloat v = min(max((x + 1.f) * 127.5f, vfloat{}), splat(255));
  return (vint)(v + 12582912.f) & 0xff;
}

}  // namespace

void image_to_tensor(const Backend::ImageToTensor& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    auto in = static_cast<const uint8_t*>(o.image);
    auto out = static_cast<T*>(o.y);
    parallel_chunks(o.n, ELEMENTWISE_GRAIN, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i += LANES) {
        int count = end - i < LANES ? end - i : LANES;
        vbyte bytes = {};
        std::memcpy(&bytes, in + i, count);
        vfloat v = to_unit(__builtin_convertvector(__builtin_convertvector(bytes, vint), vfloat));
        if (count == LANES) store(out + i, v);
        else store_part(out + i, v, count);
      }
    });
  });
}

void tensor_to_image(const Backend::TensorToImage& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    auto in = static_cast<const T*>(o.x);
    auto out = static_cast<uint8_t*>(o.image);
    parallel_chunks(o.n, ELEMENTWISE_GRAIN, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i += LANES) {
        int count = end - i < LANES ? end - i : LANES;
        vbyte bytes = __builtin_convertvector(to_byte(count == LANES ? load(in + i) : load_part(in + i, count)), vbyte);
        std::memcpy(out + i, &bytes, count);
      }
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
