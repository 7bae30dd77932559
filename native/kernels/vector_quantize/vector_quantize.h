// Replaces vectors by the nearest code (van den Oord et al. 2017), with the losses of VQ-GAN (Esser et al. 2021).
// Every device computes the squared distance in f32 and in the same order, fma(z_e - c_e, z_e - c_e, sum) for e = 0 .. E-1, and takes the
// lowest index among equals, so that all choose the same codes.
#pragma once
#include "common/check.h"
#include "fizzy/backend.h"

namespace fizzy {

constexpr int QUANTIZE_WIDTH_MAX = 64;

inline void validate_quantize(const char* name, const Backend::VectorQuantize& o) {
  check_type(name, o.type);
  check(o.positions >= 1 && o.codes >= 1 && o.width >= 1 && o.width <= QUANTIZE_WIDTH_MAX, name, ": positions ", o.positions, ", codes ",
        o.codes, ", width ", o.width, "; the width is at most ", QUANTIZE_WIDTH_MAX);
}
inline void validate(const Backend::VectorQuantize& o) { validate_quantize("vector_quantize", o); }
inline void validate(const Backend::VectorQuantizeBackward& o) { validate_quantize("vector_quantize_backward", o.forward); }

template <typename Mark>
void outputs(const Backend::VectorQuantize& o, Mark mark) {
  mark(o.quantized, o.type, o.positions * o.width);
  mark(o.indices, o.positions);
  mark(o.loss, 1);
}
template <typename Mark>
void outputs(const Backend::VectorQuantizeBackward& o, Mark mark) {
  mark(o.dz, o.forward.type, o.forward.positions * o.forward.width);
  mark(o.dcodebook, int64_t{o.forward.codes} * o.forward.width);
}

namespace cpu {

constexpr int QUANTIZE_CHUNK = 256;  // positions per task and per partial sum of the loss
constexpr int CODE_GROUP = 16;       // codes are padded to a multiple of every level's vector

inline int64_t chunks(const Backend::VectorQuantize& o) { return (o.positions + QUANTIZE_CHUNK - 1) / QUANTIZE_CHUNK; }
inline int64_t padded_codes(const Backend::VectorQuantize& o) { return (o.codes + CODE_GROUP - 1) / CODE_GROUP * CODE_GROUP; }

// One partial sum per chunk in double, then the transposed codebook [width, padded codes].
inline int64_t scratch_bytes(const Backend::VectorQuantize& o) {
  return chunks(o) * int64_t{sizeof(double)} + padded_codes(o) * o.width * int64_t{sizeof(float)};
}

}  // namespace cpu

}  // namespace fizzy
