#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_image_to_tensor() {
  for (auto& shape : shapes())
    for (int type = 0; type < 2; type++) {
      int64_t n = shape[0];
      std::vector<uint8_t> image(n), back(n), expected_back(n);
      for (int64_t i = 0; i < n; i++) image[i] = static_cast<uint8_t>(i);
      Array y(type, n), expected(type, n), x = Array::normal(type, n, 1);
      x.set(0, NAN);
      x.set(1, 1e30f);
      x.set(2, -INFINITY);
      at_reference([&](Backend& backend) {
        backend.image_to_tensor({type, image.data(), expected.data(), n});
        backend.tensor_to_image({type, x.data(), expected_back.data(), n});
      });
      for_each_backend([&](Backend& backend, const std::string& name) {
        std::string what = name + " image_to_tensor type " + std::to_string(type) + " n " + std::to_string(n);
        backend.image_to_tensor({type, image.data(), y.data(), n});
        expect_close(y, expected, type == 0 ? 1e-7 : 8e-3, what);
        backend.tensor_to_image({type, x.data(), back.data(), n});
        expect(back == expected_back, what + " tensor_to_image");
        if (type == 1) return;  // near 1 bf16 has eight bits, one too few for the round trip
        backend.tensor_to_image({type, y.data(), back.data(), n});
        expect(back == image, what + " there and back");
      });
    }
  return result("image_to_tensor");
}
