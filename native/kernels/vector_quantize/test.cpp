// With `bench`: the time of one image's 1024 positions against the published codebook.
#include <cstring>

#include "common/testing.h"
#include "common/timing.h"

using namespace fizzy;
using namespace fizzy::testing;

namespace {

struct Call {
  int type, codes, width;
  int64_t positions;
  Array z, codebook, dquantized, quantized, loss, dz, dcodebook;
  std::vector<int32_t> indices;

  Call(int type, const std::vector<int>& shape)
      : type(type), codes(shape[1]), width(shape[2]), positions(shape[0]), z(Array::normal(type, positions * width, 1)),
        codebook(Array::normal(0, size_t(codes) * width, 2)), dquantized(Array::normal(type, z.size(), 3, 1e-3f)), quantized(type, z.size()),
        loss(0, 1), dz(type, z.size()), dcodebook(0, codebook.size()), indices(positions) {
    // Equal codes: the lower index must win.
    if (codes > 5)
      for (int e = 0; e < width; e++) codebook.set(4 * width + e, codebook.get(2 * width + e));
    for (int e = 0; e < width; e++) z.set(e, codebook.get(std::min(2, codes - 1) * width + e));
  }
  Backend::VectorQuantize call(float beta) {
    return {type, z.data(), codebook.f.data(), quantized.data(), indices.data(), loss.f.data(), beta, positions, codes, width, nullptr};
  }
  void forward(Backend& backend, float beta) {
    Backend::VectorQuantize v = call(beta);
    auto scratch = with_scratch(backend, v);
    backend.vector_quantize(v);
  }
  void backward(Backend& backend, float beta, bool straight) {
    float dloss = .5f;
    backend.vector_quantize_backward({call(beta), straight ? dquantized.data() : nullptr, &dloss, dz.data(), dcodebook.f.data()});
  }
};

// Compares the reference's gradients with central differences of the two terms of the loss: the codebook gets the gradient of the first,
// the encoder that of beta times the second. Forward gives (1 + beta) times the mean, so each is a known fraction of its derivative.
void finite_differences() {
  at_reference([&](Backend& backend) {
    float beta = .25f;
    Call c(0, {6, 4, 3});
    c.forward(backend, beta), c.backward(backend, beta, false);
    std::vector<int32_t> chosen = c.indices;
    for (auto [in, gradient, share] : {std::tuple{&c.z, &c.dz, beta / (1 + beta)}, std::tuple{&c.codebook, &c.dcodebook, 1 / (1 + beta)}})
      for (size_t i = 0; i < in->size(); i++) {
        float x = in->get(i), h = 1e-2f;
        in->set(i, x + h), c.forward(backend, beta);
        bool moved = c.indices != chosen;
        double above = c.loss.get(0);
        in->set(i, x - h), c.forward(backend, beta);
        moved |= c.indices != chosen;
        double difference = .5 * share * (above - c.loss.get(0)) / (2 * h);
        in->set(i, x);
        if (!moved)
          expect(std::fabs(difference - gradient->get(i)) < 1e-4,
                 "vector_quantize reference: finite difference " + std::to_string(difference) + " against " + std::to_string(gradient->get(i)));
      }
  });
}

int bench() {
  Call c(0, {1024, 8192, 3});
  double best = fastest(.4, [&] { c.forward(cpu(), .25f); });
  std::printf("vector_quantize, 1024 positions x 8192 codes x 3, %d threads: %.2f ms\n", threads(), best * 1e3);
  return 0;
}

}  // namespace

int test_vector_quantize() {
  if (arguments == std::vector<std::string>{"bench"}) return bench();
  for (auto& shape : shapes())
    for (int type = 0; type < 2; type++) {
      Call expected(type, shape), got(type, shape);
      at_reference([&](Backend& backend) { expected.forward(backend, .25f); });
      if (shape[1] > 5 && type == 0) expect(expected.indices[0] == 2, "vector_quantize: did not choose the lower of two equal codes");
      for_each_backend([&](Backend& backend, const std::string& name) {
        std::ostringstream s;
        s << name << " vector_quantize type " << type << " shape " << shape[0] << " " << shape[1] << " " << shape[2];
        got.forward(backend, .25f);
        expect(got.indices == expected.indices, s.str() + ": codes differ from the reference's");
        expect_close(got.quantized, expected.quantized, 0, s.str());
        expect_close(got.loss, expected.loss, 1e-6, s.str() + " loss");
        for (bool straight : {false, true}) {
          at_reference([&](Backend& reference) { expected.backward(reference, .25f, straight); });
          got.backward(backend, .25f, straight);
          expect_close(got.dz, expected.dz, type == 0 ? 1e-6 : 8e-3, s.str() + " dz");
          expect_close(got.dcodebook, expected.dcodebook, 1e-5, s.str() + " dcodebook");  // f32 sums over the positions of a code
        }
        float loss = got.loss.get(0);
        int before = threads();
        set_threads(before == 1 ? 3 : 1);
        got.forward(backend, .25f);
        set_threads(before);
        expect(got.loss.get(0) == loss, s.str() + ": the loss depends on the number of threads");
      });
    }
  finite_differences();
  return result("vector_quantize");
}
