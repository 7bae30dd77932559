// The CUDA kernels run on the CPU, with checks: before a call its outputs and scratch are marked as never written.
#pragma once
#include "fizzy/backend.h"

namespace simt {

fizzy::Backend& emulator();

// The order in which lanes and blocks run: 0 ascending, 1 descending, otherwise shuffled.
void lane_order(int order);

// Whether the emulated GPU has clusters of blocks.
void clusters_of_blocks(bool has);

}  // namespace simt
