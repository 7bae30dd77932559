// Floor: one read of prediction and target, backward also one write, over bandwidth.
#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/loss/loss.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

vfloat value(int kind, vfloat p, vfloat t) {
  vfloat d = p - t, margin = 1.f - p * t;
  if (kind == MSE) return d * d;
  if (kind == L1) return max(d, -d);
  if (kind == LINEAR) return -p * t;
  return margin > 0 ? margin : 0.f * margin;  // NaN at NaN
}

vfloat slope(int kind, vfloat p, vfloat t) {
  vfloat d = p - t, margin = 1.f - p * t;
  if (kind == MSE) return 2.f * d;
  if (kind == L1) return d > 0 ? splat(1) : (d < 0 ? splat(-1) : 0.f * d);  // 0 at 0, NaN at NaN
  if (kind == LINEAR) return -t;
  return margin > 0 ? -t : 0.f * margin;
}

}  // namespace

void loss(const Backend::Loss& o) {
  auto partial = static_cast<double*>(o.scratch);
  by_type(o.type, [&](auto p) {
    by_type(o.target_type, [&](auto t) {
      auto a = static_cast<const decltype(p)*>(o.prediction);
      auto b = static_cast<const decltype(t)*>(o.target);
      parallel_chunks(o.n, LOSS_CHUNK, [&](int64_t begin, int64_t end) {
        double total = 0;
        constexpr int64_t RUN = 32 * LANES;  // longest sum in f32
        for (int64_t from = begin; from < end; from += RUN) {
          int64_t to = from + RUN < end ? from + RUN : end, i = from;
          vfloat s = {};
          for (; i + LANES <= to; i += LANES) s += value(o.kind, load(a + i), load(b + i));
          if (i < to) {
            vfloat rest = value(o.kind, load_part(a + i, to - i), load_part(b + i, to - i));
            for (int64_t k = to - i; k < LANES; k++) rest[k] = 0;
            s += rest;
          }
          total += sum(s);
        }
        partial[begin / LOSS_CHUNK] = total;
      });
    });
  });
  double total = 0;
  for (int64_t k = 0; k < (o.n + LOSS_CHUNK - 1) / LOSS_CHUNK; k++) total += partial[k];
  *o.loss = total / o.n;
}

void loss_backward(const Backend::LossBackward& o) {
  float scale = static_cast<double>(*o.dloss) / o.n;
  by_type(o.type, [&](auto p) {
    by_type(o.target_type, [&](auto t) {
      auto a = static_cast<const decltype(p)*>(o.prediction);
      auto b = static_cast<const decltype(t)*>(o.target);
      auto down = static_cast<decltype(p)*>(o.dprediction);
      parallel_chunks(o.n, LOSS_CHUNK, [&](int64_t begin, int64_t end) {
        int64_t i = begin;
        for (; i + LANES <= end; i += LANES) store(down + i, slope(o.kind, load(a + i), load(b + i)) * scale);
        if (i < end) store_part(down + i, slope(o.kind, load_part(a + i, end - i), load_part(b + i, end - i)) * scale, end - i);
      });
    });
  });
}

}  // namespace fizzy::FIZZY_LEVEL
