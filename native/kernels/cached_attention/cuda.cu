// Floor: keys and values of the tokens so far read once over bandwidth, or the launch. A block of four warps computes a head: its lanes take
// the tokens for the scores, and the columns of the width for the sums.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

constexpr int THREADS = 128;
constexpr int BLOCKS_LEAST = 8;  // of a multiprocessor: without it the compiler limits sm_100 to 32 registers, and spills

template <typename T>
__global__ void __launch_bounds__(THREADS, BLOCKS_LEAST) cached_attention_kernel(Backend::CachedAttention o, float scale) {
  __shared__ float part[32];
  float* scores = reinterpret_cast<float*>(shared_memory());
  float* query = scores + o.tokens;
  int64_t c = int64_t{o.heads} * o.width, first = int64_t{blockIdx.x} * o.width;
  const T* q = static_cast<const T*>(o.qkv) + blockIdx.y * 3 * c + first;
  T* keys = static_cast<T*>(o.cache) + int64_t{blockIdx.y} * o.tokens * 2 * c + first;
  T* y = static_cast<T*>(o.y) + blockIdx.y * c + first;
  int last = *o.position;
  if (last < 0 || last >= o.tokens) {  // a kernel cannot throw
    for (int d = threadIdx.x; d < o.width; d += THREADS) y[d] = narrow<T>(__uint_as_float(0x7fc00000u));
    return;
  }
  for (int d = threadIdx.x; d < o.width; d += THREADS) {
    query[d] = widen(q[d]);
    keys[last * 2 * c + d] = q[c + d];
    keys[last * 2 * c + c + d] = q[2 * c + d];
  }
  __syncthreads();
  float largest = -INFINITY, total = 0;
  for (int j = threadIdx.x; j <= last; j += THREADS) {
    const T* key = keys + j * 2 * c;
    float sum = 0;
    for (int d = 0; d < o.width; d += VECTOR<T>) {
      Floats<VECTOR<T>> k = load<VECTOR<T>>(key + d);
#pragma unroll
      for (int i = 0; i < VECTOR<T>; i++) sum = fmaf(query[d + i], k[i], sum);
    }
    scores[j] = sum * scale;
    largest = fmaxf(largest, scores[j]);
  }
  largest = block_max(largest, part);
  for (int j = threadIdx.x; j <= last; j += THREADS) {
    scores[j] = expf(scores[j] - largest);
    total += scores[j];
  }
  total = block_sum(total, part);  // and its barrier lets the block read all scores
  for (int d = threadIdx.x; d < o.width; d += THREADS) {
    float sum = 0;
    for (int j = 0; j <= last; j++) sum = fmaf(scores[j], widen(keys[j * 2 * c + c + d]), sum);
    y[d] = narrow<T>(sum / total);
  }
}

}  // namespace

void cached_attention(const Backend::CachedAttention& o, void* stream) {
  check_aligned("cached_attention", o.qkv, o.cache, o.y);
  by_type(o.type, [&](auto t) {
    launch("cached_attention", cached_attention_kernel<decltype(t)>, dim3(static_cast<unsigned>(o.heads), static_cast<unsigned>(o.batch)),
           THREADS, sizeof(float) * (o.tokens + o.width), stream, o, static_cast<float>(1 / std::sqrt(static_cast<double>(o.width))));
  });
}

}  // namespace fizzy::cuda
