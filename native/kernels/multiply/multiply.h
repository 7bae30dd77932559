// y = a b, where b has all the pixels of a or one for each image.
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

inline void validate(const Backend::Multiply& o) {
  check(o.batch > 0 && o.p > 0 && o.p <= INT32_MAX && o.c > 0 && (o.q == o.p || o.q == 1), "multiply: [", o.batch, ",", o.p, ",", o.c,
        "] times [", o.batch, ",", o.q, ",", o.c, "]");
}
inline void validate(const Backend::MultiplyBackward& o) { validate(o.forward); }

template <typename Mark>
void outputs(const Backend::Multiply& o, Mark mark) {
  if (o.y != o.a) mark(o.y, o.type, o.batch * o.p * o.c);
}
template <typename Mark>
void outputs(const Backend::MultiplyBackward& o, Mark mark) {
  mark(o.da, o.forward.type, o.forward.batch * o.forward.p * o.forward.c);
  mark(o.db, o.forward.type, o.forward.batch * o.forward.q * o.forward.c);
}

}  // namespace fizzy
