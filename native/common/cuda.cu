// What this library is: which machines it has code for.
#include "common/cuda.cuh"

namespace fizzy::cuda {

#ifdef __CUDACC__
const char* architectures() { return FIZZY_CUDA_ARCHITECTURES; }
bool emulated() { return false; }
#else
const char* architectures() { return "simt"; }
bool emulated() { return true; }
#endif

}  // namespace fizzy::cuda
