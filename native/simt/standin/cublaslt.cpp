// Stand-in for libcublasLt.so.13: products of f32 and bf16 matrices, batched, with bias, bias gradient and addition, as plain loops. It requires a
// workspace and checks it; alignment and types are those that cuBLASLt documents for CUBLAS_COMPUTE_32F. The heuristic's first results must
// not be used: one is not in the state of success, and one adds parts in the output. With the setting CANDIDATES others fail or are slow.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

#include "simt/standin/standin.h"

namespace {

enum { SUCCESS = 0, INVALID = 7, NOT_SUPPORTED = 15, EXECUTION_FAILED = 13 };
enum { R_32F = 0, R_16BF = 14 };
constexpr size_t WORKSPACE = 4096, WORKSPACE_ALIGNMENT = 256;
constexpr int IN_PLACE = 1;  // a reduction scheme
enum { NO_EPILOGUE = 1, BIAS = 4, BIAS_GRADIENT_B = 512 };
enum Kind : uint64_t { PLAIN, ADDING, FAILING, SLOW };  // of algorithms

struct Layout {
  int type;
  uint64_t rows, columns;
  int64_t ld;
  int batch = 1;
  int64_t stride = 0;
};
struct Description {
  int transpose_a = 0, transpose_b = 0, epilogue = NO_EPILOGUE;
  const void* bias = nullptr;
};
struct Preference {
  uint64_t workspace = 0;
  int reductions = 7, alignment[4] = {256, 256, 256, 256};
};
struct Algorithm {
  uint64_t magic, kind, alignment, rest[5];
};
struct Heuristic {
  Algorithm algorithm;
  size_t workspace;
  int state;
  float waves;
  int reserved[4];
};

int fail(const char* call, const std::string& why, int status = INVALID) {
  standin::complain(call, ": ", why);
  return status;
}

template <typename T>
int create(void** made) {
  *made = new T();
  fizzy_standin_living(1);
  return SUCCESS;
}
template <typename T>
int destroy(void* p) {
  if (p) {
    delete static_cast<T*>(p);
    fizzy_standin_living(-1);
  }
  return SUCCESS;
}

size_t bytes_of(const Layout& l) {
  return (l.type == R_16BF ? 2 : 4) * (l.batch == 1 ? l.rows * l.columns : (l.batch - 1) * l.stride + l.rows * l.columns);
}

// Sets m, n and k; false, after a message, if the shapes do not match.
bool shape(const Description& d, const Layout& a, const Layout& b, const Layout& c, int64_t& m, int64_t& n, int64_t& k) {
  m = d.transpose_a ? a.columns : a.rows, k = d.transpose_a ? a.rows : a.columns;
  n = d.transpose_b ? b.rows : b.columns;
  int64_t kb = d.transpose_b ? b.columns : b.rows;
  if (k != kb || m != static_cast<int64_t>(c.rows) || n != static_cast<int64_t>(c.columns)) {
    standin::complain("cublasLtMatmul: shapes do not match, m ", m, " n ", n, " k ", k, " and ", kb, " to ", c.rows, "x", c.columns);
    return false;
  }
  if (a.type != b.type || (a.type == R_32F && c.type != R_32F)) return standin::complain("cublasLtMatmul: types"), false;
  if (a.batch != b.batch || a.batch != c.batch) return standin::complain("cublasLtMatmul: batches differ"), false;
  return true;
}

}  // namespace

extern "C" {

int cublasLtCreate(void** handle) { return create<int>(handle); }
int cublasLtDestroy(void* handle) { return destroy<int>(handle); }
int cublasLtMatrixLayoutCreate(void** made, int type, uint64_t rows, uint64_t columns, int64_t ld) {
  if ((type != R_32F && type != R_16BF) || ld < static_cast<int64_t>(rows))
    return fail("cublasLtMatrixLayoutCreate", "type or leading dimension");
  create<Layout>(made);
  *static_cast<Layout*>(*made) = {type, rows, columns, ld};
  return SUCCESS;
}
int cublasLtMatrixLayoutDestroy(void* p) { return destroy<Layout>(p); }
int cublasLtMatrixLayoutSetAttribute(void* p, int attribute, const void* value, size_t bytes) {
  auto l = static_cast<Layout*>(p);
  if (attribute == 5 && bytes == 4) std::memcpy(&l->batch, value, 4);
  else if (attribute == 6 && bytes == 8) std::memcpy(&l->stride, value, 8);
  else return fail("cublasLtMatrixLayoutSetAttribute", "attribute or size");
  return SUCCESS;
}
int cublasLtMatmulDescCreate(void** made, int compute, int scale) {
  if (compute != 68 || scale != R_32F) return fail("cublasLtMatmulDescCreate", "compute type");
  return create<Description>(made);
}
int cublasLtMatmulDescDestroy(void* p) { return destroy<Description>(p); }
int cublasLtMatmulDescSetAttribute(void* p, int attribute, const void* value, size_t bytes) {
  auto d = static_cast<Description*>(p);
  switch (attribute) {
    case 3:
    case 4:
    case 7:
      if (bytes != 4) return fail("cublasLtMatmulDescSetAttribute", "size");
      std::memcpy(attribute == 3 ? &d->transpose_a : attribute == 4 ? &d->transpose_b : &d->epilogue, value, 4);
      return SUCCESS;
    case 8:
      if (bytes != 8) return fail("cublasLtMatmulDescSetAttribute", "size");
      std::memcpy(&d->bias, value, 8);
      return SUCCESS;
    default: return fail("cublasLtMatmulDescSetAttribute", "attribute");
  }
}
int cublasLtMatmulPreferenceCreate(void** made) { return create<Preference>(made); }
int cublasLtMatmulPreferenceDestroy(void* p) { return destroy<Preference>(p); }
int cublasLtMatmulPreferenceSetAttribute(void* p, int attribute, const void* value, size_t bytes) {
  auto preference = static_cast<Preference*>(p);
  if (attribute == 1 && bytes == 8) std::memcpy(&preference->workspace, value, 8);
  else if (attribute == 3 && bytes == 4) std::memcpy(&preference->reductions, value, 4);
  else if (attribute >= 5 && attribute <= 8 && bytes == 4) std::memcpy(&preference->alignment[attribute - 5], value, 4);
  else return fail("cublasLtMatmulPreferenceSetAttribute", "attribute or size");
  return SUCCESS;
}
int cublasLtMatmulAlgoGetHeuristic(void*, void* description, void* a, void* b, void* c, void* d, void* preference, int wanted,
                                   Heuristic* results, int* found) {
  int64_t m, n, k;
  *found = 0;
  auto description_ = static_cast<Description*>(description);
  auto& la = *static_cast<Layout*>(a);
  auto& lb = *static_cast<Layout*>(b);
  auto& lc = *static_cast<Layout*>(c);
  if (wanted < 1 || c != d || !shape(*description_, la, lb, lc, m, n, k)) return NOT_SUPPORTED;
  if (description_->epilogue == BIAS_GRADIENT_B && (la.batch > 1 || !fizzy_standin_setting(FUSION))) return NOT_SUPPORTED;
  auto wish = *static_cast<Preference*>(preference);
  uint64_t alignment = *std::min_element(wish.alignment, wish.alignment + 4);
  auto offer = [&](Kind kind, int state) {
    if (*found == wanted) return;
    Heuristic& h = results[(*found)++];
    h = {{0xF122, kind, alignment, {}}, wish.workspace >= WORKSPACE ? WORKSPACE : 0, state, 1, {}};
    if (state != SUCCESS) h.algorithm.magic = 0, h.workspace = SIZE_MAX;
  };
  offer(PLAIN, NOT_SUPPORTED);
  if (wish.reductions & IN_PLACE) offer(ADDING, SUCCESS);
  if (fizzy_standin_setting(CANDIDATES)) offer(FAILING, SUCCESS), offer(SLOW, SUCCESS);
  offer(PLAIN, SUCCESS);
  return SUCCESS;
}
int cublasLtMatmulAlgoCheck(void*, void* description, void* a, void* b, void* c, void* d, const Algorithm* algorithm, Heuristic* result) {
  int64_t m, n, k;
  if (algorithm->magic != 0xF122 || c != d ||
      !shape(*static_cast<Description*>(description), *static_cast<Layout*>(a), *static_cast<Layout*>(b), *static_cast<Layout*>(c), m, n, k))
    return NOT_SUPPORTED;
  result->workspace = WORKSPACE, result->state = SUCCESS, result->waves = 1;
  return SUCCESS;
}
size_t cublasLtGetVersion() { return 130300; }

int cublasLtMatmul(void*, void* description, const void* alpha, const void* a, void* layout_a, const void* b, void* layout_b, const void* beta,
                   const void* c, void* layout_c, void* d, void* layout_d, const Algorithm* algorithm, void* workspace, size_t workspace_bytes,
                   void* stream) {
  Description how = *static_cast<Description*>(description);
  Layout la = *static_cast<Layout*>(layout_a), lb = *static_cast<Layout*>(layout_b), lc = *static_cast<Layout*>(layout_d);
  int64_t m, n, k;
  if (!shape(how, la, lb, lc, m, n, k)) return INVALID;
  if (algorithm == nullptr || algorithm->magic != 0xF122) return fail("cublasLtMatmul", "an algorithm that did not come from the heuristic");
  if (algorithm->kind == ADDING) return fail("cublasLtMatmul", "an algorithm that adds parts in the type of the output");
  if (algorithm->kind == FAILING) return EXECUTION_FAILED;
  bool slow = algorithm->kind == SLOW;
  float scale = *static_cast<const float*>(alpha), add = *static_cast<const float*>(beta);
  bool bias = how.epilogue == BIAS, gradient = how.epilogue == BIAS_GRADIENT_B;
  size_t element = lc.type == R_16BF ? 2 : 4;
  for (auto [p, l] : {std::pair<const void*, Layout*>{a, &la}, {b, &lb}, {d, &lc}})
    if (!fizzy_standin_on_device(p, bytes_of(*l), stream) || reinterpret_cast<uintptr_t>(p) % algorithm->alignment)
      return fail("cublasLtMatmul", "an operand outside device memory, or not aligned as the preference says");
  if (add != 0 && !fizzy_standin_on_device(c, bytes_of(lc), stream)) return fail("cublasLtMatmul", "C outside device memory");
  if (add != 0 && c == d && layout_c != layout_d) return fail("cublasLtMatmul", "in place with two layouts");
  if (bias && !fizzy_standin_on_device(how.bias, m * element, stream)) return fail("cublasLtMatmul", "the bias outside device memory");
  if (!bias && !gradient && how.epilogue != NO_EPILOGUE) return fail("cublasLtMatmul", "epilogue");
  if (gradient && (lb.batch > 1 || !fizzy_standin_on_device(how.bias, n * element, stream)))
    return fail("cublasLtMatmul", "the bias gradient of a batch, or outside device memory");
  if (workspace_bytes > 0 && !fizzy_standin_on_device(workspace, workspace_bytes, stream))
    return fail("cublasLtMatmul", "the workspace outside device memory");
  if (workspace_bytes > 0 && reinterpret_cast<uintptr_t>(workspace) % WORKSPACE_ALIGNMENT)
    return fail("cublasLtMatmul", "a workspace that is not aligned to 256 bytes");
  return standin::submit(stream,
                         [=] {
    if (workspace_bytes > 0) std::memset(workspace, 0xff, workspace_bytes);
    if (slow) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    bool in16 = la.type == R_16BF, out16 = lc.type == R_16BF;
    for (auto operand : {a, b})
      if (standin::get(operand, in16, 0) != standin::get(operand, in16, 0) && *static_cast<const uint16_t*>(operand) == 0xffff)
        standin::complain("cublasLtMatmul: an operand that was never written");
    for (int64_t j = 0; gradient && j < n; j++) {
      float sum = 0;
      for (int64_t p = 0; p < k; p++) sum += standin::get(b, in16, how.transpose_b ? p * lb.ld + j : j * lb.ld + p);
      standin::put(const_cast<void*>(how.bias), out16, j, sum);
    }
    std::vector<float> column(m), left(m * k);  // op(A), as [k, m]
    for (int64_t batch = 0; batch < lc.batch; batch++) {
      int64_t a0 = batch * la.stride, b0 = batch * lb.stride, c0 = batch * lc.stride;
      for (int64_t p = 0; p < k; p++)
        for (int64_t i = 0; i < m; i++) left[p * m + i] = standin::get(a, in16, a0 + (how.transpose_a ? i * la.ld + p : p * la.ld + i));
      for (int64_t j = 0; j < n; j++) {
        std::fill(column.begin(), column.end(), 0.f);
        for (int64_t p = 0; p < k; p++)
          standin::add_scaled(column.data(), standin::get(b, in16, b0 + (how.transpose_b ? p * lb.ld + j : j * lb.ld + p)), &left[p * m], m);
        for (int64_t i = 0; i < m; i++) {
          float sum = column[i] * scale;
          if (add != 0) sum += add * standin::get(c, out16, c0 + j * lc.ld + i);
          if (bias) sum += standin::get(how.bias, out16, i);
          standin::put(d, out16, c0 + j * lc.ld + i, sum);
        }
      }
    }
  }) == 0
             ? SUCCESS
             : EXECUTION_FAILED;
}

}  // extern "C"
