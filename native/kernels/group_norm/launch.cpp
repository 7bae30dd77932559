#include "common/check.h"
#include "fizzy/kernels.h"
#include "kernels/group_norm/group_norm.h"

namespace fizzy {

static void check_shape(const char* kernel, const GroupNorm& n) {
  check(n.b > 0 && n.p > 0 && n.g > 0 && n.c > 0 && n.c % n.g == 0, kernel, ": [", n.b, ",", n.p, ",", n.c, "] in ", n.g, " groups");
  check((n.scale == nullptr) == (n.shift == nullptr), kernel, ": scale and shift come together or not at all");
  check(n.scale == nullptr || n.scale_rows == 1 || n.scale_rows == n.b, kernel, ": ", n.scale_rows, " rows of scale for a batch of ", n.b);
}

int64_t group_norm_scratch(int b, int p, int c) { return b * GroupNorm::image_scratch(p, c) * int64_t{sizeof(float)}; }

void group_norm(int type, const void* x, const float* gamma, const float* beta, const void* scale, const void* shift, int scale_rows, void* y,
                float* mean, float* rstd, int b, int p, int c, int g, float eps, int silu, void* scratch) {
  GroupNorm n{type, x, gamma, beta, scale, shift, scale_rows, mean, rstd, b, p, c, g, eps, silu != 0, scratch};
  check_shape("group_norm", n);
  FIZZY_SELECT(group_norm)(n, y);
}

void group_norm_backward(int type, const void* x, const float* gamma, const float* beta, const void* scale, const void* shift, int scale_rows,
                         float* mean, float* rstd, const void* dy, void* dx, float* dgamma, float* dbeta, void* dscale, void* dshift, int b,
                         int p, int c, int g, int silu, void* scratch) {
  GroupNorm n{type, x, gamma, beta, scale, shift, scale_rows, mean, rstd, b, p, c, g, 0, silu != 0, scratch};
  check_shape("group_norm_backward", n);
  FIZZY_SELECT(group_norm_backward)(n, dy, dx, dgamma, dbeta, dscale, dshift);
}

}  // namespace fizzy
