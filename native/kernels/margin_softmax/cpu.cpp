// Floor: forward reads the cosines, backward reads them and writes their gradient. A row's maximum and its sum take two passes; the second
// reads from the cache.
#include "common/parallel.h"
#include "common/simd.h"
#include "kernels/margin_softmax/margin_softmax.h"

namespace fizzy::FIZZY_LEVEL {
namespace {

// Calls body(begin, end) for the columns before the label and for those after it.
template <typename Body>
inline void others(int64_t n, int label, Body body) {
  body(0, label);
  body(label + 1, n);
}

float largest(const float* c, int64_t begin, int64_t end) {
  float m = -INFINITY;
  int64_t j = begin;
  if (end - begin >= LANES) {
    vfloat v = load(c + j);
    for (j += LANES; j + LANES <= end; j += LANES) v = max(load(c + j), v);
    m = max(v);
  }
  for (; j < end; j++) m = c[j] > m ? c[j] : m;
  return m;
}

// Sum of exp(s c - shift): in f32 over pieces of 2048 columns, whose sums are added in double.
double exponentials(const float* c, int64_t begin, int64_t end, float s, float shift) {
  double total = 0;
  for (int64_t j = begin; j < end;) {
    int64_t stop = j + 2048 < end ? j + 2048 : end;
    vfloat sums = {};
    for (; j + LANES <= stop; j += LANES) sums += exp(fma(load(c + j), splat(s), splat(-shift)));
    if (j < stop) {
      float part[LANES];
      store(part, exp(fma(load_part(c + j, static_cast<int>(stop - j)), splat(s), splat(-shift))));
      for (int l = 0; l < stop - j; l++) total += part[l];
      j = stop;
    }
    total += sum(sums);
  }
  return total;
}

}  // namespace

void margin_softmax(const Backend::MarginSoftmax& m) {
  double *losses = static_cast<double*>(m.scratch), *hits = losses + m.b, loss = 0, accuracy = 0;
  parallel_for(m.b, [&](int64_t b) {
    const float* c = m.cosines + b * m.n;
    int y = m.labels[b];
    double z = m.scale * Margined(c[y], m.margins[2 * b], m.margins[2 * b + 1]).value;
    float rival = -INFINITY;
    others(m.n, y, [&](int64_t begin, int64_t end) {
      float v = largest(c, begin, end);
      rival = v > rival ? v : rival;
    });
    double shift = std::fmax(z, static_cast<double>(m.scale) * rival);
    float rounded = static_cast<float>(shift);
    double sum = std::exp(z - rounded);
    others(m.n, y, [&](int64_t begin, int64_t end) { sum += exponentials(c, begin, end, m.scale, rounded); });
    double lse = rounded + std::log(sum);
    m.lse[b] = static_cast<float>(lse);
    losses[b] = lse - z;
    hits[b] = c[y] > rival;
  });
  for (int64_t b = 0; b < m.b; b++) loss += losses[b], accuracy += hits[b];
  *m.loss = static_cast<float>(loss / m.b);
  *m.accuracy = static_cast<float>(accuracy / m.b);
}

void margin_softmax_backward(const Backend::MarginSoftmaxBackward& o) {
  const Backend::MarginSoftmax& m = o.forward;
  float factor = *o.dloss * m.scale / static_cast<float>(m.b);
  parallel_for(m.b, [&](int64_t b) {
    const float* c = m.cosines + b * m.n;
    float* d = o.dcosines + b * m.n;
    int y = m.labels[b];
    Margined at(c[y], m.margins[2 * b], m.margins[2 * b + 1]);
    vfloat s = splat(m.scale), shift = splat(-m.lse[b]), f = splat(factor);
    int64_t j = 0;
    for (; j + LANES <= m.n; j += LANES) store(d + j, f * exp(fma(load(c + j), s, shift)));
    if (int rest = static_cast<int>(m.n - j); rest > 0) store_part(d + j, f * exp(fma(load_part(c + j, rest), s, shift)), rest);
    double p = std::exp(m.scale * at.value - m.lse[b]);
    d[y] = static_cast<float>(factor * (p - 1) * at.derivative);
  });
}

}  // namespace fizzy::FIZZY_LEVEL
