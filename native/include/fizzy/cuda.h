// The kernels on NVIDIA GPUs: the operations of fizzy/kernels.h under the same names, in their order of arguments, with the CUDA
// stream last. Convolutions, matrix products and linear layers are cuDNN's and cuBLASLt's.
//
// Conventions. Those of kernels.h, and: every address is the device's unless the comment says host, and a multiple of 16; only what
// a launcher is told by value is checked (it throws), what lies in device memory is not. A launcher neither allocates nor waits, so
// that it can be captured into a CUDA graph. `stream` is a cudaStream_t. Scratch is the device's, of as many bytes as the
// *_scratch function of the same name and arguments says; nothing lives in it from one call to the next.
// The same bits come out of every run on one kind of device: no sum depends on the order in which blocks finish.
#pragma once
#include <cstddef>
#include <cstdint>

namespace fizzy::cuda {

// ---- library ----------------------------------------------------------------------------------------------------------------
const char* architectures();  // those with machine code in this library: "sm_80 sm_90a, PTX compute_80"; "simt" for the emulator
bool emulated();              // whether the kernels run on the CPU (native/simt), where all memory is the device's

// ---- column_sum, activation, add, broadcast: as in kernels.h ------------------------------------------------------------------
size_t column_sum_scratch(int64_t rows, int64_t columns);
void column_sum(int type, const void* x, float* y, void* scratch, int64_t rows, int64_t columns, void* stream);
void activation(int type, int kind, const void* x, void* y, int64_t n, void* stream);
void activation_backward(int type, int kind, const void* x, const void* dy, void* dx, int64_t n, void* stream);
void add(int type, const void* a, const void* b, void* y, int64_t n, void* stream);
void fill_value(float* y, float value, int64_t n, void* stream);
void broadcast(int type, const float* x, void* y, int rows, int columns, void* stream);

// ---- attention: as in kernels.h, but scratch is for the whole batch and there are no slots. Head widths 32 and 64 in bf16 run
// on the tensor cores; every other width, and f32, on the ordinary ones. D a multiple of 8, at most 512. -------------------------
int64_t attention_scratch(int batch, int queries, int keys, int heads, int width);
int64_t attention_backward_scratch(int batch, int queries, int keys, int heads, int width);
void attention(int type, const void* q, const void* kv, void* y, float* lse, int batch, int queries, int keys, int heads, int width,
               void* scratch, void* stream);
void attention_backward(int type, const void* q, const void* kv, const void* y, const float* lse, const void* dy, void* dq, void* dkv, int batch,
                        int queries, int keys, int heads, int width, void* scratch, void* stream);

// ---- timestep_embedding, vector_quantize ----------------------------------------------------------------------------------------
void timestep_embedding(int type, const float* t, void* y, int batch, int width, void* stream);
int64_t vector_quantize_scratch(int64_t positions, int codes, int width);
void vector_quantize(int type, const void* z, const float* codebook, void* quantised, int32_t* indices, float* loss, float beta,
                     int64_t positions, int codes, int width, void* scratch, void* stream);
void vector_quantize_backward(int type, const void* z, const float* codebook, const int32_t* indices, const void* dquantised, const float* dloss,
                              void* dz, float* dcodebook, float beta, int64_t positions, int codes, int width, void* stream);

// ---- random numbers: rows, random, step and coefficients lie in device memory, so that a captured graph serves every step. The
// words and normal numbers are the CPU's, bit by bit. A step outside 0..steps-1 makes sampler_step write NaN. -----------------------
void philox(const int* key, const int* counters, int* words, int64_t n, void* stream);
void noise(const int* rows, const int* random, int purpose, float* y, int64_t batch, int64_t n, void* stream);
void q_sample(int type, int velocity, const float* x0, const float* alpha, const float* sigma, const int* rows, const int* random, int purpose,
              void* xt, float* target, int64_t batch, int64_t n, void* stream);
void context_dropout(int type, const void* context, const float* empty, float probability, float whole_probability, const int* rows,
                     const int* random, int purpose, int row_purpose, void* y, int64_t batch, int64_t width, void* stream);
void context_dropout_backward(int type, const void* dy, float probability, float whole_probability, const int* rows, const int* random,
                              int purpose, int row_purpose, void* dcontext, float* dempty, int64_t batch, int64_t width, void* stream);
void sampler_step(int type, int guided, float* x, const void* prediction, float* history, int past, const float* coefficients, const int* step,
                  int steps, const int* rows, const int* random, int purpose, int64_t batch, int64_t n, void* stream);

// ---- adam: settings and norm in device memory --------------------------------------------------------------------------------------
int64_t adam_scratch_bytes();
void adam(const float* settings, float* values, const float* gradients, float* first_moment, float* second_moment, float* average, float* norm,
          void* scratch, int64_t n, void* stream);

// ---- sgd: as in kernels.h, settings and norm in device memory ------------------------------------------------------------------------
int64_t sgd_scratch_bytes();
void sgd(const float* settings, float* values, const float* gradients, float* velocity, float* norm, void* scratch, int64_t n, void* stream);

// ---- batch_norm, fold_batch_norm, prelu, l2_normalize: as in kernels.h ------------------------------------------------------------------
int64_t batch_norm_scratch(int64_t rows, int c);
void batch_norm(int type, const void* x, const float* gamma, const float* beta, const float* slope, const void* residual, void* y, float* mean,
                float* rstd, float* running_mean, float* running_variance, int64_t rows, int c, float eps, float momentum, void* scratch,
                void* stream);
void batch_norm_inference(int type, const void* x, const float* gamma, const float* beta, const float* slope, const void* residual, void* y,
                          float* mean, float* rstd, const float* running_mean, const float* running_variance, int64_t rows, int c, float eps,
                          void* scratch, void* stream);
void batch_norm_backward(int type, const void* x, const float* gamma, const float* beta, const float* slope, float* mean, float* rstd,
                         const void* dy, void* dx, float* dgamma, float* dbeta, float* dslope, int64_t rows, int c, void* scratch, void* stream);
void fold_batch_norm(const float* w, const float* bias, const float* before_gamma, const float* before_beta, const float* before_mean,
                     const float* before_variance, const float* after_gamma, const float* after_beta, const float* after_mean,
                     const float* after_variance, float* weights, float* shift, int64_t n, int64_t c, int64_t s, float eps, void* stream);
int64_t prelu_scratch(int64_t rows, int c);
void prelu(int type, const void* x, const float* slope, void* y, int64_t rows, int c, void* stream);
void prelu_backward(int type, const void* x, const float* slope, const void* dy, void* dx, float* dslope, int64_t rows, int c, void* scratch,
                    void* stream);
void l2_normalize(const float* x, float* y, float* norm, int64_t rows, int c, void* stream);
void l2_normalize_backward(const float* y, const float* norm, const float* dy, float* dx, int64_t rows, int c, void* stream);

// ---- margins: as in kernels.h; a label outside 0..N-1 makes the loss NaN ------------------------------------------------------------------
void margin_elastic(const int* rows, const int* random, int purpose, float angular, float additive, float deviation, float* margins, int64_t b,
                    void* stream);
void margin_adaptive(const float* norms, float* mean, float* deviation, float margin, float h, float rate, float* margins, int64_t b,
                     void* stream);
int64_t margin_softmax_scratch(int64_t b);
void margin_softmax(const float* cosines, const int* labels, const float* margins, float scale, float* loss, float* accuracy, float* lse,
                    int64_t b, int64_t n, void* scratch, void* stream);
void margin_softmax_backward(const float* cosines, const int* labels, const float* margins, float scale, float* lse, const float* dloss,
                             float* dcosines, int64_t b, int64_t n, void* stream);

// ---- group_norm: as in kernels.h; y may be x, dx may be dy ---------------------------------------------------------------------------
int64_t group_norm_scratch(int b, int p, int c);
void group_norm(int type, const void* x, const float* gamma, const float* beta, const void* scale, const void* shift, int scale_rows, void* y,
                float* mean, float* rstd, int b, int p, int c, int g, float eps, int silu, void* scratch, void* stream);
void group_norm_backward(int type, const void* x, const float* gamma, const float* beta, const void* scale, const void* shift, int scale_rows,
                         float* mean, float* rstd, const void* dy, void* dx, float* dgamma, float* dbeta, void* dscale, void* dshift, int b,
                         int p, int c, int g, int silu, void* scratch, void* stream);

// ---- softmax, concat, split, upsample, max_pool, transpose, cast, duplicate --------------------------------------------------------------
void softmax(int type, const void* x, void* y, int64_t rows, int columns, void* stream);
void softmax_backward(int type, const void* y, const void* dy, void* dx, int64_t rows, int columns, void* stream);
void concat(int type, const void* a, const void* b, void* y, int64_t rows, int a_columns, int b_columns, void* stream);
void split(int type, const void* x, void* a, void* b, int64_t rows, int a_columns, int b_columns, void* stream);
void upsample(int type, const void* x, void* y, int b, int h, int w, int c, void* stream);
void upsample_backward(int type, const void* dy, void* dx, int b, int h, int w, int c, void* stream);
void max_pool(int type, const void* x, void* y, int b, int h, int w, int c, int k, int stride, int ceil, void* stream);
void transpose(int type, const void* x, void* y, int b, int r, int c, void* stream);
void cast(int from, int to, const void* x, void* y, int64_t n, void* stream);
void duplicate(const void* x, void* y, int64_t bytes, void* stream);

// ---- loss, weighted_sum: scalars is a host array of count device addresses, weights a host array; count at most 32 ---------------------
int64_t loss_scratch(int64_t n);
void loss(int type, int target_type, int kind, const void* prediction, const void* target, float* loss, int64_t n, void* scratch, void* stream);
void loss_backward(int type, int target_type, int kind, const void* prediction, const void* target, const float* dloss, void* dprediction,
                   int64_t n, void* stream);
void weighted_sum(const float* const* scalars, const float* weights, float* y, int count, void* stream);

// ---- image_to_tensor, tensor_to_image -----------------------------------------------------------------------------------------------
void image_to_tensor(int type, const void* image, void* y, int64_t n, void* stream);
void tensor_to_image(int type, const void* x, void* image, int64_t n, void* stream);

}  // namespace fizzy::cuda
