// Runs attention or group norm at small shapes and compares with the reference, for kernels with a deliberate fault (faults.cmake): shows
// that the emulator's checks find it. The argument is a part of the message that must result, or "clean" for a kernel without fault.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "common/random.cuh"
#include "simt/memory.h"

extern "C" void fizzy_simt_lane_order(int order);

#ifdef FAULT_ATTENTION
#include "kernels/attention/attention.h"
#include "kernels/attention/tensor.cuh"
#else
#include "kernels/group_norm/cuda.cu"
#include "kernels/group_norm/group_norm.h"
#endif

namespace fizzy::reference {
void attention(const Backend::Attention& o);
void group_norm(const Backend::GroupNorm& o);
void group_norm_backward(const Backend::GroupNormBackward& o);
}  // namespace fizzy::reference

namespace {

// Reproducible numbers in [-1, 1).
std::vector<fizzy::bf16> numbers(size_t n, unsigned seed) {
  std::vector<fizzy::bf16> v(n);
  for (auto& x : v) {
    seed = seed * 1664525u + 1013904223u;
    x = fizzy::from_float<fizzy::bf16>(static_cast<float>(seed >> 8) * 0x1p-23f - 1);
  }
  return v;
}

std::string compare(const std::vector<fizzy::bf16>& got, const std::vector<fizzy::bf16>& expected) {
  for (size_t i = 0; i < got.size(); i++) {
    float a = fizzy::to_float(got[i]), b = fizzy::to_float(expected[i]);
    if (!(std::fabs(a - b) <= .02f)) return "wrong result at " + std::to_string(i) + ": " + std::to_string(a) + " for " + std::to_string(b);
  }
  return "clean";
}

#ifdef FAULT_ATTENTION
// 150 tokens: three tiles of keys, the last not full; three blocks of queries, the last not full.
std::string run() {
  using namespace fizzy;
  constexpr int T = 150, D = 32;
  auto qkv = numbers(T * 3 * D, 1);
  std::vector<bf16> y(T * D), expected(T * D);
  std::vector<float> lse(T), expected_lse(T);
  reference::attention({1, 1, T, T, 1, D, qkv.data(), nullptr, expected.data(), expected_lse.data(), 1, nullptr});
  simt::uninitialized(y.data(), y.size() * 2);
  cuda::AttentionSize s{1, T, T, 1, D, 1 / std::sqrt(32.f)};
  cuda::AttentionOperands<const bf16> in(qkv.data(), nullptr, s);
  cuda::Rows<bf16> out{y.data(), D, T};
  cuda::launch("attention", cuda::attention_kernel<D, 4, cuda::FORWARD_TILE>, dim3((T + 63) / 64), 128,
               cuda::forward_shared<D, 4, cuda::FORWARD_TILE>(), nullptr, in.q, in.k, in.v, out, lse.data(), s);
  return compare(y, expected);
}
#else
#ifdef FAULT_CLUSTER
constexpr int B = 1, P = 700, C = 64, G = 1;  // a cluster of two blocks
#else
constexpr int B = 2, P = 20, C = 48, G = 16;
#endif

// Some images, forward and backward.
std::string run() {
  using namespace fizzy;
  auto x = numbers(B * P * C, 1), dy = numbers(B * P * C, 2);
  std::vector<bf16> y(x.size()), dx(x.size()), expected(x.size()), expected_dx(x.size());
  std::vector<float> gamma(C, 1.f), beta(C, .5f), mean(B * G), rstd(B * G), dgamma(C), dbeta(C);
  Backend::GroupNorm n{1, x.data(), gamma.data(), beta.data(), nullptr, nullptr, 0, nullptr, expected.data(), mean.data(), rstd.data(), B, P,
                       C, G,        1e-5f,        true,        nullptr};
  reference::group_norm(n);
  reference::group_norm_backward({n, dy.data(), expected_dx.data(), dgamma.data(), dbeta.data(), nullptr, nullptr});
  std::vector<char> scratch(cuda::scratch_bytes(n));
  n.y = y.data();
  n.scratch = scratch.data();
  simt::uninitialized(y.data(), y.size() * 2);
  simt::uninitialized(scratch.data(), scratch.size());
  cuda::group_norm(n, nullptr);
  cuda::group_norm_backward({n, dy.data(), dx.data(), dgamma.data(), dbeta.data(), nullptr, nullptr}, nullptr);
  std::string forward = compare(y, expected);
  return forward == "clean" ? compare(dx, expected_dx) : forward;
}
#endif

}  // namespace

int main(int, char** arguments) {
  int missed = 0;
  for (int order : {0, 1, 7}) {  // a check must work in every order
    fizzy_simt_lane_order(order);
    std::string outcome;
    try {
      outcome = run();
    } catch (const std::exception& e) {
      outcome = e.what();
    }
    bool found = outcome.find(arguments[1]) != std::string::npos;
    std::printf("%s order %d: %s\n", found ? "as expected," : "FAILED,", order, outcome.c_str());
    missed += !found;
  }
  return missed;
}
