// The launchers of fizzy/cuda.h, carried out by the emulator, under the names of fizzy/kernels.h: so that each kernel's own test, with
// its shapes, references and tolerances, is the test of its CUDA kernel too. Results and scratch are marked as never written before each
// launch. At the level `reference` the reference runs.
#include <vector>

#include "fizzy/cuda.h"
#include "fizzy/kernels.h"
#include "kernels/activation/activation.h"
#include "kernels/adam/adam.h"
#include "kernels/add/add.h"
#include "kernels/attention/attention.h"
#include "kernels/broadcast/broadcast.h"
#include "kernels/cast/cast.h"
#include "kernels/column_sum/column_sum.h"
#include "kernels/context_dropout/context_dropout.h"
#include "kernels/group_norm/group_norm.h"
#include "kernels/image_to_tensor/image_to_tensor.h"
#include "kernels/loss/loss.h"
#include "kernels/max_pool/max_pool.h"
#include "kernels/noise/noise.h"
#include "kernels/philox/philox.h"
#include "kernels/q_sample/q_sample.h"
#include "kernels/sampler_step/sampler_step.h"
#include "kernels/softmax/softmax.h"
#include "kernels/timestep_embedding/timestep_embedding.h"
#include "kernels/upsample/upsample.h"
#include "kernels/vector_quantize/vector_quantize.h"
#include "simt/memory.h"

namespace fizzy {
namespace {

constexpr int REFERENCE_LEVEL = 0, CUDA_LEVEL = 1;
int level_in_force = CUDA_LEVEL;
bool at_reference() { return level_in_force == REFERENCE_LEVEL; }

void fresh(void* memory, int64_t elements, int type = 0) { simt::uninitialised(memory, elements * (type == 0 ? 4 : 2)); }

}  // namespace

int cpu_level() { return level_in_force; }
int cpu_level_available() { return CUDA_LEVEL; }
void set_cpu_level(int level) { level_in_force = level; }
const char* cpu_level_name(int level) { return level == REFERENCE_LEVEL ? "reference" : "cuda"; }
int threads() { return 1; }
void set_threads(int) {}

void add(int type, const void* a, const void* b, void* y, int64_t n) {
  if (at_reference()) return reference::add(type, a, b, y, n);
  fresh(y, n, type);
  cuda::add(type, a, b, y, n, nullptr);
}

void fill_value(float* y, float value, int64_t n) {
  fresh(y, n);
  cuda::fill_value(y, value, n, nullptr);
}

void activation(int type, int kind, const void* x, void* y, int64_t n) {
  if (at_reference()) return reference::activation(type, kind, x, y, n);
  fresh(y, n, type);
  cuda::activation(type, kind, x, y, n, nullptr);
}

void activation_backward(int type, int kind, const void* x, const void* dy, void* dx, int64_t n) {
  if (at_reference()) return reference::activation_backward(type, kind, x, dy, dx, n);
  fresh(dx, n, type);
  cuda::activation_backward(type, kind, x, dy, dx, n, nullptr);
}

void cast(int from, int to, const void* x, void* y, int64_t n) {
  if (at_reference()) return reference::cast(from, to, x, y, n);
  fresh(y, n, to);
  cuda::cast(from, to, x, y, n, nullptr);
}

void broadcast(int type, const float* x, void* y, int rows, int columns) {
  if (at_reference()) return reference::broadcast(type, x, y, rows, columns);
  fresh(y, int64_t{rows} * columns, type);
  cuda::broadcast(type, x, y, rows, columns, nullptr);
}

size_t column_sum_scratch(int64_t rows, int64_t columns) { return cuda::column_sum_scratch(rows, columns); }

void column_sum(int type, const void* x, float* y, void* scratch, int64_t rows, int64_t columns) {
  if (at_reference()) return reference::column_sum(type, x, y, nullptr, rows, columns);
  fresh(y, columns);
  simt::uninitialised(scratch, column_sum_scratch(rows, columns));
  cuda::column_sum(type, x, y, scratch, rows, columns, nullptr);
}

void timestep_embedding(int type, const float* t, void* y, int batch, int width) {
  if (at_reference()) return reference::timestep_embedding(type, t, y, batch, width);
  fresh(y, int64_t{batch} * width, type);
  cuda::timestep_embedding(type, t, y, batch, width, nullptr);
}

int64_t vector_quantize_scratch(int64_t positions, int codes, int width) { return cuda::vector_quantize_scratch(positions, codes, width); }

void vector_quantize(int type, const void* z, const float* codebook, void* quantised, int32_t* indices, float* loss, float beta,
                     int64_t positions, int codes, int width, void* scratch) {
  if (at_reference())
    return reference::vector_quantize(type, z, codebook, quantised, indices, loss, beta, QuantizeShape{positions, codes, width}, scratch);
  fresh(quantised, positions * width, type);
  fresh(indices, positions);
  simt::uninitialised(scratch, vector_quantize_scratch(positions, codes, width));
  cuda::vector_quantize(type, z, codebook, quantised, indices, loss, beta, positions, codes, width, scratch, nullptr);
}

void vector_quantize_backward(int type, const void* z, const float* codebook, const int32_t* indices, const void* dquantised, const float* dloss,
                              void* dz, float* dcodebook, float beta, int64_t positions, int codes, int width) {
  if (at_reference())
    return reference::vector_quantize_backward(type, z, codebook, indices, dquantised, dloss, dz, dcodebook, beta,
                                               QuantizeShape{positions, codes, width});
  fresh(dz, positions * width, type);
  fresh(dcodebook, int64_t{codes} * width);
  cuda::vector_quantize_backward(type, z, codebook, indices, dquantised, dloss, dz, dcodebook, beta, positions, codes, width, nullptr);
}

void philox(const int* key, const int* counters, int* words, int64_t n) {
  if (at_reference()) return reference::philox(key, counters, words, n);
  fresh(words, 4 * n);
  cuda::philox(key, counters, words, n, nullptr);
}

void noise(const int* rows, const int* random, int purpose, float* y, int64_t batch, int64_t n) {
  check_random("noise", purpose, random[2], batch, n);  // on a GPU the step lies in device memory and nobody can refuse it
  if (at_reference()) return reference::noise(rows, random, purpose, y, batch, n);
  fresh(y, batch * n);
  cuda::noise(rows, random, purpose, y, batch, n, nullptr);
}

void q_sample(int type, int velocity, const float* x0, const float* alpha, const float* sigma, const int* rows, const int* random, int purpose,
              void* xt, float* target, int64_t batch, int64_t n) {
  if (at_reference()) return reference::q_sample(type, velocity, x0, alpha, sigma, rows, random, purpose, xt, target, batch, n);
  fresh(xt, batch * n, type);
  fresh(target, batch * n);
  cuda::q_sample(type, velocity, x0, alpha, sigma, rows, random, purpose, xt, target, batch, n, nullptr);
}

void context_dropout(int type, const void* context, const float* empty, float probability, float whole_probability, const int* rows,
                     const int* random, int purpose, int row_purpose, void* y, int64_t batch, int64_t width) {
  if (at_reference())
    return reference::context_dropout(type, context, empty, probability, whole_probability, rows, random, purpose, row_purpose, y, batch, width);
  fresh(y, batch * width, type);
  cuda::context_dropout(type, context, empty, probability, whole_probability, rows, random, purpose, row_purpose, y, batch, width, nullptr);
}

void context_dropout_backward(int type, const void* dy, float probability, float whole_probability, const int* rows, const int* random,
                              int purpose, int row_purpose, void* dcontext, float* dempty, int64_t batch, int64_t width) {
  if (at_reference())
    return reference::context_dropout_backward(type, dy, probability, whole_probability, rows, random, purpose, row_purpose, dcontext, dempty,
                                               batch, width);
  fresh(dcontext, batch * width, type);
  fresh(dempty, width);
  cuda::context_dropout_backward(type, dy, probability, whole_probability, rows, random, purpose, row_purpose, dcontext, dempty, batch, width,
                                 nullptr);
}

void sampler_step(int type, int guided, float* x, const void* prediction, float* history, int past, const float* coefficients, const int* step,
                  int steps, const int* rows, const int* random, int purpose, int64_t batch, int64_t n) {
  if (*step < 0 || *step >= steps) {  // the device can only write NaN; the test wants the CPU's refusal
    cuda::sampler_step(type, guided, x, prediction, history, past, coefficients, step, steps, rows, random, purpose, batch, n, nullptr);
    check(x[0] == x[0], "sampler_step: step ", *step, " must be in 0..", steps - 1);
  }
  if (at_reference()) return reference::sampler_step(type, guided, x, prediction, history, past, coefficients, *step, rows, random, purpose, batch, n);
  for (int j = 1; j <= past; j++)  // what has no factor must not be read
    if (step_coefficients(coefficients, *step).c[j - 1] == 0) fresh(history + history_slot(*step, j, past) * batch * n, batch * n);
  cuda::sampler_step(type, guided, x, prediction, history, past, coefficients, step, steps, rows, random, purpose, batch, n, nullptr);
}

int64_t adam_scratch_bytes() { return cuda::adam_scratch_bytes(); }

void adam(const float* settings, float* values, const float* gradients, float* first_moment, float* second_moment, float* average, float* norm,
          void* scratch, int64_t n) {
  if (at_reference()) {
    AdamSettings s = adam_settings(settings);
    reference::gradient_norm(gradients, norm, nullptr, n);
    return reference::adam(s, adam_clip(*norm, s.max_norm), values, gradients, first_moment, second_moment, average, n);
  }
  fresh(norm, 1);
  simt::uninitialised(scratch, adam_scratch_bytes());
  cuda::adam(settings, values, gradients, first_moment, second_moment, average, norm, scratch, n, nullptr);
}

void softmax(int type, const void* x, void* y, int64_t rows, int columns) {
  if (at_reference()) return reference::softmax(type, x, y, rows, columns);
  fresh(y, rows * columns, type);
  cuda::softmax(type, x, y, rows, columns, nullptr);
}

void softmax_backward(int type, const void* y, const void* dy, void* dx, int64_t rows, int columns) {
  if (at_reference()) return reference::softmax_backward(type, y, dy, dx, rows, columns);
  fresh(dx, rows * columns, type);
  cuda::softmax_backward(type, y, dy, dx, rows, columns, nullptr);
}

void concat(int type, const void* a, const void* b, void* y, int64_t rows, int a_columns, int b_columns) {
  fresh(y, rows * (a_columns + b_columns), type);
  cuda::concat(type, a, b, y, rows, a_columns, b_columns, nullptr);
}

void split(int type, const void* x, void* a, void* b, int64_t rows, int a_columns, int b_columns) {
  if (a) fresh(a, rows * a_columns, type);
  if (b) fresh(b, rows * b_columns, type);
  cuda::split(type, x, a, b, rows, a_columns, b_columns, nullptr);
}

void upsample(int type, const void* x, void* y, int b, int h, int w, int c) {
  if (at_reference()) return reference::upsample(type, x, y, b, h, w, c);
  fresh(y, int64_t{4} * b * h * w * c, type);
  cuda::upsample(type, x, y, b, h, w, c, nullptr);
}

void upsample_backward(int type, const void* dy, void* dx, int b, int h, int w, int c) {
  if (at_reference()) return reference::upsample_backward(type, dy, dx, b, h, w, c);
  fresh(dx, int64_t{b} * h * w * c, type);
  cuda::upsample_backward(type, dy, dx, b, h, w, c, nullptr);
}

void max_pool(int type, const void* x, void* y, int b, int h, int w, int c, int k, int stride, int ceil) {
  if (at_reference()) return reference::max_pool(type, x, y, b, h, w, c, k, stride, ceil);
  if (k > 0 && h >= k && w >= k && stride > 0)
    fresh(y, int64_t{b} * max_pool_extent(h, k, stride, ceil) * max_pool_extent(w, k, stride, ceil) * c, type);
  cuda::max_pool(type, x, y, b, h, w, c, k, stride, ceil, nullptr);
}

void transpose(int type, const void* x, void* y, int b, int r, int c) {
  fresh(y, int64_t{b} * r * c, type);
  cuda::transpose(type, x, y, b, r, c, nullptr);
}

void duplicate(const void* x, void* y, int64_t bytes) {
  simt::uninitialised(y, 2 * bytes);
  cuda::duplicate(x, y, bytes, nullptr);
}

int64_t loss_scratch(int64_t n) { return cuda::loss_scratch(n); }

void loss(int type, int target_type, int kind, const void* prediction, const void* target, float* loss, int64_t n, void* scratch) {
  if (at_reference()) return reference::loss(type, target_type, kind, prediction, target, loss, n, scratch);
  fresh(loss, 1);
  simt::uninitialised(scratch, loss_scratch(n));
  cuda::loss(type, target_type, kind, prediction, target, loss, n, scratch, nullptr);
}

void loss_backward(int type, int target_type, int kind, const void* prediction, const void* target, const float* dloss, void* dprediction,
                   int64_t n) {
  if (at_reference()) return reference::loss_backward(type, target_type, kind, prediction, target, dloss, dprediction, n);
  fresh(dprediction, n, type);
  cuda::loss_backward(type, target_type, kind, prediction, target, dloss, dprediction, n, nullptr);
}

void weighted_sum(const float* const* scalars, const float* weights, float* y, int count) {
  fresh(y, 1);
  cuda::weighted_sum(scalars, weights, y, count, nullptr);
}

void image_to_tensor(int type, const void* image, void* y, int64_t n) {
  if (at_reference()) return reference::image_to_tensor(type, image, y, n);
  fresh(y, n, type);
  cuda::image_to_tensor(type, image, y, n, nullptr);
}

void tensor_to_image(int type, const void* x, void* image, int64_t n) {
  if (at_reference()) return reference::tensor_to_image(type, x, image, n);
  simt::uninitialised(image, n);
  cuda::tensor_to_image(type, x, image, n, nullptr);
}

int64_t group_norm_scratch(int b, int p, int c) { return cuda::group_norm_scratch(b, p, c); }

void group_norm(int type, const void* x, const float* gamma, const float* beta, const void* scale, const void* shift, int scale_rows, void* y,
                float* mean, float* rstd, int b, int p, int c, int g, float eps, int silu, void* scratch) {
  GroupNorm n{type, x, gamma, beta, scale, shift, scale_rows, mean, rstd, b, p, c, g, eps, silu != 0, scratch};
  if (at_reference()) return reference::group_norm(n, y);
  fresh(y, int64_t{b} * p * c, type);
  fresh(mean, int64_t{b} * g);
  fresh(rstd, int64_t{b} * g);
  simt::uninitialised(scratch, group_norm_scratch(b, p, c));
  cuda::group_norm(type, x, gamma, beta, scale, shift, scale_rows, y, mean, rstd, b, p, c, g, eps, silu, scratch, nullptr);
}

void group_norm_backward(int type, const void* x, const float* gamma, const float* beta, const void* scale, const void* shift, int scale_rows,
                         float* mean, float* rstd, const void* dy, void* dx, float* dgamma, float* dbeta, void* dscale, void* dshift, int b,
                         int p, int c, int g, int silu, void* scratch) {
  GroupNorm n{type, x, gamma, beta, scale, shift, scale_rows, mean, rstd, b, p, c, g, 0, silu != 0, scratch};
  if (at_reference()) return reference::group_norm_backward(n, dy, dx, dgamma, dbeta, dscale, dshift);
  fresh(dx, int64_t{b} * p * c, type);
  fresh(dgamma, c);
  fresh(dbeta, c);
  fresh(dscale, int64_t{scale_rows} * c, type);
  fresh(dshift, int64_t{scale_rows} * c, type);
  simt::uninitialised(scratch, group_norm_scratch(b, p, c));
  cuda::group_norm_backward(type, x, gamma, beta, scale, shift, scale_rows, mean, rstd, dy, dx, dgamma, dbeta, dscale, dshift, b, p, c, g, silu,
                            scratch, nullptr);
}

// Scratch on the GPU is for the whole batch, which this signature does not know: the test's calls get theirs here.
int64_t attention_scratch(int, int, int, int, int) { return 16; }
int64_t attention_backward_scratch(int, int, int, int, int) { return 16; }

void attention(int type, const void* q, const void* kv, void* y, float* lse, int batch, int queries, int keys, int heads, int width,
               void* scratch, int slots) {
  if (at_reference())
    return reference::attention(type, q, kv, y, lse, AttentionShape{batch, queries, keys, heads, width}, static_cast<float*>(scratch), slots);
  fresh(y, int64_t{batch} * queries * heads * width, type);
  fresh(lse, int64_t{batch} * queries * heads);
  cuda::attention(type, q, kv, y, lse, batch, queries, keys, heads, width, nullptr, nullptr);
}

void attention_backward(int type, const void* q, const void* kv, const void* y, const float* lse, const void* dy, void* dq, void* dkv, int batch,
                        int queries, int keys, int heads, int width, void* scratch, int slots) {
  if (at_reference())
    return reference::attention_backward(type, q, kv, y, lse, dy, dq, dkv, AttentionShape{batch, queries, keys, heads, width},
                                         static_cast<float*>(scratch), slots);
  std::vector<char> own(cuda::attention_backward_scratch(batch, queries, keys, heads, width));
  simt::uninitialised(own.data(), own.size());
  fresh(dq, int64_t{batch} * queries * heads * width * (kv ? 1 : 3), type);
  if (kv) fresh(dkv, int64_t{batch} * keys * heads * width * 2, type);
  cuda::attention_backward(type, q, kv, y, lse, dy, dq, dkv, batch, queries, keys, heads, width, own.data(), nullptr);
}

}  // namespace fizzy
