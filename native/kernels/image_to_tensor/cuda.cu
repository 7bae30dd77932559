// Floor: one byte and one element per value over bandwidth.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

template <int W>
__device__ __forceinline__ void load_bytes(const uint8_t* p, uint8_t (&bytes)[W]) {
  if constexpr (W == 1) {
    bytes[0] = *p;
  } else {
    auto raw = load_raw<W>(p);
#pragma unroll
    for (int k = 0; k < W; k++) bytes[k] = static_cast<uint8_t>(raw.u[k / 4] >> k % 4 * 8);
  }
}

template <typename T>
struct FromImage {
  Backend::ImageToTensor o;
  template <int W>
  __device__ void at(int64_t i) const {
    uint8_t bytes[W];
    load_bytes(static_cast<const uint8_t*>(o.image) + i, bytes);
    Floats<W> v;
#pragma unroll
    for (int k = 0; k < W; k++) v[k] = bytes[k] / 127.5f - 1.f;
    store(static_cast<T*>(o.y) + i, v);
  }
};

template <typename T>
struct ToImage {
  Backend::TensorToImage o;
  template <int W>
  __device__ void at(int64_t i) const {
    Floats<W> v = load<W>(static_cast<const T*>(o.x) + i);
    uint8_t* image = static_cast<uint8_t*>(o.image) + i;
    unsigned words[(W + 3) / 4] = {};
#pragma unroll
    for (int k = 0; k < W; k++) {
      float f = (v[k] + 1.f) * 127.5f;
      f = f > 0 ? f : 0;  // NaN becomes 0
      words[k / 4] |= static_cast<unsigned>(rintf(f < 255 ? f : 255)) << k % 4 * 8;
    }
    if constexpr (W == 1) {
      *image = static_cast<uint8_t>(words[0]);
    } else {
      Raw<W> raw;
#pragma unroll
      for (int k = 0; k < W / 4; k++) raw.u[k] = words[k];
      store_raw(image, raw);
    }
  }
};

}  // namespace

void image_to_tensor(const Backend::ImageToTensor& o, void* stream) {
  check_aligned("image_to_tensor", o.image, o.y);
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    pointwise<VECTOR<T>>("image_to_tensor", FromImage<T>{o}, o.n, stream);
  });
}

void tensor_to_image(const Backend::TensorToImage& o, void* stream) {
  check_aligned("tensor_to_image", o.x, o.image);
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    pointwise<VECTOR<T>>("tensor_to_image", ToImage<T>{o}, o.n, stream);
  });
}

}  // namespace fizzy::cuda
