#include "kernels/fold/fold.h"

#include <cstddef>
#include <vector>

#include "common/bf16.h"

namespace fizzy::reference {

void fold(int type, const Window& w, const float* columns, void* x) {
  std::vector<double> sums(static_cast<size_t>(w.batch) * w.height * w.width * w.channels);
  for (int b = 0; b < w.batch; b++)
    for (int i = 0; i < w.out_height; i++)
      for (int j = 0; j < w.out_width; j++)
        for (int c = 0; c < w.channels; c++)
          for (int p = 0; p < w.k; p++)
            for (int q = 0; q < w.k; q++) {
              float value = *columns++;
              int row = i * w.stride - w.top + p, column = j * w.stride - w.left + q;
              bool inside = row >= 0 && row < w.height && column >= 0 && column < w.width;
              if (inside) sums[((static_cast<size_t>(b) * w.height + row) * w.width + column) * w.channels + c] += value;
            }
  by_type(type, [&](auto t) {
    using T = decltype(t);
    for (size_t i = 0; i < sums.size(); i++) static_cast<T*>(x)[i] = from_float<T>(static_cast<float>(sums[i]));
  });
}

}  // namespace fizzy::reference
