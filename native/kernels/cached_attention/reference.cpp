#include <cmath>
#include <vector>

#include "common/bf16.h"
#include "kernels/cached_attention/cached_attention.h"

namespace fizzy::reference {

void cached_attention(const Backend::CachedAttention& o) {
  by_type(o.type, [&](auto t) {
    using T = decltype(t);
    int c = o.heads * o.width, last = *o.position;
    for (int b = 0; b < o.batch; b++) {
      const T* q = static_cast<const T*>(o.qkv) + int64_t{b} * 3 * c;
      T* cache = static_cast<T*>(o.cache) + int64_t{b} * o.tokens * 2 * c;
      for (int i = 0; i < 2 * c; i++) cache[int64_t{last} * 2 * c + i] = q[c + i];
      for (int h = 0; h < o.heads; h++) {
        std::vector<double> p(last + 1), y(o.width);
        double largest = -INFINITY, sum = 0;
        for (int j = 0; j <= last; j++) {
          const T* key = cache + int64_t{j} * 2 * c + h * o.width;
          for (int d = 0; d < o.width; d++)
            p[j] += double{to_float(q[h * o.width + d])} * to_float(key[d]) / std::sqrt(static_cast<double>(o.width));
          largest = std::fmax(largest, p[j]);
        }
        for (double& v : p) sum += v = std::exp(v - largest);
        for (int j = 0; j <= last; j++)
          for (int d = 0; d < o.width; d++) y[d] += p[j] / sum * to_float(cache[int64_t{j} * 2 * c + c + h * o.width + d]);
        for (int d = 0; d < o.width; d++) static_cast<T*>(o.y)[int64_t{b} * c + h * o.width + d] = from_float<T>(static_cast<float>(y[d]));
      }
    }
  });
}

}  // namespace fizzy::reference
