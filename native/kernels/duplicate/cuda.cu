// Floor: one read and two writes over bandwidth.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

template <typename Word>
struct TwiceWords {
  const Word* x;
  Word* y;
  int64_t n;
  template <int W>
  __device__ void at(int64_t i) const {
    Word word = x[i];
    y[i] = word;
    y[n + i] = word;
  }
};

}  // namespace

void duplicate(const void* x, void* y, int64_t bytes, void* stream) {
  Range range("duplicate");
  check(bytes >= 0 && bytes % 2 == 0, "duplicate: ", bytes, " bytes, which must be even");
  check_aligned("duplicate", x, y);
  auto by_word = [&](auto word, int64_t n) {
    using Word = decltype(word);
    pointwise<1>("duplicate", TwiceWords<Word>{static_cast<const Word*>(x), static_cast<Word*>(y), n}, n, stream);
  };
  if (bytes % 16 == 0) by_word(uint4{}, bytes / 16);
  else by_word(uint16_t{}, bytes / 2);
}

}  // namespace fizzy::cuda
