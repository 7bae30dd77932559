// The operations of our networks and the kernels that each one launches.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace report {

struct Launch {
  std::string kernel;  // its mangled name
  unsigned long long blocks;
  int threads;               // of a block
  std::size_t shared_bytes;  // dynamic shared memory of a block
};

struct Operation {
  std::string name, shape;
  double bytes, flops;  // what must move and be computed at least, by all launches together
  char unit;            // 't': tensor cores compute it; ' ': they do not
  std::vector<Launch> launches;
  int64_t largest = 0;  // elements of its largest tensor
};

// At the shapes of the published U-Net in bf16 (latents of 32x32) and its decoder, of iResNet-50 (a head of 10,000 people) and of MTCNN's
// first network. No kernel runs. Throws where a launch exceeds the limits of a grid.
std::vector<Operation> operations(int images = 16, int faces = 128);

}  // namespace report
