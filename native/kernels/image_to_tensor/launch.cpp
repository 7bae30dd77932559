#include "common/check.h"
#include "fizzy/kernels.h"
#include "kernels/image_to_tensor/image_to_tensor.h"

namespace fizzy {

void image_to_tensor(int type, const void* image, void* y, int64_t n) {
  check(n >= 0, "image_to_tensor: n ", n);
  FIZZY_SELECT(image_to_tensor)(type, image, y, n);
}

void tensor_to_image(int type, const void* x, void* image, int64_t n) {
  check(n >= 0, "tensor_to_image: n ", n);
  FIZZY_SELECT(tensor_to_image)(type, x, image, n);
}

}  // namespace fizzy
