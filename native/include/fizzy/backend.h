// The operations of our own kernels, on any device: one method per operation, which takes a struct of its tensors and sizes. JavaCPP parses
// this header, so it is the only place where an operation's arguments are declared, for every device and for Java.
//
// Conventions. Layout is NHWC, rows are contiguous. `type` is 0 for f32 and 1 for bf16 and applies to every `void*` of the struct unless
// its comment says otherwise. Letters: b batch, p pixels, c channels, g groups. The comment of a pointer that may be null says so.
// `scratch` has scratch_bytes(the same sizes) bytes, whose contents are not kept between calls. A method checks its arguments and throws if
// they are invalid; it allocates nothing.
//
// On the CPU a method returns when the work is done. On a GPU it launches on the backend's stream and neither allocates nor waits, so that
// it can be captured into a CUDA graph; every address is in device memory and a multiple of 16, and contents of device memory are not
// checked. Every run on one kind of device gives the same bits: no sum depends on the order in which threads or blocks finish.
#pragma once
#include <cstdint>
#include <string>

namespace fizzy {

struct Backend {
  virtual ~Backend() = default;

  // The targets that the kernels are compiled for: "avx512", "sm_80 sm_90a, PTX compute_80".
  virtual std::string name() const = 0;
  // Whether this is the emulator, which runs GPU code on the CPU for tests.
  virtual bool emulated() const = 0;

  // ---- activation: y = f(x), f the `kind` of kernels/activation/activation.h: SiLU, GELU, sigmoid, ReLU6, hard sigmoid, hard swish, leaky ReLU
  struct Activation {
    int type;
    int kind;
    const void* x;  // [n]
    void* y;        // [n]
    int64_t n;
  };
  virtual void activation(const Activation& call) = 0;

  struct ActivationBackward {
    int type;
    int kind;
    const void* x;   // [n]
    const void* dy;  // [n]
    void* dx;        // [n]
    int64_t n;
  };
  virtual void activation_backward(const ActivationBackward& call) = 0;

  // ---- adam: a step of all parameters at once. Nothing is updated if the norm of the gradients is not finite -----------------
  struct Adam {
    const float* settings;   // [8]: AdamSettings of kernels/adam/adam.h
    float* values;           // [n]
    const float* gradients;  // [n]
    float* first_moment;     // [n]
    float* second_moment;    // [n]
    float* average;          // [n]: the exponential moving average of the values
    void* narrow;            // bf16 [n]: the updated values rounded; may be null
    float* norm;             // [1]: of the gradients, written
    int64_t n;
    void* scratch;
  };
  virtual void adam(const Adam& call) = 0;
  virtual int64_t scratch_bytes(const Adam& call) const = 0;

  // ---- add: y = a + b --------------------------------------------------------------------------------------------------------------
  struct Add {
    int type;
    const void* a;  // [n]
    const void* b;  // [n]
    void* y;        // [n]
    int64_t n;
  };
  virtual void add(const Add& call) = 0;

  // ---- add_row: y = x + one row of a table, chosen by number, to every row ------------------------------------------------------------------
  struct AddRow {
    int type;
    const void* x;       // [rows, columns]
    const void* table;   // [count, columns]
    const int32_t* row;  // [1]
    void* y;             // [rows, columns]; may be x
    int64_t rows;
    int columns, count;
  };
  virtual void add_row(const AddRow& call) = 0;

  // ---- add_scaled: y = a + scale b -----------------------------------------------------------------------------------------------------
  struct AddScaled {
    int type;
    const void* a;       // [n]
    const float* scale;  // [1]
    const void* b;       // [n]
    void* y;             // [n]; may be a
    int64_t n;
  };
  virtual void add_scaled(const AddScaled& call) = 0;

  // ---- attention: y = softmax(q k^T / sqrt(d)) v in each head, d = width, a multiple of 8 and on GPUs at most 512 -----------------------
  struct Attention {
    int type;
    int batch, queries, keys, heads, width;
    const void* q;   // [batch, queries, heads * d]; for self-attention [batch, queries, 3 * heads * d], q then k then v
    const void* kv;  // [batch, keys, 2 * heads * d], k then v; null for self-attention, keys = queries
    void* y;         // [batch, queries, heads * d]
    float* lse;      // [batch, heads, queries]: the logarithm of the softmax's denominator, written by forward, read by backward
    int threads;     // that scratch is for, on the CPU
    void* scratch;
    bool causal = false;  // token i attends to the tokens 0 to i alone; keys = queries
  };
  virtual void attention(const Attention& call) = 0;
  virtual int64_t scratch_bytes(const Attention& call) const = 0;
  // The chosen kernel, and why the better ones were rejected.
  virtual std::string implementation(const Attention& call) const = 0;

  struct AttentionBackward {
    Attention forward;  // and this call's scratch and threads
    const void* dy;     // as y
    void* dq;           // as q
    void* dkv;          // as kv, and null with it
  };
  virtual void attention_backward(const AttentionBackward& call) = 0;
  virtual int64_t scratch_bytes(const AttentionBackward& call) const = 0;
  virtual std::string implementation(const AttentionBackward& call) const = 0;

  // ---- batch_norm: y = f(gamma x_hat + beta), f PReLU, or the addition of a residual, or nothing. Statistics are the rows' in
  // training, the running ones otherwise --------------------------------------------------------------------------------------------
  struct BatchNorm {
    int type;
    bool training;
    const void* x;            // [rows, c]
    const float* gamma;       // [c]
    const float* beta;        // [c]
    const float* slope;       // [c] of PReLU, or null
    const void* residual;     // [rows, c], or null
    void* y;                  // [rows, c]; may be x or the residual
    float* mean;              // [c]: written by forward, read by backward
    float* rstd;              // [c]: the same
    float* running_mean;      // [c]: moved by `momentum` in training
    float* running_variance;  // [c]: the same, by the unbiased estimate
    int64_t rows;
    int c;
    float eps, momentum;
    void* scratch;
  };
  virtual void batch_norm(const BatchNorm& call) = 0;
  virtual int64_t scratch_bytes(const BatchNorm& call) const = 0;

  struct BatchNormBackward {  // of training, without residual
    BatchNorm forward;        // and this call's scratch
    const void* dy;           // [rows, c]
    void* dx;                 // [rows, c], or null; may be dy
    float* dgamma;            // [c], or null
    float* dbeta;             // [c], or null
    float* dslope;            // [c], or null
  };
  virtual void batch_norm_backward(const BatchNormBackward& call) = 0;
  virtual int64_t scratch_bytes(const BatchNormBackward& call) const = 0;

  // ---- broadcast: y[r] = x for every row r --------------------------------------------------------------------------------------------
  struct Broadcast {
    int type;
    const float* x;  // [columns]
    void* y;         // [rows, columns]
    int rows, columns;
  };
  virtual void broadcast(const Broadcast& call) = 0;

  // ---- cached_attention: attention, causal, of one new token an image, from the keys and values of the tokens before it; d as there -------
  struct CachedAttention {
    int type;
    int batch, tokens, heads, width;  // at most 4096 tokens
    const void* qkv;                  // [batch, 3 * heads * d]: the new token's q, then k, then v
    const int* position;              // [1]: the new token's place, 0 to tokens - 1
    void* cache;                      // [batch, tokens, 2 * heads * d], k then v; the new token's row is written, those before it are read
    void* y;                          // [batch, heads * d]
  };
  virtual void cached_attention(const CachedAttention& call) = 0;

  // ---- cast: x in type `from` to y in type `to` ----------------------------------------------------------------------------------------
  struct Cast {
    int from, to;
    const void* x;  // [n]
    void* y;        // [n]
    int64_t n;
  };
  virtual void cast(const Cast& call) = 0;

  // ---- column_sum: y = the sum over rows of x ------------------------------------------------------------------------------------------
  struct ColumnSum {
    int type;
    const void* x;  // [rows, columns]
    float* y;       // [columns]
    int64_t rows, columns;
    void* scratch;
  };
  virtual void column_sum(const ColumnSum& call) = 0;
  virtual int64_t scratch_bytes(const ColumnSum& call) const = 0;

  // ---- concat: y = [a, b] along the columns; split is the opposite -----------------------------------------------------------------------
  struct Concat {
    int type;
    const void* a;  // [rows, a_columns], or null for zeros
    const void* b;  // [rows, b_columns], or null for zeros
    void* y;        // [rows, a_columns + b_columns]
    int64_t rows;
    int a_columns, b_columns;
  };
  virtual void concat(const Concat& call) = 0;

  struct Split {
    int type;
    const void* x;  // [rows, a_columns + b_columns]
    void* a;        // [rows, a_columns], or null
    void* b;        // [rows, b_columns], or null
    int64_t rows;
    int a_columns, b_columns;
  };
  virtual void split(const Split& call) = 0;

  // ---- random numbers: `rows` [batch, 2] names each row of the batch, `random` [4] is {seed low, seed high, step, 0}, step < 2^24.
  // Element e of row b is word e % 4 of the Philox 4x32-10 block with key {seed low, seed high} and counter {e / 4, purpose << 24 | step,
  // rows[b]}; `purpose` is the ordinal of dev.fizzy.engine.Philox.Purpose. On a GPU they lie in device memory too, so that one captured
  // graph serves every step. The words and the normal numbers are the same bits on every device --------------------------------------

  // ---- context_dropout: a row becomes `empty` where the first word of row_purpose says so, then elements are dropped by the words of
  // `purpose` and the others scaled ---------------------------------------------------------------------------------------------------
  struct ContextDropout {
    int type;
    const void* context;                                   // [batch, width]
    const float* empty;                                    // [width]; null where whole_probability is 0
    float probability, probability_to, whole_probability;  // each row draws its own between the first two
    const int32_t* rows;
    const int32_t* random;
    int purpose, row_purpose;
    void* y;  // [batch, width]
    int64_t batch, width;
  };
  virtual void context_dropout(const ContextDropout& call) = 0;

  struct ContextDropoutBackward {
    int type;
    const void* dy;  // [batch, width]
    float probability, probability_to, whole_probability;
    const int32_t* rows;
    const int32_t* random;
    int purpose, row_purpose;
    void* dcontext;  // [batch, width], or null
    float* dempty;   // [width], or null
    int64_t batch, width;
  };
  virtual void context_dropout_backward(const ContextDropoutBackward& call) = 0;

  // ---- depthwise_convolution: each channel with a filter of its own, [kh, kw]; window (i, j) begins at pixel (i stride - top, j stride -
  // left), and pixels outside the image are zero. y = f(sum + bias), f PReLU or nothing --------------------------------------------------
  struct DepthwiseConvolution {
    int type;
    const void* x;        // [b, h, w, c]
    const float* filter;  // [kh, kw, c]
    const float* bias;    // [c], or null
    const float* slope;   // [c] of PReLU, or null
    void* y;              // [b, oh, ow, c]
    int b, h, w, c, kh, kw, stride, top, left, oh, ow;
  };
  virtual void depthwise_convolution(const DepthwiseConvolution& call) = 0;

  struct DepthwiseConvolutionBackward {  // without PReLU: dy is the gradient of the sum
    DepthwiseConvolution forward;
    const void* dy;  // [b, oh, ow, c]
    void* dx;        // [b, h, w, c], or null
    float* dfilter;  // [kh, kw, c], or null
    float* dbias;    // [c], or null
    void* scratch;
  };
  virtual void depthwise_convolution_backward(const DepthwiseConvolutionBackward& call) = 0;
  virtual int64_t scratch_bytes(const DepthwiseConvolutionBackward& call) const = 0;

  // ---- duplicate: y is x twice ---------------------------------------------------------------------------------------------------------
  struct Duplicate {
    const void* x;  // `bytes` bytes, an even number
    void* y;        // twice as many
    int64_t bytes;
  };
  virtual void duplicate(const Duplicate& call) = 0;

  // ---- fill: y = value -----------------------------------------------------------------------------------------------------------------
  struct Fill {
    float* y;  // [n]
    float value;
    int64_t n;
  };
  virtual void fill(const Fill& call) = 0;

  // ---- fold_batch_norm: the weights and biases of a layer w, with the batch norm before it, over c, and the one after it, over n, by their
  // running statistics -----------------------------------------------------------------------------------------------------------------
  struct FoldedNorm {  // all [channels], or all null for no norm
    const float* gamma;
    const float* beta;
    const float* mean;
    const float* variance;
  };
  struct FoldBatchNorm {
    const float* w;     // [n, c, s]
    const float* bias;  // [n], or null
    FoldedNorm before;  // over c
    FoldedNorm after;   // over n
    float* weights;     // [n, c, s]
    float* shift;       // [n]
    int64_t n, c, s;
    float eps;
  };
  virtual void fold_batch_norm(const FoldBatchNorm& call) = 0;

  // ---- group_norm: y = f((1 + scale) (gamma x_hat + beta) + shift), f SiLU or nothing ----------------------------------------------------
  struct GroupNorm {
    int type;
    const void* x;       // [b, p, c]
    const float* gamma;  // [c]
    const float* beta;   // [c]
    const void* scale;   // [scale_rows, c], or null together with shift
    const void* shift;   // as scale
    int scale_rows;      // 1 or b, or any number with `row`
    const int* row;      // [1]: the row of scale and shift for the whole batch; may be null, and is in the backward pass
    void* y;             // [b, p, c]; may be x
    float* mean;         // [b, g]: written by forward, read by backward
    float* rstd;         // [b, g]: the same
    int b, p, c, g;
    float eps;
    bool silu;
    void* scratch;
  };
  virtual void group_norm(const GroupNorm& call) = 0;
  virtual int64_t scratch_bytes(const GroupNorm& call) const = 0;
  virtual std::string implementation(const GroupNorm& call) const = 0;

  struct GroupNormBackward {
    GroupNorm forward;  // and this call's scratch
    const void* dy;     // [b, p, c]
    void* dx;           // [b, p, c], or null; may be dy
    float* dgamma;      // [c], or null
    float* dbeta;       // [c], or null
    void* dscale;       // as scale, or null
    void* dshift;       // as shift, or null
  };
  virtual void group_norm_backward(const GroupNormBackward& call) = 0;
  virtual int64_t scratch_bytes(const GroupNormBackward& call) const = 0;
  virtual std::string implementation(const GroupNormBackward& call) const = 0;

  // ---- image_to_tensor: y = image / 127.5 - 1; tensor_to_image: (x + 1) 127.5 clamped to [0, 255], to nearest even ----------------------
  struct ImageToTensor {
    int type;           // of y
    const void* image;  // [n] bytes
    void* y;            // [n]
    int64_t n;
  };
  virtual void image_to_tensor(const ImageToTensor& call) = 0;

  struct TensorToImage {
    int type;       // of x
    const void* x;  // [n]
    void* image;    // [n] bytes
    int64_t n;
  };
  virtual void tensor_to_image(const TensorToImage& call) = 0;

  // ---- l2_normalize: y = x / max(|x|, 1e-12) for each row -------------------------------------------------------------------------------
  struct L2Normalize {
    const float* x;  // [rows, c]
    float* y;        // [rows, c]; may be x
    float* norm;     // [rows]: |x|, written
    int64_t rows;
    int c;
  };
  virtual void l2_normalize(const L2Normalize& call) = 0;

  struct L2NormalizeBackward {
    const float* y;     // [rows, c]
    const float* norm;  // [rows]
    const float* dy;    // [rows, c]
    float* dx;          // [rows, c]; may be dy
    int64_t rows;
    int c;
  };
  virtual void l2_normalize_backward(const L2NormalizeBackward& call) = 0;

  // ---- loss: the mean of f(prediction, target), f of kinds 0 to 3: LossKind of kernels/loss/loss.h ----------------------------------------
  struct Loss {
    int type, target_type;
    int kind;
    const void* prediction;  // [n] of `type`
    const void* target;      // [n] of `target_type`
    float* loss;             // [1]
    int64_t n;
    void* scratch;
  };
  virtual void loss(const Loss& call) = 0;
  virtual int64_t scratch_bytes(const Loss& call) const = 0;

  struct LossBackward {
    int type, target_type;
    int kind;
    const void* prediction;  // [n] of `type`
    const void* target;      // [n] of `target_type`
    const float* dloss;      // [1]
    void* dprediction;       // [n] of `type`
    int64_t n;
  };
  virtual void loss_backward(const LossBackward& call) = 0;

  // ---- margins of a batch's rows: elastic ones, those of `angular` and `additive` that are not zero plus deviation times the row's first
  // normal number (Boutros et al. 2022); and adaptive ones, of the norms and their moving statistics (Kim et al. 2022) --------------------
  struct MarginElastic {
    const int32_t* rows;    // may be null where the deviation is 0
    const int32_t* random;  // the same
    int purpose;
    float angular, additive, deviation;
    float* margins;  // [b, 2]: angular and additive
    int64_t b;
  };
  virtual void margin_elastic(const MarginElastic& call) = 0;

  struct MarginAdaptive {
    const float* norms;  // [b]
    float* mean;         // [1]: moved by `rate` first
    float* deviation;    // [1]: the same
    float margin, h, rate;
    float* margins;  // [b, 2]: angular and additive
    int64_t b;
  };
  virtual void margin_adaptive(const MarginAdaptive& call) = 0;

  // ---- margin_softmax: the mean of ln sum exp z - z_label, z = scale cosine but scale (cos(theta + angular) - additive) at the label. A
  // label outside 0..n-1 throws on the CPU and makes the loss NaN on a GPU -----------------------------------------------------------------
  struct MarginSoftmax {
    const float* cosines;   // [b, n]
    const int32_t* labels;  // [b]
    const float* margins;   // [b, 2]: angular and additive
    float scale;
    float* loss;      // [1]
    float* accuracy;  // [1]: share of the rows whose label has the largest cosine
    float* lse;       // [b]: written by forward, read by backward
    int64_t b, n;
    void* scratch;
  };
  virtual void margin_softmax(const MarginSoftmax& call) = 0;
  virtual int64_t scratch_bytes(const MarginSoftmax& call) const = 0;

  struct MarginSoftmaxBackward {
    MarginSoftmax forward;
    const float* dloss;  // [1]
    float* dcosines;     // [b, n]; may be the cosines
  };
  virtual void margin_softmax_backward(const MarginSoftmaxBackward& call) = 0;

  // ---- max_pool: the largest of the pixels of each k x k window; window (i, j) begins at pixel (i stride - top, j stride - left) and is cut
  // at the image's edge; each has a pixel. backward passes a window's gradient to its first largest pixel ---------------------------------
  struct MaxPool {
    int type;
    const void* x;  // [b, h, w, c]
    void* y;        // [b, oh, ow, c]
    int b, h, w, c, k, stride, top, left, oh, ow;
  };
  virtual void max_pool(const MaxPool& call) = 0;

  struct MaxPoolBackward {
    MaxPool forward;
    const void* dy;  // [b, oh, ow, c]
    void* dx;        // [b, h, w, c]
  };
  virtual void max_pool_backward(const MaxPoolBackward& call) = 0;

  // ---- multiply: y = a b, element by element; a second factor of one pixel multiplies every pixel of its image ------------------------------
  struct Multiply {
    int type;
    const void* a;  // [batch, p, c]
    const void* b;  // [batch, q, c], q = p or 1
    void* y;        // [batch, p, c]; may be a
    int64_t batch, p, q;
    int c;
  };
  virtual void multiply(const Multiply& call) = 0;

  struct MultiplyBackward {
    Multiply forward;
    const void* dy;  // [batch, p, c]
    void* da;        // [batch, p, c], or null
    void* db;        // [batch, q, c], or null
  };
  virtual void multiply_backward(const MultiplyBackward& call) = 0;

  // ---- noise: y ~ N(0, 1) ----------------------------------------------------------------------------------------------------------------
  struct Noise {
    const int32_t* rows;
    const int32_t* random;
    int purpose;
    float* y;  // [batch, n]
    int64_t batch, n;
  };
  virtual void noise(const Noise& call) = 0;

  // ---- norm_ratio: y = weight min(1e4, |a| / (|b| + 1e-4)) ---------------------------------------------------------------------------------
  struct NormRatio {
    const float* a;  // [n]
    const float* b;  // [n]
    float* y;        // [1]
    int64_t n;
    float weight;
  };
  virtual void norm_ratio(const NormRatio& call) = 0;

  // ---- philox: the random words themselves -----------------------------------------------------------------------------------------------
  struct Philox {
    const int32_t* key;       // [2]
    const int32_t* counters;  // [n, 4]
    int32_t* words;           // [n, 4]
    int64_t n;
  };
  virtual void philox(const Philox& call) = 0;

  // ---- prelu: y = x where x > 0, else slope x ---------------------------------------------------------------------------------------------
  struct PRelu {
    int type;
    const void* x;       // [rows, c]
    const float* slope;  // [c]
    void* y;             // [rows, c]; may be x
    int64_t rows;
    int c;
  };
  virtual void prelu(const PRelu& call) = 0;

  struct PReluBackward {
    int type;
    const void* x;       // [rows, c]
    const float* slope;  // [c]
    const void* dy;      // [rows, c]
    void* dx;            // [rows, c], or null; may be dy
    float* dslope;       // [c], or null
    int64_t rows;
    int c;
    void* scratch;
  };
  virtual void prelu_backward(const PReluBackward& call) = 0;
  virtual int64_t scratch_bytes(const PReluBackward& call) const = 0;

  // ---- projected_guidance: guidance that keeps a share of its change parallel to the predicted x0 (kernels/projected_guidance/). A step
  // outside 0..steps-1 throws on the CPU and writes NaN on a GPU -----------------------------------------------------------------------------
  struct ProjectedGuidance {
    int type;                   // of the prediction
    const float* x;             // [batch, n]
    const void* prediction;     // [2 batch, n]
    const float* coefficients;  // [steps, 10]: StepCoefficients
    const int32_t* step;        // [1], or [batch] where each_step
    bool each_step;
    int steps;
    float parallel;
    float* y;  // [batch, n]
    int64_t batch, n;
  };
  virtual void projected_guidance(const ProjectedGuidance& call) = 0;

  // ---- q_sample: xt = alpha x0 + sigma noise; target = noise, or alpha noise - sigma x0 where `velocity` ------------------------------------
  struct QSample {
    int type;  // of xt
    bool velocity;
    const float* x0;     // [batch, n]
    const float* alpha;  // [batch]
    const float* sigma;  // [batch]
    const int32_t* rows;
    const int32_t* random;
    int purpose;
    void* xt;       // [batch, n]
    float* target;  // [batch, n]
    int64_t batch, n;
  };
  virtual void q_sample(const QSample& call) = 0;

  // ---- sampler_step: a step of any sampler, by a row of coefficients (kernels/sampler_step/sampler_step.h). A step outside 0..steps-1 throws
  // on the CPU and writes NaN on a GPU ----------------------------------------------------------------------------------------------------
  struct SamplerStep {
    int type;  // of the prediction
    bool guided;
    float* x;                   // [batch, n], in place
    const void* prediction;     // [batch, n]; [2 batch, n] where guided
    float* history;             // [past, batch, n], in place: the x0 of the steps before; null where past is 0
    int past;                   // 0 to 3
    const float* coefficients;  // [steps, 10]: StepCoefficients
    const int32_t* step;        // [1]
    int steps;
    const int32_t* rows;
    const int32_t* random;
    int purpose;
    int64_t batch, n;
  };
  virtual void sampler_step(const SamplerStep& call) = 0;

  // ---- sgd: a step of all parameters at once. Nothing is updated if the norm of the gradients is not finite --------------------------------
  struct Sgd {
    const float* settings;   // [4]: SgdSettings of kernels/sgd/sgd.h
    float* values;           // [n]
    const float* gradients;  // [n]
    float* velocity;         // [n]
    void* narrow;            // bf16 [n]: the updated values rounded; may be null
    float* norm;             // [1]: of the gradients, written
    int64_t n;
    void* scratch;
  };
  virtual void sgd(const Sgd& call) = 0;
  virtual int64_t scratch_bytes(const Sgd& call) const = 0;

  // ---- softmax: over the columns ----------------------------------------------------------------------------------------------------------
  struct Softmax {
    int type;
    const void* x;  // [rows, columns]
    void* y;        // [rows, columns]; may be x
    int64_t rows;
    int columns;
  };
  virtual void softmax(const Softmax& call) = 0;

  struct SoftmaxBackward {
    int type;
    const void* y;   // [rows, columns]
    const void* dy;  // [rows, columns]
    void* dx;        // [rows, columns]; may be dy
    int64_t rows;
    int columns;
  };
  virtual void softmax_backward(const SoftmaxBackward& call) = 0;

  // ---- timestep_embedding: y[b] = cos(t[b] f_i), then sin(t[b] f_i), f_i = 10000^(-i / (width / 2)) --------------------------------------------
  struct TimestepEmbedding {
    int type;
    const float* t;  // [batch]
    void* y;         // [batch, width], width even
    int batch, width;
  };
  virtual void timestep_embedding(const TimestepEmbedding& call) = 0;

  // ---- transpose: of each image's matrix -----------------------------------------------------------------------------------------------------
  struct Transpose {
    int type;
    const void* x;  // [b, r, c]
    void* y;        // [b, c, r]
    int b, r, c;
  };
  virtual void transpose(const Transpose& call) = 0;

  // ---- unscale: y = x / scale, in double, and of each row the element with the largest magnitude; NaN if there is one -----------------------
  struct Unscale {
    const float* x;  // [batch, n]
    float* y;        // [batch, n]
    float* extreme;  // [batch]
    int64_t batch, n;
    double scale;
  };
  virtual void unscale(const Unscale& call) = 0;

  // ---- upsample: by two, nearest neighbor -------------------------------------------------------------------------------------------------------
  struct Upsample {
    int type;
    const void* x;  // [b, h, w, c]
    void* y;        // [b, 2h, 2w, c]
    int b, h, w, c;
  };
  virtual void upsample(const Upsample& call) = 0;

  struct UpsampleBackward {
    int type;
    const void* dy;  // [b, 2h, 2w, c]
    void* dx;        // [b, h, w, c]
    int b, h, w, c;
  };
  virtual void upsample_backward(const UpsampleBackward& call) = 0;

  // ---- vector_quantize: z to the nearest codes e, and the loss (1 + beta) mean (z - e)^2, of which backward gives dz the share of beta and
  // the codebook the other ------------------------------------------------------------------------------------------------------------------
  struct VectorQuantize {
    int type;
    const void* z;          // [positions, width]
    const float* codebook;  // [codes, width], width at most 64
    void* quantized;        // [positions, width]
    int32_t* indices;       // [positions]
    float* loss;            // [1]
    float beta;
    int64_t positions;
    int codes, width;
    void* scratch;
  };
  virtual void vector_quantize(const VectorQuantize& call) = 0;
  virtual int64_t scratch_bytes(const VectorQuantize& call) const = 0;

  struct VectorQuantizeBackward {
    VectorQuantize forward;
    const void* dquantized;  // [positions, width], or null
    const float* dloss;      // [1]
    void* dz;                // [positions, width]
    float* dcodebook;        // [codes, width]
  };
  virtual void vector_quantize_backward(const VectorQuantizeBackward& call) = 0;

  // ---- weighted_sum: y = the sum of weights[i] scalars[i][0] ------------------------------------------------------------------------------------
  struct WeightedSum {
    const float* scalars[32];  // `count` addresses of one float each
    float weights[32];         // `count` of them
    float* y;                  // [1]
    int count;
  };
  virtual void weighted_sum(const WeightedSum& call) = 0;
};

// Every operation: its method and the struct that it takes.
#define FIZZY_OPERATIONS(X)                                       \
  X(activation, Activation)                                       \
  X(activation_backward, ActivationBackward)                      \
  X(adam, Adam)                                                   \
  X(add, Add)                                                     \
  X(add_row, AddRow)                                              \
  X(add_scaled, AddScaled)                                        \
  X(attention, Attention)                                         \
  X(attention_backward, AttentionBackward)                        \
  X(batch_norm, BatchNorm)                                        \
  X(batch_norm_backward, BatchNormBackward)                       \
  X(broadcast, Broadcast)                                         \
  X(cached_attention, CachedAttention)                            \
  X(cast, Cast)                                                   \
  X(column_sum, ColumnSum)                                        \
  X(concat, Concat)                                               \
  X(context_dropout, ContextDropout)                              \
  X(context_dropout_backward, ContextDropoutBackward)             \
  X(depthwise_convolution, DepthwiseConvolution)                  \
  X(depthwise_convolution_backward, DepthwiseConvolutionBackward) \
  X(duplicate, Duplicate)                                         \
  X(fill, Fill)                                                   \
  X(fold_batch_norm, FoldBatchNorm)                               \
  X(group_norm, GroupNorm)                                        \
  X(group_norm_backward, GroupNormBackward)                       \
  X(image_to_tensor, ImageToTensor)                               \
  X(l2_normalize, L2Normalize)                                    \
  X(l2_normalize_backward, L2NormalizeBackward)                   \
  X(loss, Loss)                                                   \
  X(loss_backward, LossBackward)                                  \
  X(margin_adaptive, MarginAdaptive)                              \
  X(margin_elastic, MarginElastic)                                \
  X(margin_softmax, MarginSoftmax)                                \
  X(margin_softmax_backward, MarginSoftmaxBackward)               \
  X(max_pool, MaxPool)                                            \
  X(max_pool_backward, MaxPoolBackward)                           \
  X(multiply, Multiply)                                           \
  X(multiply_backward, MultiplyBackward)                          \
  X(noise, Noise)                                                 \
  X(norm_ratio, NormRatio)                                        \
  X(philox, Philox)                                               \
  X(prelu, PRelu)                                                 \
  X(prelu_backward, PReluBackward)                                \
  X(projected_guidance, ProjectedGuidance)                        \
  X(q_sample, QSample)                                            \
  X(sampler_step, SamplerStep)                                    \
  X(sgd, Sgd)                                                     \
  X(softmax, Softmax)                                             \
  X(softmax_backward, SoftmaxBackward)                            \
  X(split, Split)                                                 \
  X(tensor_to_image, TensorToImage)                               \
  X(timestep_embedding, TimestepEmbedding)                        \
  X(transpose, Transpose)                                         \
  X(unscale, Unscale)                                             \
  X(upsample, Upsample)                                           \
  X(upsample_backward, UpsampleBackward)                          \
  X(vector_quantize, VectorQuantize)                              \
  X(vector_quantize_backward, VectorQuantizeBackward)             \
  X(weighted_sum, WeightedSum)

// Those that take scratch.
#define FIZZY_SCRATCH(X)          \
  X(Adam)                         \
  X(Attention)                    \
  X(AttentionBackward)            \
  X(BatchNorm)                    \
  X(BatchNormBackward)            \
  X(ColumnSum)                    \
  X(DepthwiseConvolutionBackward) \
  X(GroupNorm)                    \
  X(GroupNormBackward)            \
  X(Loss)                         \
  X(MarginSoftmax)                \
  X(PReluBackward)                \
  X(Sgd)                          \
  X(VectorQuantize)

// Those that choose between kernels.
#define FIZZY_CHOICES(X) \
  X(Attention)           \
  X(AttentionBackward)   \
  X(GroupNorm)           \
  X(GroupNormBackward)

}  // namespace fizzy
