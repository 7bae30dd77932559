// For tests: only the words.
#include "common/random.cuh"

namespace fizzy::cuda {
namespace {

struct PhiloxBlocks {
  Backend::Philox o;
  template <int W>
  __device__ void at(int64_t i) const {
    const int* c = o.counters + 4 * i;
    Words w = philox_words(o.key[0], o.key[1], c[0], c[1], c[2], c[3]);
#pragma unroll
    for (int k = 0; k < 4; k++) o.words[4 * i + k] = static_cast<int>(w.w[k]);
  }
};

}  // namespace

void philox(const Backend::Philox& o, void* stream) { pointwise<1>("philox", PhiloxBlocks{o}, o.n, stream); }

}  // namespace fizzy::cuda
