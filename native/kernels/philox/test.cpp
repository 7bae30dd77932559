#include "common/testing.h"

using namespace fizzy;
using namespace fizzy::testing;

// Known answers of the Random123 distribution (kat_vectors, philox 4x32 10): counter, key, words.
static const uint32_t KNOWN[][10] = {
    {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
    {~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
    {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
};

static void known_answers(Backend& backend, const std::string& name) {
  for (auto& k : KNOWN) {
    int counter[4], key[2] = {static_cast<int>(k[4]), static_cast<int>(k[5])}, words[4];
    for (int i = 0; i < 4; i++) counter[i] = static_cast<int>(k[i]);
    backend.philox({key, counter, words, 1});
    for (int i = 0; i < 4; i++) expect(static_cast<uint32_t>(words[i]) == k[6 + i], name + " philox known answer");
  }
}

int test_philox() {
  at_reference([](Backend& backend) { known_answers(backend, "reference"); });
  for_each_backend(known_answers);
  for (auto& shape : shapes()) {
    int n = shape[0], key[2] = {12345, -678};
    std::vector<int> counters(4 * n), words(4 * n), expected(4 * n);
    Random random(1);
    for (int& c : counters) c = static_cast<int>(random.next());
    at_reference([&](Backend& backend) { backend.philox({key, counters.data(), expected.data(), n}); });
    for_each_backend([&](Backend& backend, const std::string& name) {
      backend.philox({key, counters.data(), words.data(), n});
      expect(words == expected, name + " philox blocks " + std::to_string(n));
    });
  }
  return result("philox");
}
