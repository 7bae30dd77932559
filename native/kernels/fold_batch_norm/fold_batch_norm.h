// With fixed statistics a batch norm is affine: gamma (x - mean) / sqrt(variance + eps) + beta = a x + b. A norm before a layer scales the
// layer's columns by a and adds w b to its bias; a norm after it scales the layer's rows and bias. All in double: it runs once per model.
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::FoldBatchNorm& o) {
  check(o.n > 0 && o.c > 0 && o.s > 0, "fold_batch_norm: weights [", o.n, ",", o.c, ",", o.s, "]");
}

template <typename Mark>
void outputs(const Backend::FoldBatchNorm& o, Mark mark) {
  mark(o.weights, o.n * o.c * o.s);
  mark(o.shift, o.n);
}

}  // namespace fizzy
