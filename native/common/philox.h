// Philox 4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3; SC 2011), one block at a time, and the engine's
// use of the counter. The vector forms are in common/random.h.
#pragma once
#include <cstdint>

#include "common/check.h"

namespace fizzy {

constexpr uint32_t PHILOX_M0 = 0xD2511F53u, PHILOX_M1 = 0xCD9E8D57u, PHILOX_W0 = 0x9E3779B9u, PHILOX_W1 = 0xBB67AE85u;
constexpr int PHILOX_ROUNDS = 10;

inline void philox_block(const uint32_t key[2], const uint32_t counter[4], uint32_t words[4]) {
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0], k1 = key[1];
  for (int round = 0; round < PHILOX_ROUNDS; round++) {
    uint64_t p0 = uint64_t{PHILOX_M0} * c0, p1 = uint64_t{PHILOX_M1} * c2;
    c0 = static_cast<uint32_t>(p1 >> 32) ^ c1 ^ k0;
    c2 = static_cast<uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c1 = static_cast<uint32_t>(p1);
    c3 = static_cast<uint32_t>(p0);
    k0 += PHILOX_W0;
    k1 += PHILOX_W1;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

// The numbers of one row for one purpose at one step: element e is word e%4 of block e/4.
struct RandomRow {
  uint32_t key[2];
  uint32_t use;  // purpose<<24 | step
  uint32_t row[2];

  void block(uint32_t index, uint32_t words[4]) const {
    uint32_t counter[4] = {index, use, row[0], row[1]};
    philox_block(key, counter, words);
  }
};

// rows [B,2] names the rows, random [4] is {seed low, seed high, step, 0}.
inline RandomRow random_row(const int* rows, const int* random, int purpose, int64_t b, int step) {
  return {{static_cast<uint32_t>(random[0]), static_cast<uint32_t>(random[1])},
          static_cast<uint32_t>(purpose) << 24 | static_cast<uint32_t>(step),
          {static_cast<uint32_t>(rows[2 * b]), static_cast<uint32_t>(rows[2 * b + 1])}};
}
inline RandomRow random_row(const int* rows, const int* random, int purpose, int64_t b) {
  return random_row(rows, random, purpose, b, random[2]);
}

inline void check_random(const char* name, int purpose, int64_t batch, int64_t n) {
  check(purpose >= 0 && purpose < 256, name, ": purpose ", purpose, " must be in 0..255");
  check(batch >= 0 && n >= 0 && n <= int64_t{1} << 34, name, ": batch ", batch, ", elements of a row ", n);
}
inline void check_step(const char* name, int step) { check(step >= 0 && step < 1 << 24, name, ": step ", step, " must be in 0..2^24-1"); }

}  // namespace fizzy
