// Floor: k^2 writes per value over bandwidth. Windows of 3x3 and 4x4 are gathered channel by channel, so that what is written is
// contiguous.
#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/unfold/unfold.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

constexpr int LARGEST = 16;  // taps gathered in one pass

template <int TAPS, typename T>
void gather(const T* const* taps, T* y, int channels) {
  for (int c = 0; c < channels; c++)
    for (int t = 0; t < TAPS; t++) y[c * TAPS + t] = taps[t][c];
}

template <typename T>
void gather(int count, const T* const* taps, T* y, int channels, int all) {
  if (count == 9 && all == 9) return gather<9>(taps, y, channels);
  if (count == 16 && all == 16) return gather<16>(taps, y, channels);
  for (int c = 0; c < channels; c++)
    for (int t = 0; t < count; t++) y[static_cast<size_t>(c) * all + t] = taps[t][c];
}

}  // namespace

void unfold(int type, const Window& w, const void* x, void* y) {
  by_type(type, [&](auto t) {
    using T = decltype(t);
    static const T zeros[MAX_UNFOLDED_CHANNELS] = {};
    int taps = w.k * w.k;
    int64_t pixels = static_cast<int64_t>(w.batch) * w.out_height * w.out_width;
    parallel_for(pixels, [&](int64_t pixel) {
      int j = pixel % w.out_width, i = pixel / w.out_width % w.out_height;
      int64_t b = pixel / w.out_width / w.out_height;
      T* out = static_cast<T*>(y) + pixel * w.channels * taps;
      for (int first = 0; first < taps; first += LARGEST) {
        int count = taps - first < LARGEST ? taps - first : LARGEST;
        const T* from[LARGEST];
        for (int n = 0; n < count; n++) {
          int row = i * w.stride - w.top + (first + n) / w.k, column = j * w.stride - w.left + (first + n) % w.k;
          bool inside = row >= 0 && row < w.height && column >= 0 && column < w.width;
          from[n] = inside ? static_cast<const T*>(x) + ((b * w.height + row) * w.width + column) * w.channels : zeros;
        }
        gather(count, from, out + first, w.channels, taps);
      }
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
