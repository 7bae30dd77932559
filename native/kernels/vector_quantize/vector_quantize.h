// Snaps vectors to the nearest code (van den Oord et al. 2017) with the losses of VQ-GAN (Esser et al. 2021).
//
// The squared distance is computed in f32 and in one order at every level, fma(z_e - c_e, z_e - c_e, sum) for e = 0 .. E-1, and
// the lowest index wins among equals, so that all levels choose the same codes.
#pragma once
#include <algorithm>
#include <cstdint>

#include "common/level.h"

namespace fizzy {

struct QuantizeShape {
  int64_t positions;
  int codes, width;  // P, N, E
};

constexpr int QUANTIZE_CHUNK = 256;  // positions of one task, and of one partial sum of the loss
constexpr int CODE_GROUP = 16;       // codes are padded to whole vectors of every level
constexpr int QUANTIZE_WIDTH_MAX = 64;

inline int64_t quantize_chunks(const QuantizeShape& s) { return (s.positions + QUANTIZE_CHUNK - 1) / QUANTIZE_CHUNK; }
inline int64_t padded_codes(const QuantizeShape& s) { return (s.codes + CODE_GROUP - 1) / CODE_GROUP * CODE_GROUP; }

// scratch: quantize_chunks(shape) doubles, then E * padded_codes(shape) floats.
FIZZY_KERNEL(vector_quantize, int type, const void* z, const float* codebook, void* quantised, int32_t* indices, float* loss, float beta,
             QuantizeShape shape, void* scratch)
FIZZY_KERNEL(vector_quantize_backward, int type, const void* z, const float* codebook, const int32_t* indices, const void* dquantised,
             const float* dloss, void* dz, float* dcodebook, float beta, QuantizeShape shape)
}  // namespace fizzy
