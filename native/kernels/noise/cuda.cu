// Bound by arithmetic: about 30 instructions an element.
#include "common/random.cuh"

namespace fizzy::cuda {
namespace {

struct NoiseRows {
  Backend::Noise o;
  __device__ void operator()(int64_t b, int64_t i, int count, bool whole) const {
    store_quad(o.y + b * o.n + i, normals(row_words(o.rows, o.random, o.purpose, o.random[2], b, i / 4)), count, whole);
  }
};

}  // namespace

void noise(const Backend::Noise& o, void* stream) {
  check_aligned("noise", o.y);
  over_rows("noise", NoiseRows{o}, o.batch, o.n, stream);
}

}  // namespace fizzy::cuda
