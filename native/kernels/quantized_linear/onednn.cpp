// y = x w^T of u8 by s8, VNNI, by oneDNN's matmul. Floor: half the time of bf16, and 3 bytes for each input over bandwidth.
#include "common/onednn.h"
#include "fizzy/cpu.h"

namespace fizzy {

Primitive* quantized_linear(int m, int n, int k, bool bias, bool residual, bool packed) {
  check(m > 0 && n > 0 && k > 0, "quantized_linear: m ", m, ", n ", n, ", k ", k);
  auto primitive = std::make_unique<Primitive>();
  primitive->quantized_product(m, n, k, bias, residual, packed);
  return primitive.release();
}

}  // namespace fizzy
