#include "common/check.h"
#include "fizzy/kernels.h"
#include "kernels/upsample/upsample.h"

namespace fizzy {

void upsample(int type, const void* x, void* y, int b, int h, int w, int c) {
  check(b > 0 && h > 0 && w > 0 && c > 0, "upsample: [", b, ",", h, ",", w, ",", c, "]");
  FIZZY_SELECT(upsample)(type, x, y, b, h, w, c);
}

void upsample_backward(int type, const void* dy, void* dx, int b, int h, int w, int c) {
  check(b > 0 && h > 0 && w > 0 && c > 0, "upsample_backward: [", b, ",", h, ",", w, ",", c, "]");
  FIZZY_SELECT(upsample_backward)(type, dy, dx, b, h, w, c);
}

}  // namespace fizzy
