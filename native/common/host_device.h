// Marks a function of a header that CPU and GPU kernels share.
#pragma once

#ifdef __CUDACC__
#define FIZZY_HOST_DEVICE __host__ __device__
#else
#define FIZZY_HOST_DEVICE
#endif
