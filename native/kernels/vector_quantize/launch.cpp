#include "common/check.h"
#include "fizzy/kernels.h"
#include "kernels/vector_quantize/vector_quantize.h"

namespace fizzy {
namespace {

QuantizeShape checked(const char* name, int type, int64_t positions, int codes, int width) {
  check((type == 0 || type == 1) && positions >= 1 && codes >= 1 && width >= 1 && width <= QUANTIZE_WIDTH_MAX, name, ": type ", type,
        ", positions ", positions, ", codes ", codes, ", width ", width, "; the width is at most ", QUANTIZE_WIDTH_MAX);
  return {positions, codes, width};
}

}  // namespace

int64_t vector_quantize_scratch(int64_t positions, int codes, int width) {
  QuantizeShape s = checked("vector_quantize", 0, positions, codes, width);
  return 8 * quantize_chunks(s) + 4 * padded_codes(s) * width;
}

void vector_quantize(int type, const void* z, const float* codebook, void* quantised, int32_t* indices, float* loss, float beta,
                     int64_t positions, int codes, int width, void* scratch) {
  QuantizeShape s = checked("vector_quantize", type, positions, codes, width);
  FIZZY_SELECT(vector_quantize)(type, z, codebook, quantised, indices, loss, beta, s, scratch);
}

void vector_quantize_backward(int type, const void* z, const float* codebook, const int32_t* indices, const void* dquantised, const float* dloss,
                              void* dz, float* dcodebook, float beta, int64_t positions, int codes, int width) {
  QuantizeShape s = checked("vector_quantize_backward", type, positions, codes, width);
  FIZZY_SELECT(vector_quantize_backward)(type, z, codebook, indices, dquantised, dloss, dz, dcodebook, beta, s);
}

}  // namespace fizzy
