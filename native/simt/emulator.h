// The CUDA kernels carried out on the CPU, checked: what a call is to write, and its scratch, are marked as never written before it.
#pragma once
#include "fizzy/backend.h"

namespace simt {

fizzy::Backend& emulator();

// In which order lanes and blocks run: 0 ascending, 1 descending, else shuffled.
void lane_order(int order);

}  // namespace simt
