#include <vector>

#include "kernels/margin_softmax/margin_softmax.h"

namespace fizzy::reference {

// The logits of row b, with the margin added to the angle itself.
static std::vector<double> logits(const Backend::MarginSoftmax& m, int64_t b) {
  std::vector<double> z(m.n);
  for (int64_t j = 0; j < m.n; j++) z[j] = static_cast<double>(m.scale) * m.cosines[b * m.n + j];
  double c = m.cosines[b * m.n + m.labels[b]], g = m.margins[2 * b], a = m.margins[2 * b + 1];
  if (g == 0) {
    z[m.labels[b]] -= m.scale * a;
    return z;
  }
  c = c > 1 - 1e-6 ? 1 - 1e-6 : c < -1 + 1e-6 ? -1 + 1e-6 : c;
  double theta = std::acos(c);
  double phi = theta + g > M_PI ? c - g * std::sin(g) : theta + g < 0 ? 1 : std::cos(theta + g);
  z[m.labels[b]] = m.scale * (phi - a);
  return z;
}

void margin_softmax(const Backend::MarginSoftmax& m) {
  double loss = 0, hits = 0;
  for (int64_t b = 0; b < m.b; b++) {
    std::vector<double> z = logits(m, b);
    double largest = z[0], sum = 0;
    for (double v : z) largest = std::fmax(largest, v);
    for (double v : z) sum += std::exp(v - largest);
    double lse = largest + std::log(sum);
    m.lse[b] = static_cast<float>(lse);
    loss += lse - z[m.labels[b]];
    bool hit = true;
    for (int64_t j = 0; j < m.n; j++) hit &= j == m.labels[b] || m.cosines[b * m.n + j] < m.cosines[b * m.n + m.labels[b]];
    hits += hit;
  }
  *m.loss = static_cast<float>(loss / m.b);
  *m.accuracy = static_cast<float>(hits / m.b);
}

void margin_softmax_backward(const Backend::MarginSoftmaxBackward& o) {
  const Backend::MarginSoftmax& m = o.forward;
  for (int64_t b = 0; b < m.b; b++) {
    std::vector<double> z = logits(m, b);
    int y = m.labels[b];
    double sum = 0, largest = z[0], c = m.cosines[b * m.n + y], g = m.margins[2 * b];
    for (double v : z) largest = std::fmax(largest, v);
    for (double v : z) sum += std::exp(v - largest);
    double theta = std::acos(c), slope = std::sin(theta + g) / std::sin(theta);
    if (theta + g > M_PI) slope = 1;
    if (theta + g < 0 || std::fabs(c) >= 1 - 1e-6) slope = 0;
    if (g == 0) slope = 1;
    for (int64_t j = 0; j < m.n; j++) {
      double p = std::exp(z[j] - largest) / sum;
      o.dcosines[b * m.n + j] = static_cast<float>(*o.dloss * m.scale / m.b * (j == y ? (p - 1) * slope : p));
    }
  }
}

}  // namespace fizzy::reference
