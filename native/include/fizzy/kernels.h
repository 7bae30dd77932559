// The whole ABI between Java and the kernels; the only header JavaCPP reads.
//
// Conventions. Layout is NHWC, rows are contiguous. `type` is 0 for f32 and 1 for bf16 and holds for every `void*` argument
// of the call; float arguments are f32 always. Letters: B batch, P pixels (H*W), C channels, G groups, T tokens, H heads, D head
// width, N elements. A launcher checks its arguments and throws; nothing exits, nothing allocates during a run.
#pragma once
#include <cstddef>
#include <cstdint>

namespace fizzy {

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
const char* openmp_library();         // path of the one OpenMP runtime in this process
double measure_peak_flops(int type);  // FLOP/s, the better of a matrix product and a 3x3 convolution; takes about a second
double measure_peak_bandwidth();      // bytes/s of a copy larger than the caches, reads and writes counted

// ---- primitives of oneDNN: prepared once for a shape, bound to addresses, run ----------------------------------------------
// `packed`: weights are reordered once a model by bound_pack, else within every run. On processors without bf16 instructions a
// bf16 primitive widens to f32 in its scratch, and primitive_implementation says so. Weights, biases and all their gradients are
// f32. A residual is added to the output; it may be the output. PReLU's slopes are f32, one a channel of the output. Forward results depend
// neither on the number of threads nor on the position in the batch.
struct Primitive;
struct Bound;
size_t primitive_scratch_bytes(const Primitive* primitive);
size_t primitive_packed_bytes(const Primitive* primitive);
const char* primitive_implementation(const Primitive* primitive);
void primitive_free(Primitive* primitive);
// The operands as each constructor below lists them; scratch and packed are 64-byte aligned; null for what is not there.
Bound* primitive_bind(const Primitive* primitive, const void* first, const void* second, const float* bias, const void* residual,
                      const float* slope, void* output, float* bias_gradient, void* scratch, void* packed);
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

// ---- transposed_convolution: y [B,(H-1)s-2p+k,(W-1)s-2p+k,Cout] of x [B,H,W,Cin], w [Cin,Cout,k,k] -----------------------------------
Primitive* transposed_convolution(int type, int batch, int height, int width, int cin, int cout, int k, int stride, int padding, bool bias,
                                  bool packed);  // x, w, bias -> y
Primitive* transposed_convolution_backward_data(int type, int batch, int height, int width, int cin, int cout, int k, int stride,
                                                int padding);  // dy, w -> dx
Primitive* transposed_convolution_backward_weights(int type, int batch, int height, int width, int cin, int cout, int k, int stride, int padding,
                                                   bool bias);  // x, dy -> dw, db

// ---- linear: y [M,N] of x [M,K], w [N,K] ------------------------------------------------------------------------------------------
Primitive* linear(int type, int m, int n, int k, bool bias, bool residual, bool packed);  // x, w, bias, residual -> y
Primitive* linear_backward_data(int type, int m, int n, int k);                           // dy, w -> dx
Primitive* linear_backward_weights(int type, int m, int n, int k, bool bias);             // x, dy -> dw, db

// ---- matmul: y [B,M,N] = scale a b, a [B,M,K] or transposed [B,K,M], b [B,K,N] or transposed [B,N,K] --------------------------------
Primitive* matmul(int type, int batch, int m, int n, int k, bool transpose_a, bool transpose_b, float scale);  // a, b -> y

// ---- column_sum: y [C] = sum over rows of x [R,C] ------------------------------------------------------------------------------------
size_t column_sum_scratch(int64_t rows, int64_t columns);  // bytes
void column_sum(int type, const void* x, float* y, void* scratch, int64_t rows, int64_t columns);

// ---- activation: y = f(x), x and y [N]; kind 0 SiLU, 1 GELU (exact, erf) --------------------------------------------------
void activation(int type, int kind, const void* x, void* y, int64_t n);
void activation_backward(int type, int kind, const void* x, const void* dy, void* dx, int64_t n);

// ---- add: y = a + b, [N]; fill_value: y = value, [N] f32 ---------------------------------------------------------------------------
void add(int type, const void* a, const void* b, void* y, int64_t n);
void fill_value(float* y, float value, int64_t n);

// ---- broadcast: y [rows, columns] = x [columns] f32 in every row ------------------------------------------------------------
void broadcast(int type, const float* x, void* y, int rows, int columns);
// ---- attention: y = softmax(q k^T / sqrt(D)) v in each head; y [B,T,H*D], lse f32 [B,H,T] the logarithm of the softmax's denominator
// q [B,T,H*D] and kv [B,S,2*H*D], k then v; or self-attention: kv null, S = T, q [B,T,3*H*D], q then k then v. D a multiple of 8.
// scratch: attention_scratch(...) bytes for at most `slots` threads. Backward: dq as q, dkv as kv. --------------------------------
int64_t attention_scratch(int queries, int keys, int heads, int width, int slots);
int64_t attention_backward_scratch(int queries, int keys, int heads, int width, int slots);
void attention(int type, const void* q, const void* kv, void* y, float* lse, int batch, int queries, int keys, int heads, int width,
               void* scratch, int slots);
void attention_backward(int type, const void* q, const void* kv, const void* y, const float* lse, const void* dy, void* dq, void* dkv, int batch,
                        int queries, int keys, int heads, int width, void* scratch, int slots);

// ---- timestep_embedding: y[b] = cos(t[b] f_i), then sin(t[b] f_i), f_i = 10000^(-i/(width/2)); y [B,width] ---------------------
void timestep_embedding(int type, const float* t, void* y, int batch, int width);

// ---- vector_quantize: z [P,E], codebook f32 [N,E] -> quantised [P,E], indices [P] of the nearest codes, and the loss
// [1] = (1 + beta) mean (z - e)^2. Backward: dz = dquantised (null for none) + the share of beta, dcodebook [N,E] the other share;
// dloss [1]. E at most 64. ------------------------------------------------------------------------------------------------------
int64_t vector_quantize_scratch(int64_t positions, int codes, int width);
void vector_quantize(int type, const void* z, const float* codebook, void* quantised, int32_t* indices, float* loss, float beta,
                     int64_t positions, int codes, int width, void* scratch);
void vector_quantize_backward(int type, const void* z, const float* codebook, const int32_t* indices, const void* dquantised, const float* dloss,
                              void* dz, float* dcodebook, float beta, int64_t positions, int codes, int width);

// ---- random numbers: rows [B,2] names each row of the batch, random [4] is {seed low, seed high, step, 0}, step < 2^24. Element e
// of row b is word e%4 of the Philox 4x32-10 block with key {seed low, seed high} and counter {e/4, purpose<<24 | step, rows[b]};
// `purpose` is the ordinal of dev.fizzy.engine.Philox.Purpose. n counts the elements of a row.
void philox(const int* key, const int* counters, int* words, int64_t n);                          // key [2], counters and words [n,4]
void noise(const int* rows, const int* random, int purpose, float* y, int64_t batch, int64_t n);  // y [B,n] ~ N(0, 1)
// xt = alpha x0 + sigma noise [B,n] of `type`; target [B,n] = noise, or alpha noise - sigma x0 where velocity; alpha, sigma [B].
void q_sample(int type, int velocity, const float* x0, const float* alpha, const float* sigma, const int* rows, const int* random, int purpose,
              void* xt, float* target, int64_t batch, int64_t n);
// context, y [B,width]; empty [width] or null; a row becomes `empty` where the first word of row_purpose says so, then elements
// are dropped by the words of `purpose`. Backward: dcontext or dempty may be null.
void context_dropout(int type, const void* context, const float* empty, float probability, float whole_probability, const int* rows,
                     const int* random, int purpose, int row_purpose, void* y, int64_t batch, int64_t width);
void context_dropout_backward(int type, const void* dy, float probability, float whole_probability, const int* rows, const int* random,
                              int purpose, int row_purpose, void* dcontext, float* dempty, int64_t batch, int64_t width);
// x [B,n] and history [past,B,n] in place, past 0..3 (null where 0); prediction [B,n], or [2B,n] where guided, of `type`; coefficients
// [steps,10], step [1]: kernels/sampler_step/sampler_step.h.
void sampler_step(int type, int guided, float* x, const void* prediction, float* history, int past, const float* coefficients, const int* step,
                  int steps, const int* rows, const int* random, int purpose, int64_t batch, int64_t n);

// ---- adam: all [N]; settings [8] = lr, beta1, beta2, eps, 1-beta1^t, 1-beta2^t, decay of the average, largest norm (0: none);
// norm [1] of the gradients; scratch holds adam_scratch_bytes(). Nothing is updated where the norm is not finite.
int64_t adam_scratch_bytes();
void adam(const float* settings, float* values, const float* gradients, float* first_moment, float* second_moment, float* average, float* norm,
          void* scratch, int64_t n);

// ---- sgd: all [N]; settings [4] = lr, momentum, weight decay, largest norm (0: none); norm [1] of the gradients; scratch holds
// sgd_scratch_bytes(). velocity = momentum velocity + (clipped gradient + decay value), value -= lr velocity. Nothing is updated where
// the norm is not finite.
int64_t sgd_scratch_bytes();
void sgd(const float* settings, float* values, const float* gradients, float* velocity, float* norm, void* scratch, int64_t n);

// ---- group_norm: y = f((1 + scale) (gamma x_hat + beta) + shift), f SiLU or nothing; x and y [B,P,C], gamma and beta [C], scale
// and shift both null or [scale_rows,C] with 1 or B rows; mean and rstd [B,G] are written by forward and read by backward.
// Backward writes what is not null: dx [B,P,C], dgamma and dbeta [C], dscale and dshift as scale. y may be x, dx may be dy.
// Scratch for either: group_norm_scratch bytes --------------------------------------------------------------------------------
int64_t group_norm_scratch(int b, int p, int c);
void group_norm(int type, const void* x, const float* gamma, const float* beta, const void* scale, const void* shift, int scale_rows, void* y,
                float* mean, float* rstd, int b, int p, int c, int g, float eps, int silu, void* scratch);
void group_norm_backward(int type, const void* x, const float* gamma, const float* beta, const void* scale, const void* shift, int scale_rows,
                         float* mean, float* rstd, const void* dy, void* dx, float* dgamma, float* dbeta, void* dscale, void* dshift, int b,
                         int p, int c, int g, int silu, void* scratch);

// ---- l2_normalize: y = x / max(|x|, 1e-12) for each row of x [R,C]; norm [R] of the rows. All f32; y may be x, dx may be dy ----------
void l2_normalize(const float* x, float* y, float* norm, int64_t rows, int c);
void l2_normalize_backward(const float* y, const float* norm, const float* dy, float* dx, int64_t rows, int c);

// ---- margin: margins [B,2] = angular and additive, of each row. Elastic: what is not zero of `angular` and `additive` plus deviation
// times the row's first normal number (rows, random as above). Adaptive: of the norms [B] and their statistics mean [1] and
// deviation [1], which move by `rate` first ------------------------------------------------------------------------------------------
void margin_elastic(const int* rows, const int* random, int purpose, float angular, float additive, float deviation, float* margins, int64_t b);
void margin_adaptive(const float* norms, float* mean, float* deviation, float margin, float h, float rate, float* margins, int64_t b);

// ---- margin_softmax: cosines [B,N], labels [B], margins [B,2]: loss [1] = mean of ln sum exp z - z_label, z = scale cosine but
// scale (cos(theta + angular) - additive) at the label; accuracy [1] = share of the rows whose label has the largest cosine; lse [B]
// is read by backward. dloss [1]; dcosines may be the cosines. Labels outside 0..N-1 throw. Scratch: margin_softmax_scratch bytes ------
int64_t margin_softmax_scratch(int64_t b);
void margin_softmax(const float* cosines, const int* labels, const float* margins, float scale, float* loss, float* accuracy, float* lse,
                    int64_t b, int64_t n, void* scratch);
void margin_softmax_backward(const float* cosines, const int* labels, const float* margins, float scale, float* lse, const float* dloss,
                             float* dcosines, int64_t b, int64_t n);

// ---- prelu: y = x where x > 0, else slope x; x, y [R,C], slope [C]. Backward writes what is not null: dx [R,C], dslope [C]; it takes
// prelu_scratch bytes. y may be x, dx may be dy ------------------------------------------------------------------------------------
int64_t prelu_scratch(int64_t rows, int c);
void prelu(int type, const void* x, const float* slope, void* y, int64_t rows, int c);
void prelu_backward(int type, const void* x, const float* slope, const void* dy, void* dx, float* dslope, int64_t rows, int c, void* scratch);

// ---- fold_batch_norm: weights [N,C,S] and shift [N] of a layer w [N,C,S], bias [N] or null, with the norm before it over C and the one
// after it over N, by running statistics; a norm is gamma, beta, mean, variance, [C] or [N] each, or four nulls -----------------------
void fold_batch_norm(const float* w, const float* bias, const float* before_gamma, const float* before_beta, const float* before_mean,
                     const float* before_variance, const float* after_gamma, const float* after_beta, const float* after_mean,
                     const float* after_variance, float* weights, float* shift, int64_t n, int64_t c, int64_t s, float eps);

// ---- batch_norm: y = f(gamma x_hat + beta), f PReLU with `slope`, or the addition of `residual`, or nothing; x, residual, y [R,C], all
// else [C]. Statistics are the rows' (training; the running ones are moved by `momentum`, the variance by its unbiased estimate) or
// the running ones (inference); mean and rstd are written either way and read by backward, which is that of training and writes what
// is not null. y may be x or the residual, dx may be dy; scratch for each: batch_norm_scratch bytes -----------------------------------
int64_t batch_norm_scratch(int64_t rows, int c);
void batch_norm(int type, const void* x, const float* gamma, const float* beta, const float* slope, const void* residual, void* y, float* mean,
                float* rstd, float* running_mean, float* running_variance, int64_t rows, int c, float eps, float momentum, void* scratch);
void batch_norm_inference(int type, const void* x, const float* gamma, const float* beta, const float* slope, const void* residual, void* y,
                          float* mean, float* rstd, const float* running_mean, const float* running_variance, int64_t rows, int c, float eps,
                          void* scratch);
void batch_norm_backward(int type, const void* x, const float* gamma, const float* beta, const float* slope, float* mean, float* rstd,
                         const void* dy, void* dx, float* dgamma, float* dbeta, float* dslope, int64_t rows, int c, void* scratch);

// ---- softmax: over the columns of [rows,columns]; backward takes y, not x. y may be x, dx may be dy ------------------------------
void softmax(int type, const void* x, void* y, int64_t rows, int columns);
void softmax_backward(int type, const void* y, const void* dy, void* dx, int64_t rows, int columns);

// ---- concat: y [rows,A+B] = [a [rows,A], b [rows,B]], null reads as zeros; split: the opposite, null is not written --------------
void concat(int type, const void* a, const void* b, void* y, int64_t rows, int a_columns, int b_columns);
void split(int type, const void* x, void* a, void* b, int64_t rows, int a_columns, int b_columns);

// ---- upsample: x [B,H,W,C] to y [B,2H,2W,C], nearest neighbour; backward: dy [B,2H,2W,C] to dx [B,H,W,C] ---------------------------
void upsample(int type, const void* x, void* y, int b, int h, int w, int c);
void upsample_backward(int type, const void* dy, void* dx, int b, int h, int w, int c);

// ---- max_pool: x [B,H,W,C] to y [B,OH,OW,C], the largest of k x k windows; the number of windows is rounded up where ceil, and the
// last one cut at the edge ----------------------------------------------------------------------------------------------------------
void max_pool(int type, const void* x, void* y, int b, int h, int w, int c, int k, int stride, int ceil);

// ---- transpose: x [B,R,C] to y [B,C,R]; cast: [N] of type `from` to type `to`; duplicate: y is x twice --------------------------------
void transpose(int type, const void* x, void* y, int b, int r, int c);
void cast(int from, int to, const void* x, void* y, int64_t n);
void duplicate(const void* x, void* y, int64_t bytes);

// ---- loss: the mean over [N] of (prediction - target)^2 (kind 0) or |prediction - target| (kind 1), into loss [1]; prediction and
// dprediction of `type`, target of `target_type`, dloss [1]; scratch: loss_scratch(n) bytes ------------------------------------------
int64_t loss_scratch(int64_t n);
void loss(int type, int target_type, int kind, const void* prediction, const void* target, float* loss, int64_t n, void* scratch);
void loss_backward(int type, int target_type, int kind, const void* prediction, const void* target, const float* dloss, void* dprediction,
                   int64_t n);

// ---- weighted_sum: y [1] = sum of weights[i] scalars[i][0] -------------------------------------------------------------------------
void weighted_sum(const float* const* scalars, const float* weights, float* y, int count);

// ---- image_to_tensor: y [N] = image / 127.5 - 1, bytes in; tensor_to_image: (x + 1) 127.5 clamped to [0,255], to nearest even ------
void image_to_tensor(int type, const void* image, void* y, int64_t n);
void tensor_to_image(int type, const void* x, void* image, int64_t n);

}  // namespace fizzy
