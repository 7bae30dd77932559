#include "kernels/context_dropout/context_dropout.h"

#include "fizzy/kernels.h"

namespace fizzy {
namespace {

void check_all(const char* kernel, float probability, float whole_probability, const int* random, int purpose, int row_purpose, int64_t batch,
               int64_t width) {
  check_random(kernel, purpose, random[2], batch, width);
  check_random(kernel, row_purpose, random[2], batch, width);
  check(probability >= 0 && probability < 1, kernel, ": probability ", probability, " must be in [0,1)");
  check(whole_probability >= 0 && whole_probability <= 1, kernel, ": whole probability ", whole_probability, " must be in [0,1]");
}

}  // namespace

void context_dropout(int type, const void* context, const float* empty, float probability, float whole_probability, const int* rows,
                     const int* random, int purpose, int row_purpose, void* y, int64_t batch, int64_t width) {
  check_all("context_dropout", probability, whole_probability, random, purpose, row_purpose, batch, width);
  check(whole_probability == 0 || empty != nullptr, "context_dropout: whole contexts are dropped, but there is no empty one");
  FIZZY_SELECT(context_dropout)(type, context, empty, probability, whole_probability, rows, random, purpose, row_purpose, y, batch, width);
}

void context_dropout_backward(int type, const void* dy, float probability, float whole_probability, const int* rows, const int* random,
                              int purpose, int row_purpose, void* dcontext, float* dempty, int64_t batch, int64_t width) {
  check_all("context_dropout_backward", probability, whole_probability, random, purpose, row_purpose, batch, width);
  FIZZY_SELECT(context_dropout_backward)(type, dy, probability, whole_probability, rows, random, purpose, row_purpose, dcontext, dempty, batch,
                                         width);
}

}  // namespace fizzy
