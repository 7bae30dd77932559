// A batch norm is affine once its statistics are fixed: gamma (x - mean) / sqrt(variance + eps) + beta = a x + b. One before a layer
// scales the layer's columns by a and adds w b to its bias, one after it scales its rows and its bias. All in double: it runs once a model.
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
