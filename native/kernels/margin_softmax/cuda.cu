// Softmax over scaled cosines with a margin at the label (margin_softmax.h), one block per row; the label's terms are computed in double. A
// label outside 0..N-1 makes the loss NaN, since a kernel cannot throw. Floor: the cosines read, backward also their gradient written.
#include "common/random.cuh"

namespace fizzy::cuda {
namespace {

// The label's cosine with its margin, and the derivative; as Margined in margin_softmax.h.
__device__ void margined(double cosine, double g, double a, double& value, double& derivative) {
  if (g == 0) {
    value = cosine - a;
    derivative = 1;
    return;
  }
  constexpr double END = 1 - 1e-6;
  bool clamped = !(fabs(cosine) < END);
  double c = clamped ? copysign(END, cosine) : cosine, square = (1 - c) * (1 + c), sine = sqrt(square);
  if (cosine != cosine) c = cosine;
  if (g > 0 && c < -cos(g)) {
    value = c - g * sin(g) - a;
    derivative = 1;
  } else if (g < 0 && c > cos(g)) {
    value = 1 - a;
    derivative = 0;
  } else {
    value = c * cos(g) - sine * sin(g) - a;
    derivative = cos(g) + sin(g) * c * rsqrt(square);
  }
  if (clamped) derivative = 0;
}

__global__ void __launch_bounds__(BLOCK) margin_softmax_kernel(Backend::MarginSoftmax o, double* row_loss, double* row_hit) {
  __shared__ float part[32];
  __shared__ double sums[32];
  int64_t b = blockIdx.x;
  const float* c = o.cosines + b * o.n;
  int label = o.labels[b];
  if (label < 0 || label >= o.n) {
    if (threadIdx.x == 0) o.lse[b] = __uint_as_float(0x7fc00000u), row_loss[b] = o.lse[b], row_hit[b] = 0;
    return;
  }
  double value, derivative;
  margined(c[label], o.margins[2 * b], o.margins[2 * b + 1], value, derivative);
  double z = o.scale * value;
  float rival = -INFINITY;
  for (int64_t j = threadIdx.x; j < o.n; j += BLOCK)
    if (j != label) rival = fmaxf(rival, c[j]);
  rival = block_max(rival, part);
  float shift = static_cast<float>(fmax(z, double{o.scale} * rival));
  double sum = 0;
  for (int64_t j = threadIdx.x; j < o.n; j += BLOCK)
    if (j != label) sum += expf(fmaf(c[j], o.scale, -shift));
  sum = block_sum(sum, sums) + exp(z - shift);
  if (threadIdx.x != 0) return;
  double all = shift + log(sum);
  o.lse[b] = static_cast<float>(all);
  row_loss[b] = all - z;
  row_hit[b] = c[label] > rival;
}

__global__ void __launch_bounds__(BLOCK)
    margin_mean_kernel(const double* row_loss, const double* row_hit, float* loss, float* accuracy, int64_t b, double one_over_b) {
  __shared__ double part[32];
  double sum = 0, hit = 0;
  for (int64_t i = threadIdx.x; i < b; i += BLOCK) sum += row_loss[i], hit += row_hit[i];
  sum = block_sum(sum, part);
  hit = block_sum(hit, part);
  if (threadIdx.x == 0) *loss = static_cast<float>(sum * one_over_b), *accuracy = static_cast<float>(hit * one_over_b);
}

struct MarginGradient {
  Backend::MarginSoftmaxBackward o;
  __device__ void operator()(int64_t b, int64_t i, int count, bool whole) const {
    const Backend::MarginSoftmax& m = o.forward;
    float factor = *o.dloss * m.scale / static_cast<float>(m.b), low = m.lse[b];
    Floats<4> c = load_quad(m.cosines + b * m.n + i, count, whole);
    int64_t label = m.labels[b] - i;
#pragma unroll
    for (int k = 0; k < 4; k++) {
      if (k == label) {
        double value, derivative;
        margined(c[k], m.margins[2 * b], m.margins[2 * b + 1], value, derivative);
        c[k] = static_cast<float>(factor * (exp(m.scale * value - low) - 1) * derivative);
      } else {
        c[k] = factor * expf(fmaf(c[k], m.scale, -low));
      }
    }
    store_quad(o.dcosines + b * m.n + i, c, count, whole);
  }
};

}  // namespace

int64_t scratch_bytes(const Backend::MarginSoftmax& m) { return 2 * m.b * int64_t{sizeof(double)}; }

void margin_softmax(const Backend::MarginSoftmax& m, void* stream) {
  check_aligned("margin_softmax", m.scratch);
  double *losses = static_cast<double*>(m.scratch), *hits = losses + m.b;
  launch("margin_softmax", margin_softmax_kernel, dim3(blocks(m.b, 1)), BLOCK, 0, stream, m, losses, hits);
  launch("margin_softmax", margin_mean_kernel, dim3(1), BLOCK, 0, stream, losses, hits, m.loss, m.accuracy, m.b, 1. / m.b);
}

void margin_softmax_backward(const Backend::MarginSoftmaxBackward& o, void* stream) {
  const Backend::MarginSoftmax& m = o.forward;
  check_aligned("margin_softmax_backward", m.cosines, o.dcosines);
  over_rows("margin_softmax_backward", MarginGradient{o}, m.b, m.n, stream);
}

}  // namespace fizzy::cuda
