// What Java reaches beside the operations of fizzy/backend.h: the backends themselves, the processor and its memory, and oneDNN's
// primitives. JavaCPP reads it after that header, whose conventions hold here too. A function checks its arguments and throws.
#pragma once
#include <cstddef>
#include <cstdint>

#include "fizzy/backend.h"

namespace fizzy {

// ---- backends ------------------------------------------------------------------------------------------------------------
Backend* cpu_backend();  // at the instruction-set level in force; lives as long as the process
// The one of libfizzy_cuda.so, loaded from that path before, on a cudaStream_t of the thread's current device.
Backend* cuda_backend(const char* library, void* stream);
void backend_free(Backend* backend);

// ---- machine -------------------------------------------------------------------------------------------------------------
int cpu_level();                // the instruction-set level in force: 0 reference, 1 avx2, 2 wide, 3 avx512, 4 avx512_bf16, 5 amx
int cpu_level_available();      // the best level of this machine
void set_cpu_level(int level);  // forces a level; throws where the machine lacks it
const char* cpu_level_name(int level);
int cpu_level_count();
int threads();
void set_threads(int count);
void* memory_allocate(size_t bytes);  // on huge pages where granted, 64-byte aligned, not zeroed; throws when there is none
void memory_free(void* memory);
const char* cpu_model();  // as the processor names itself
const char* onednn_version();
const char* openmp_library();  // path of the one OpenMP runtime in this process
double process_seconds();      // CPU time of this process, all threads
// The machine's peaks; each is measured for `seconds`, of which the first are a warm-up, and at least six times.
double measure_peak_flops(int type, double seconds);  // FLOP/s, the better of a matrix product and a 3x3 convolution
double measure_peak_bandwidth(double seconds);        // bytes/s of a copy larger than the caches, reads and writes counted
// The same of copies that every thread makes within its share of the data cache of level 1, 2 or 3; 0 where the system does not tell its size
// or a thread's share of it is no larger than the cache below.
double measure_cache_bandwidth(int level, double seconds);

// ---- counters of all threads of this process ---------------------------------------------------------------------------------
// 0 cycles, 1 instructions, 2 misses of the last-level cache, in user space; throws the reason where the system grants none. With `clock`
// 0 is the threads' nanoseconds instead, which every machine counts.
struct Counters;
Counters* counters_open(bool clock);
int64_t counters_read(const Counters* counters, int which);  // since they were opened
void counters_close(Counters* counters);
const char* counters_refusal(int error);  // what an errno of perf_event_open means
int64_t preemptions();                    // how often a thread had to leave its processor to another one

// ---- primitives of oneDNN: prepared once for a shape, bound to addresses, run ----------------------------------------------
// `packed`: weights are reordered once a model by bound_pack, else within every run. On processors without bf16 instructions a
// bf16 primitive widens to f32 in its scratch, and primitive_implementation says so. Weights, biases and all their gradients are
// f32. A residual is added to the output; it may be the output. PReLU's slopes are f32, one a channel of the output. Forward results depend neither on the number of threads nor on the
// position in the batch.
struct Primitive;
struct Bound;
size_t primitive_scratch_bytes(const Primitive* primitive);
size_t primitive_packed_bytes(const Primitive* primitive);
const char* primitive_implementation(const Primitive* primitive);
void primitive_free(Primitive* primitive);
// The operands as each constructor below lists them; scratch and packed are 64-byte aligned; null for what is not there.
Bound* primitive_bind(const Primitive* primitive, const void* first, const void* second, const float* bias, const void* residual,
                      const float* slope, const float* reach, void* output, float* bias_gradient, void* scratch, void* packed);
void bound_pack(const Bound* bound);
void bound_run(const Bound* bound);
void bound_free(Bound* bound);

// ---- convolution: y [B,OH,OW,Cout] of x [B,H,W,Cin], w [Cout,Cin,k,k]; padding in pixels ------------------------------------------
Primitive* convolution(int type, int batch, int height, int width, int cin, int cout, int k, int stride, int top, int left, int bottom,
                       int right, bool bias, bool residual, bool slope, bool packed);  // x, w, bias, residual or slope -> y
Primitive* convolution_backward_data(int type, int batch, int height, int width, int cin, int cout, int k, int stride, int top, int left,
                                     int bottom, int right);  // dy, w -> dx
Primitive* convolution_backward_weights(int type, int batch, int height, int width, int cin, int cout, int k, int stride, int top, int left,
                                        int bottom, int right, bool bias);  // x, dy -> dw, db

// ---- quantized_convolution: the same of stride 1 that keeps the size, k odd and above 1, in u8 x s8; x, residual and y are bf16 ---------------
// x is rounded to 255 steps from -reach[0] to reach[1], with both at least 0 and their sum above it, NaN to the lowest; w to -127 to 127 times
// a scale for each output channel, the largest magnitude over 127. Sums are exact. Throws where the level has no instructions for bf16: then
// it may have none for u8 x s8.
Primitive* quantized_convolution(int batch, int height, int width, int cin, int cout, int k, bool bias, bool residual,
                                 bool packed);  // x, w, bias, residual, reach -> y

// ---- transposed_convolution: y [B,(H-1)s-2p+k,(W-1)s-2p+k,Cout] of x [B,H,W,Cin], w [Cin,Cout,k,k] -----------------------------------
Primitive* transposed_convolution(int type, int batch, int height, int width, int cin, int cout, int k, int stride, int padding, bool bias,
                                  bool packed);  // x, w, bias -> y
Primitive* transposed_convolution_backward_data(int type, int batch, int height, int width, int cin, int cout, int k, int stride,
                                                int padding);  // dy, w -> dx
Primitive* transposed_convolution_backward_weights(int type, int batch, int height, int width, int cin, int cout, int k, int stride, int padding,
                                                   bool bias);  // x, dy -> dw, db

// ---- upsampled_convolution: y [B,2H,2W,Cout], the 3x3 convolution by w [Cout,Cin,3,3] of x [B,H,W,Cin] doubled by nearest neighbor; for
// weights that are packed once ---------------------------------------------------------------------------------------------------------
Primitive* upsampled_convolution(int type, int batch, int height, int width, int cin, int cout, bool bias);  // x, w, bias -> y

// ---- linear: y [M,N] of x [M,K], w [N,K] ------------------------------------------------------------------------------------------
Primitive* linear(int type, int m, int n, int k, bool bias, bool residual, bool packed);  // x, w, bias, residual -> y
Primitive* quantized_linear(int m, int n, int k, bool bias, bool residual,
                            bool packed);                                      // as quantized_convolution: x, w, bias, residual, reach -> y
Primitive* linear_backward_data(int type, int m, int n, int k);                // dy, w -> dx
Primitive* linear_backward_weights(int type, int m, int n, int k, bool bias);  // x, dy -> dw, db

// ---- matmul: y [B,M,N] = scale a b, a [B,M,K] or transposed [B,K,M], b [B,K,N] or transposed [B,N,K] --------------------------------
Primitive* matmul(int type, int batch, int m, int n, int k, bool transpose_a, bool transpose_b, float scale);  // a, b -> y

}  // namespace fizzy
