// The sum of a few weighted scalars, in double.
#pragma once
#include <iterator>

#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::WeightedSum& o) {
  constexpr int MOST = std::size(Backend::WeightedSum{}.weights);
  check(o.count > 0 && o.count <= MOST, "weighted_sum: ", o.count, " scalars, of which there can be ", MOST);
}

template <typename Mark>
void outputs(const Backend::WeightedSum& o, Mark mark) {
  mark(o.y, 1);
}

}  // namespace fizzy
