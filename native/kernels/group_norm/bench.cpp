// GB/s of group_norm, compared with a copy measured in the same run. Bytes counted are those of the floor: forward reads x and writes y,
// backward reads x and dy and writes dx.
//   bench_group_norm [images pixels channels groups]
#include <cstdlib>

#include "common/parallel.h"
#include "common/testing.h"
#include "common/timing.h"

using namespace fizzy;
using namespace fizzy::testing;

namespace {

struct Buffer {
  void* data;
  explicit Buffer(size_t bytes) : data(memory_allocate(bytes)) { std::memset(data, 0, bytes); }
  ~Buffer() { memory_free(data); }
};

}  // namespace

int main(int count, char** words) {
  int b = 8, p = 64 * 64, c = 128, g = 32;
  if (count == 5) b = std::atoi(words[1]), p = std::atoi(words[2]), c = std::atoi(words[3]), g = std::atoi(words[4]);
  size_t elements = size_t(b) * p * c;
  constexpr size_t COPIED = size_t{256} << 20;  // larger than any cache
  Buffer from(COPIED), to(COPIED);
  double copy = 2 * COPIED / fastest(1, [&] {
    parallel_chunks(COPIED, 1 << 16, [&](int64_t begin, int64_t end) {
      std::memcpy(static_cast<char*>(to.data) + begin, static_cast<char*>(from.data) + begin, end - begin);
    });
  });
  std::printf("%s, %d threads, copy of %zu MiB: %.1f GB/s\n", cpu_level_name(cpu_level()), threads(), COPIED >> 20, copy / 1e9);
  for (int type = 0; type < 2; type++)
    for (bool silu : {false, true}) {
      size_t bytes = elements * (type == 0 ? 4 : 2);
      Array x0 = Array::normal(type, elements, 1), dy0 = Array::normal(type, elements, 2), gamma = Array::normal(0, c, 3),
            beta = Array::normal(0, c, 4);
      Array mean(0, b * g), rstd(0, b * g), dgamma(0, c), dbeta(0, c);
      Buffer x(bytes), dy(bytes), y(bytes), dx(bytes);
      std::memcpy(x.data, x0.data(), bytes);
      std::memcpy(dy.data, dy0.data(), bytes);
      Backend::GroupNorm n{type, x.data, gamma.f.data(), beta.f.data(), nullptr, nullptr, 0, y.data, mean.f.data(), rstd.f.data(), b, p,
                           c,    g,      1e-5f,          silu,          nullptr};
      Buffer scratch(cpu().scratch_bytes(n));
      n.scratch = scratch.data;
      Backend::GroupNormBackward back{n, dy.data, dx.data, dgamma.f.data(), dbeta.f.data(), nullptr, nullptr};
      double forward = fastest(1, [&] { cpu().group_norm(n); });
      double backward = fastest(1, [&] { cpu().group_norm_backward(back); });
      auto line = [&](const char* what, double s, int times) {
        double rate = times * bytes / s;
        std::printf("%-8s %s silu %d [%d,%d,%d] groups %d: %.3f ms, %.1f GB/s, %.0f %% of copy\n", what, type == 0 ? "f32 " : "bf16", silu, b, p,
                    c, g, s * 1e3, rate / 1e9, 100 * rate / copy);
      };
      line("forward", forward, 2);
      line("backward", backward, 3);
    }
  return 0;
}
