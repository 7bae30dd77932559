#include "common/check.h"
#include "fizzy/kernels.h"
#include "kernels/max_pool/max_pool.h"

namespace fizzy {

void max_pool(int type, const void* x, void* y, int b, int h, int w, int c, int k, int stride, int ceil) {
  check(b > 0 && h >= k && w >= k && c > 0 && k > 0 && stride > 0, "max_pool: windows of ", k, " every ", stride, " over [", b, ",", h, ",", w,
        ",", c, "]");
  FIZZY_SELECT(max_pool)(type, x, y, b, h, w, c, k, stride, ceil);
}

}  // namespace fizzy
