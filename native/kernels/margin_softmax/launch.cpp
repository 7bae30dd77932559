#include "common/check.h"
#include "fizzy/kernels.h"
#include "kernels/margin_softmax/margin_softmax.h"

namespace fizzy {

static void check_all(const char* kernel, const MarginSoftmax& m) {
  check(m.b > 0 && m.n > 1, kernel, ": ", m.b, " rows of ", m.n, " classes");
  for (int64_t b = 0; b < m.b; b++)
    check(m.labels[b] >= 0 && m.labels[b] < m.n, kernel, ": label ", m.labels[b], " of row ", b, " is not one of ", m.n, " classes");
}

int64_t margin_softmax_scratch(int64_t b) { return 2 * b * int64_t{sizeof(double)}; }

void margin_softmax(const float* cosines, const int* labels, const float* margins, float scale, float* loss, float* accuracy, float* lse,
                    int64_t b, int64_t n, void* scratch) {
  MarginSoftmax m{cosines, labels, margins, scale, lse, b, n};
  check_all("margin_softmax", m);
  double *losses = static_cast<double*>(scratch), *hits = losses + b, sum = 0, hit = 0;
  FIZZY_SELECT(margin_softmax)(m, losses, hits);
  for (int64_t i = 0; i < b; i++) sum += losses[i], hit += hits[i];
  *loss = static_cast<float>(sum / b);
  *accuracy = static_cast<float>(hit / b);
}

void margin_softmax_backward(const float* cosines, const int* labels, const float* margins, float scale, float* lse, const float* dloss,
                             float* dcosines, int64_t b, int64_t n) {
  MarginSoftmax m{cosines, labels, margins, scale, lse, b, n};
  check_all("margin_softmax_backward", m);
  FIZZY_SELECT(margin_softmax_backward)(m, *dloss, dcosines);
}

}  // namespace fizzy
