#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

int test_timestep_embedding() {
  for (auto& shape : shapes())
    for (int type = 0; type < 2; type++) {
      int batch = shape[0], width = shape[1];
      Array t(0, batch), y(type, size_t(batch) * width), expected(type, y.size());
      for (int b = 0; b < batch; b++) t.set(b, b == 0 ? 0 : 999.f * b / batch);
      at_reference([&](Backend& backend) { backend.timestep_embedding({type, t.f.data(), expected.data(), batch, width}); });
      for (int i = 0; i < width; i++) expect(expected.get(i) == (i < width / 2 ? 1 : 0), "timestep_embedding of 0: cosines 1, sines 0");
      for_each_backend([&](Backend& backend, const std::string& name) {
        backend.timestep_embedding({type, t.f.data(), y.data(), batch, width});
        // Both compute in double and round once.
        expect_close(y, expected, type == 0 ? 1e-7 : 4e-3,
                     name + " timestep_embedding type " + std::to_string(type) + " width " + std::to_string(width));
      });
    }
  return result("timestep_embedding");
}
