// Bound by arithmetic: about 30 instructions an element.
#include "common/random.cuh"

namespace fizzy::cuda {
namespace {

struct NoiseRows {
  const int *rows, *random;
  int purpose;
  float* y;
  int64_t n;
  __device__ void operator()(int64_t b, int64_t i, int count, bool whole) const {
    store_quad(y + b * n + i, normals(row_words(rows, random, purpose, random[2], b, i / 4)), count, whole);
  }
};

}  // namespace

void noise(const Backend::Noise& o, void* stream) {
  check_aligned("noise", o.y);
  over_rows("noise", NoiseRows{o.rows, o.random, o.purpose, o.y, o.n}, o.batch, o.n, stream);
}

}  // namespace fizzy::cuda
