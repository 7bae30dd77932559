// Floor: forward 4 T S D FLOPs a head, backward 10, at the peak of fused multiply-add, plus the exponentials: about 12 vector operations
// for each vector of scores, compared with 2 D multiply-adds. Memory is read and written once: K and V of a head are packed in level 2,
// scores never leave level 1 for up to 512 keys. bf16 computes in f32 on processors without bf16 instructions.
#include <type_traits>

#include "kernels/attention/driver.h"
#include "kernels/attention/vectors.h"
#ifdef __AVX512BF16__
#include "kernels/attention/pairs.h"
#include "kernels/attention/tiles.h"
#endif

namespace fizzy::FIZZY_LEVEL {
namespace {

// Calls body with the type of the products that compute the call.
template <typename Body>
void by_products(const Backend::Attention& o, Body body) {
  if (o.type == 0) return body(std::type_identity<VectorProducts<float>>{});
#ifdef __AVX512BF16__
  AttentionWay way = cpu::attention_way(o);
  if (way == AttentionWay::TILES) return body(std::type_identity<TileProducts>{});
  if (way == AttentionWay::PAIRS) return body(std::type_identity<PairProducts>{});
#endif
  body(std::type_identity<VectorProducts<bf16>>{});
}

}  // namespace

void attention(const Backend::Attention& o) {
  by_products(o, [&](auto products) { forward<typename decltype(products)::type>(o); });
}

void attention_backward(const Backend::AttentionBackward& o) {
  by_products(o.forward, [&](auto products) { backward<typename decltype(products)::type>(o); });
}

}  // namespace fizzy::FIZZY_LEVEL
