#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

constexpr int STEPS = 3;
// kx, kp, (cx, c0 to c3, cn,) w, (clamp): v-prediction in mid-process, noise-prediction, and a weight below 1, which is not projected.
static const float COEFFICIENTS[STEPS][10] = {
    {.8f, -.6f, 9, 9, 9, 9, 9, 9, 3.f, 9}, {1.3f, -.9f, 9, 9, 9, 9, 9, 9, 7.f, 9}, {.8f, -.6f, 9, 9, 9, 9, 9, 9, .5f, 9}};

int test_projected_guidance() {
  for (auto& shape : shapes())
    for (int type = 0; type < 2; type++)
      for (int step = 0; step < STEPS; step++)
        for (float parallel : {0.f, .4f}) {
          int batch = shape[0], n = shape[1];
          int64_t elements = int64_t{batch} * n;
          Array x = Array::normal(0, elements, 1), prediction = Array::normal(type, 2 * elements, 2);
          Array first_on_cpu(0, 0), first_on_cuda(0, 0);  // a GPU adds in another order
          auto run = [&](Backend& backend) {
            Array y(0, elements);
            backend.projected_guidance(
                {type, x.f.data(), prediction.data(), COEFFICIENTS[0], &step, false, STEPS, parallel, y.f.data(), batch, n});
            return y;
          };
          Array expected(0, 0);
          at_reference([&](Backend& backend) { expected = run(backend); });
          for_each_backend([&](Backend& backend, const std::string& name) {
            std::string what = name + " projected_guidance type " + std::to_string(type) + " step " + std::to_string(step) + " parallel " +
                               std::to_string(parallel) + " " + std::to_string(batch) + " " + std::to_string(n);
            Array& first = &backend == &cpu() ? first_on_cpu : first_on_cuda;
            int before = threads();
            for (int count : {1, 3}) {
              set_threads(count);
              Array y = run(backend);
              expect_close(y, expected, 3e-6, what);
              if (first.f.empty()) first = y;
              expect(first.f == y.f, what + " differs in bits between levels or threads");
            }
            set_threads(before);
            // What is added to the conditional prediction is orthogonal to the predicted x0.
            for (int b = 0; parallel == 0 && COEFFICIENTS[step][8] > 1 && n > 1 && b < batch; b++) {
              const float* k = COEFFICIENTS[step];
              double along = 0, change = 0, clean = 0;
              for (int i = b * n; i < (b + 1) * n; i++) {
                double at = k[0] * x.f[i] + k[1] * prediction.get(i), d = expected.f[i] - prediction.get(i);
                along += at * d;
                change += d * d;
                clean += at * at;
              }
              expect(std::abs(along) < 1e-6 * std::sqrt(change * clean), what + " changes along the predicted image");
            }
          });
        }
  // Each image with its own step: as if it were alone.
  constexpr int BATCH = 3, N = 37;
  const int each[BATCH] = {1, 2, 0};
  Array x_of = Array::normal(0, BATCH * N, 3), predicted = Array::normal(0, 2 * BATCH * N, 4);
  for_each_backend([&](Backend& backend, const std::string& name) {
    Array all(0, BATCH * N);
    backend.projected_guidance({0, x_of.f.data(), predicted.data(), COEFFICIENTS[0], each, true, STEPS, .4f, all.f.data(), BATCH, N});
    for (int b = 0; b < BATCH; b++) {
      Array y(0, BATCH * N);
      backend.projected_guidance({0, x_of.f.data(), predicted.data(), COEFFICIENTS[0], each + b, false, STEPS, .4f, y.f.data(), BATCH, N});
      for (int i = b * N; i < (b + 1) * N; i++) expect(all.f[i] == y.f[i], name + " projected_guidance: an image's own step");
    }
  });
  int step = STEPS;
  float x[4] = {}, prediction[8] = {}, y[4];
  Backend::ProjectedGuidance beyond{0, x, prediction, COEFFICIENTS[0], &step, false, STEPS, 0, y, 1, 4};
  expect_refusal([&] { cpu().projected_guidance(beyond); }, "projected_guidance: step 3 must be in 0..2");
  on_cuda([&](Backend& backend, const std::string& name) {
    backend.projected_guidance(beyond);
    for (float v : y) expect(std::isnan(v), name + " projected_guidance: a step beyond the last gives " + std::to_string(v));
  });
  return result("projected_guidance");
}
