// Stand-in for libcudnn_graph.so.9: the graph API for one convolution (forward, data or weight gradient), with sums fused into forward.
// Finalizing a descriptor checks its attributes, types, shapes and strides. Like cuDNN it fuses sums for bf16, and for f32 only with
// on tensor cores, where it rounds them to TF32. The heuristics name engines first that must not be used; with the setting CANDIDATES also
// some that do not run or are slow.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "simt/standin/standin.h"

namespace {

enum { SUCCESS = 0, BAD_PARAM = 2000, NOT_SUPPORTED = 3000, NOT_INITIALIZED = 1001, EXECUTION_FAILED = 5000 };
enum Kind {
  POINTWISE = 0,
  CONVOLUTION = 1,
  ENGINE = 2,
  CONFIGURATION = 3,
  HEURISTICS = 4,
  PLAN = 5,
  FORWARD = 10,
  FILTER = 11,
  DATA = 12,
  SUM = 13,
  GRAPH = 15,
  PACK = 16,
  TENSOR = 17
};
enum { HANDLE_T = 0, DATA_T = 1, BOOL_T = 2, INT64_T = 3, FLOAT_T = 4, POINTER_T = 6, DESCRIPTOR_T = 15 };
enum { CHAR_T = 24 };
enum { FLOAT = 0, BFLOAT16 = 9 };
enum Note { TENSOR_CORE = 0, FFT = 3, NONDETERMINISTIC = 4, WINOGRAD_13 = 8, STRICT_NAN = 9 };
// Engines by their global index. PLAIN alone can be written down.
enum Engine { ROUNDING = 1, TRANSFORMING = 2, WINDING = 3, VARYING = 4, UNSUPPORTED = 10, BROKEN = 11, SLOW = 12, PLAIN = 20 };
constexpr size_t WORKSPACE = 8192;
thread_local std::string last_error;

struct Descriptor;
struct Attribute {
  int type;
  std::vector<int64_t> values;  // numbers, floats as bits, addresses, descriptors
};
struct Tensor {
  int type = 0;
  int64_t dims[4] = {}, strides[4] = {}, id = 0, alignment = 0;
  bool is_virtual = false;
  bool bf16() const { return type == BFLOAT16; }
  int64_t at(int64_t n, int64_t c, int64_t h, int64_t w) const { return n * strides[0] + c * strides[1] + h * strides[2] + w * strides[3]; }
  int64_t elements() const { return dims[0] * dims[1] * dims[2] * dims[3]; }
  size_t bytes() const { return elements() * (bf16() ? 2 : 4); }
};
struct Sum {
  Tensor a, b, y;
};
// What a graph describes: one convolution and the sums that follow it.
struct Recipe {
  int kind = 0;
  Tensor x, w, y;
  int64_t before[2], after[2], stride[2];
  float beta = 0;
  std::vector<Sum> sums;
};
struct Descriptor {
  int kind;
  bool finished = false;
  std::map<int, Attribute> attributes;
  Tensor tensor;
  std::shared_ptr<Recipe> recipe;
  int engine = 0;
  void* handle = nullptr;
};
struct Handle {
  void* stream = nullptr;
};

int fail(const std::string& why, int status = BAD_PARAM) {
  last_error = why;
  standin::complain("cuDNN: ", why);
  return status;
}

const Attribute* find(const Descriptor& d, int name, int type, size_t count) {
  auto a = d.attributes.find(name);
  if (a == d.attributes.end() || a->second.type != type || a->second.values.size() != count) return nullptr;
  return &a->second;
}
Descriptor* linked(const Descriptor& d, int name, int kind) {
  const Attribute* a = find(d, name, DESCRIPTOR_T, 1);
  auto other = a ? reinterpret_cast<Descriptor*>(a->values[0]) : nullptr;
  return other && other->kind == kind && other->finished ? other : nullptr;
}
float as_float(int64_t bits) {
  float f;
  std::memcpy(&f, &bits, 4);
  return f;
}

int finish_tensor(Descriptor& d) {
  auto type = find(d, 901, DATA_T, 1), id = find(d, 906, INT64_T, 1), align = find(d, 900, INT64_T, 1), is_virtual = find(d, 907, BOOL_T, 1);
  auto dims = find(d, 902, INT64_T, 4), strides = find(d, 903, INT64_T, 4);
  if (!type || !dims || !strides || !id || !align) return fail("a tensor lacks an attribute");
  Tensor& t = d.tensor;
  t.type = static_cast<int>(type->values[0]), t.id = id->values[0], t.alignment = align->values[0],
  t.is_virtual = is_virtual && is_virtual->values[0];
  if (t.type != FLOAT && t.type != BFLOAT16) return fail("a tensor's type");
  if (t.alignment < 16) return fail("a tensor's alignment");
  for (int i = 0; i < 4; i++) {
    t.dims[i] = dims->values[i], t.strides[i] = strides->values[i];
    if (t.dims[i] < 1 || t.strides[i] < 1) return fail("a tensor's dimensions");
  }
  if (t.strides[1] != 1 || t.strides[3] != t.dims[1] || t.strides[2] != t.dims[3] * t.dims[1] || t.strides[0] != t.dims[2] * t.strides[2])
    return fail("a tensor is not NHWC");
  return SUCCESS;
}

int finish_convolution(Descriptor& d) {
  auto type = find(d, 100, DATA_T, 1), mode = find(d, 101, 7, 1), dims = find(d, 106, INT64_T, 1);
  if (!type || type->values[0] != FLOAT || !mode || mode->values[0] != 1 || !dims || dims->values[0] != 2)
    return fail("a convolution's type, mode or rank");
  for (int name : {102, 103, 104, 105})
    if (!find(d, name, INT64_T, 2)) return fail("a convolution lacks attribute " + std::to_string(name));
  if (d.attributes[104].values != d.attributes[105].values) return fail("uneven padding, which not every engine takes", NOT_SUPPORTED);
  return SUCCESS;
}

int finish_operation(Descriptor& d) {
  int base = d.kind == FORWARD ? 700 : d.kind == DATA ? 706 : 712;
  Descriptor *x, *w, *y;
  if (d.kind == FORWARD) w = linked(d, 703, TENSOR), x = linked(d, 704, TENSOR), y = linked(d, 705, TENSOR);
  else if (d.kind == DATA) w = linked(d, 709, TENSOR), x = linked(d, 710, TENSOR), y = linked(d, 711, TENSOR);
  else w = linked(d, 715, TENSOR), x = linked(d, 716, TENSOR), y = linked(d, 717, TENSOR);
  Descriptor* window = linked(d, base + 2, CONVOLUTION);
  auto alpha = find(d, base, FLOAT_T, 1), beta = find(d, base + 1, FLOAT_T, 1);
  if (!x || !w || !y || !window || !alpha || !beta || as_float(alpha->values[0]) != 1) return fail("a convolution lacks an operand");
  auto recipe = std::make_shared<Recipe>();
  recipe->kind = d.kind;
  recipe->x = x->tensor, recipe->w = w->tensor, recipe->y = y->tensor;
  recipe->beta = as_float(beta->values[0]);
  for (int i = 0; i < 2; i++) {
    recipe->after[i] = window->attributes[104].values[i], recipe->before[i] = window->attributes[105].values[i];
    recipe->stride[i] = window->attributes[103].values[i];
    if (window->attributes[102].values[i] != 1) return fail("dilation");
    int64_t out = (x->tensor.dims[2 + i] + recipe->before[i] + recipe->after[i] - w->tensor.dims[2 + i]) / recipe->stride[i] + 1;
    if (out != y->tensor.dims[2 + i])
      return fail("a convolution's result has " + std::to_string(y->tensor.dims[2 + i]) + " pixels, not " + std::to_string(out));
  }
  const Tensor &a = x->tensor, &b = w->tensor, &c = y->tensor;
  if (a.dims[0] != c.dims[0] || a.dims[1] != b.dims[1] || c.dims[1] != b.dims[0]) return fail("a convolution's batch or channels");
  bool f32_result = d.kind == FILTER || (d.kind == FORWARD && c.is_virtual);
  const Tensor& result = d.kind == FORWARD ? c : d.kind == DATA ? a : b;
  for (const Tensor* t : {&a, &b, &c})
    if (t != &result && t->type != (d.kind == FORWARD ? a.type : c.type)) return fail("a convolution's operands have different types");
  if (result.type != (d.kind == FORWARD ? a.type : c.type) && !(f32_result && result.type == FLOAT)) return fail("a convolution's result type");
  d.recipe = recipe;
  return SUCCESS;
}

int finish_sum(Descriptor& d) {
  Descriptor *how = linked(d, 750, POINTWISE), *a = linked(d, 751, TENSOR), *b = linked(d, 752, TENSOR), *y = linked(d, 753, TENSOR);
  if (!how || !a || !b || !y) return fail("a sum lacks an operand");
  for (int i = 0; i < 4; i++) {
    if (a->tensor.dims[i] != y->tensor.dims[i]) return fail("a sum's shapes");
    if (b->tensor.dims[i] != y->tensor.dims[i] && b->tensor.dims[i] != 1) return fail("a sum's second shape");
  }
  return SUCCESS;
}

int finish_graph(Descriptor& d) {
  auto handle = find(d, 800, HANDLE_T, 1);
  auto all = d.attributes.find(801);
  if (!handle || all == d.attributes.end() || all->second.values.empty()) return fail("a graph lacks its handle or operations");
  d.handle = reinterpret_cast<void*>(handle->values[0]);
  auto first = reinterpret_cast<Descriptor*>(all->second.values[0]);
  if (!first->finished || !first->recipe) return fail("a graph does not begin with a convolution");
  auto recipe = std::make_shared<Recipe>(*first->recipe);
  Tensor result = recipe->y;
  for (size_t i = 1; i < all->second.values.size(); i++) {
    auto sum = reinterpret_cast<Descriptor*>(all->second.values[i]);
    if (!sum->finished || sum->kind != SUM || recipe->kind != FORWARD) return fail("only sums may follow a convolution");
    Sum s{linked(*sum, 751, TENSOR)->tensor, linked(*sum, 752, TENSOR)->tensor, linked(*sum, 753, TENSOR)->tensor};
    if (s.a.id != result.id || !result.is_virtual) return fail("a sum's operand is not the previous result");
    recipe->sums.push_back(s);
    result = s.y;
  }
  if (result.is_virtual) return fail("a graph's result is virtual");
  d.recipe = recipe;
  return SUCCESS;
}

// The engines that the heuristics name for a recipe, best first.
std::vector<int> engines(const Recipe& r) {
  bool f32 = !r.x.bf16() && !r.y.bf16();
  if (!r.sums.empty() && (f32 || !fizzy_standin_setting(FUSION))) return f32 ? std::vector<int>{ROUNDING} : std::vector<int>{};
  if (r.beta != 0 && !fizzy_standin_setting(BETA)) return {};
  std::vector<int> all = f32 ? std::vector<int>{ROUNDING, TRANSFORMING, WINDING} : std::vector<int>{VARYING};
  if (fizzy_standin_setting(CANDIDATES))
    for (int e : {UNSUPPORTED, BROKEN, SLOW}) all.push_back(e);
  all.push_back(PLAIN);
  return all;
}

std::vector<int> notes(const Recipe& r, int engine) {
  switch (engine) {
    case ROUNDING: return {TENSOR_CORE};
    case TRANSFORMING: return {FFT, STRICT_NAN};
    case WINDING: return {STRICT_NAN, WINOGRAD_13};
    case VARYING: return {TENSOR_CORE, NONDETERMINISTIC};
    default: return r.x.bf16() || r.y.bf16() ? std::vector<int>{TENSOR_CORE} : std::vector<int>{STRICT_NAN};
  }
}

// A plan as text: the bytes of its recipe in hexadecimal digits.
struct Fixed {
  int kind;
  Tensor x, w, y;
  int64_t before[2], after[2], stride[2];
  float beta;
};
template <typename T>
void write(std::string& text, const T& value) {
  auto bytes = reinterpret_cast<const unsigned char*>(&value);
  for (size_t i = 0; i < sizeof value; i++) text += "0123456789abcdef"[bytes[i] / 16], text += "0123456789abcdef"[bytes[i] % 16];
}
template <typename T>
bool read(const std::string& text, size_t& at, T& value) {
  if (at + 2 * sizeof value > text.size()) return false;
  auto bytes = reinterpret_cast<unsigned char*>(&value);
  for (size_t i = 0; i < sizeof value; i++, at += 2) bytes[i] = static_cast<unsigned char>(std::stoi(text.substr(at, 2), nullptr, 16));
  return true;
}
std::string text_of(const Recipe& r) {
  std::string text;
  write(text, Fixed{r.kind, r.x, r.w, r.y, {r.before[0], r.before[1]}, {r.after[0], r.after[1]}, {r.stride[0], r.stride[1]}, r.beta});
  for (const Sum& s : r.sums) write(text, s);
  return text;
}
std::shared_ptr<Recipe> recipe_of(const std::string& text) {
  Fixed f;
  size_t at = 0;
  if (!read(text, at, f)) return nullptr;
  auto r = std::make_shared<Recipe>();
  r->kind = f.kind, r->x = f.x, r->w = f.w, r->y = f.y, r->beta = f.beta;
  for (int i = 0; i < 2; i++) r->before[i] = f.before[i], r->after[i] = f.after[i], r->stride[i] = f.stride[i];
  for (Sum s; read(text, at, s);) r->sums.push_back(s);
  return at == text.size() ? r : nullptr;
}

int finish_plan(Descriptor& d) {
  auto handle = find(d, 400, HANDLE_T, 1);
  auto json = d.attributes.find(405);
  if (handle && json != d.attributes.end() && json->second.type == CHAR_T) {
    d.recipe = recipe_of({json->second.values.begin(), json->second.values.end()});
    d.engine = PLAIN;
    return d.recipe ? SUCCESS : fail("the text is no plan");
  }
  Descriptor* configuration = linked(d, 401, CONFIGURATION);
  if (!configuration || !handle) return fail("a plan lacks its configuration or handle");
  d.recipe = configuration->recipe;
  d.engine = configuration->engine;
  return d.engine == UNSUPPORTED ? NOT_SUPPORTED : SUCCESS;
}

int finish_pack(Descriptor& d) {
  auto ids = d.attributes.find(1000), addresses = d.attributes.find(1001);
  if (ids == d.attributes.end() || addresses == d.attributes.end() || ids->second.values.size() != addresses->second.values.size())
    return fail("a pack's names and addresses");
  if (!find(d, 1003, POINTER_T, 1)) return fail("a pack lacks its workspace");
  return SUCCESS;
}

// Weights in the order [r, s, input, output].
std::vector<float> inputs_first(const Tensor& t, const std::vector<float>& w) {
  std::vector<float> all;
  all.reserve(w.size());
  for (int64_t r = 0; r < t.dims[2]; r++)
    for (int64_t s = 0; s < t.dims[3]; s++)
      for (int64_t c = 0; c < t.dims[1]; c++)
        for (int64_t o = 0; o < t.dims[0]; o++) all.push_back(w[t.at(o, c, r, s)]);
  return all;
}

float read(const void* p, const Tensor& t, int64_t n, int64_t c, int64_t h, int64_t w) { return standin::get(p, t.bf16(), t.at(n, c, h, w)); }

// Calls f(h and w of x, r, s) for every tap in the window of pixel (h, w) of y.
template <typename F>
void window(const Recipe& k, int64_t oh, int64_t ow, F f) {
  for (int64_t r = 0; r < k.w.dims[2]; r++)
    for (int64_t s = 0; s < k.w.dims[3]; s++) {
      int64_t h = oh * k.stride[0] + r - k.before[0], w = ow * k.stride[1] + s - k.before[1];
      if (h >= 0 && w >= 0 && h < k.x.dims[2] && w < k.x.dims[3]) f(h, w, r, s);
    }
}

bool overlap(const void* a, size_t a_bytes, const void* b, size_t b_bytes) {
  auto from = static_cast<const char*>(a), other = static_cast<const char*>(b);
  return from < other + b_bytes && other < from + a_bytes;
}

void compute(const Recipe& k, int engine, const std::map<int64_t, void*>& at, void* workspace) {
  if (workspace) std::memset(workspace, 0xff, WORKSPACE);
  if (engine == SLOW) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  auto address = [&](const Tensor& t) { return at.at(t.id); };
  const Tensor& result = k.kind == FORWARD ? (k.sums.empty() ? k.y : k.sums.back().y) : k.kind == DATA ? k.x : k.w;
  const Tensor& shape = k.kind == FORWARD ? k.y : result;
  std::vector<float> out(shape.elements());
  auto operand = [&](const Tensor& t, int result_of) {
    return k.kind == result_of ? std::vector<float>() : standin::floats(address(t), t.bf16(), t.elements());
  };
  std::vector<float> x = operand(k.x, DATA), w = operand(k.w, FILTER), y = operand(k.y, FORWARD);
  int64_t cin = k.x.dims[1], cout = k.y.dims[1];
  if (k.kind == FORWARD) w = inputs_first(k.w, w);
  for (int64_t n = 0; n < k.y.dims[0]; n++)
    for (int64_t oh = 0; oh < k.y.dims[2]; oh++)
      for (int64_t ow = 0; ow < k.y.dims[3]; ow++)
        window(k, oh, ow, [&](int64_t h, int64_t v, int64_t r, int64_t s) {
          int64_t to_x = k.x.at(n, 0, h, v), to_y = k.y.at(n, 0, oh, ow);
          if (k.kind == FORWARD) {
            const float* weights = &w[(r * k.w.dims[3] + s) * cin * cout];
            for (int64_t c = 0; c < cin; c++) standin::add_scaled(&out[to_y], x[to_x + c], weights + c * cout, cout);
            return;
          }
          for (int64_t o = 0; o < cout; o++) {
            int64_t to_w = k.w.at(o, 0, r, s);
            if (k.kind == DATA) standin::add_scaled(&out[to_x], y[to_y + o], &w[to_w], cin);
            else standin::add_scaled(&out[to_w], y[to_y + o], &x[to_x], cin);
          }
        });
  for (const Sum& sum : k.sums)
    for (int64_t n = 0; n < sum.y.dims[0]; n++)
      for (int64_t c = 0; c < sum.y.dims[1]; c++)
        for (int64_t h = 0; h < sum.y.dims[2]; h++)
          for (int64_t v = 0; v < sum.y.dims[3]; v++) {
            auto in = [&](int i, int64_t p) { return sum.b.dims[i] == 1 ? 0 : p; };
            out[sum.y.at(n, c, h, v)] += read(address(sum.b), sum.b, in(0, n), in(1, c), in(2, h), in(3, v));
          }
  void* to = address(result);
  for (size_t i = 0; i < out.size(); i++) {
    float before = k.beta != 0 ? k.beta * standin::get(to, result.bf16(), i) : 0;
    standin::put(to, result.bf16(), i, out[i] + before);
  }
}

}  // namespace

extern "C" {

size_t cudnnGetVersion() { return 92500; }
const char* cudnnGetErrorString(int) { return "CUDNN_STATUS (stand-in)"; }
void cudnnGetLastErrorString(char* text, size_t most) {
  std::strncpy(text, last_error.c_str(), most - 1);
  text[most - 1] = 0;
}
int cudnnCreate(void** handle) {
  *handle = new Handle();
  fizzy_standin_living(1);
  return SUCCESS;
}
int cudnnDestroy(void* handle) {
  delete static_cast<Handle*>(handle);
  fizzy_standin_living(-1);
  return SUCCESS;
}
int cudnnSetStream(void* handle, void* stream) {
  static_cast<Handle*>(handle)->stream = stream;
  return SUCCESS;
}
int cudnnBackendCreateDescriptor(int kind, void** made) {
  *made = new Descriptor{kind, false, {}, {}, {}, 0, nullptr};
  fizzy_standin_living(1);
  return SUCCESS;
}
int cudnnBackendDestroyDescriptor(void* p) {
  delete static_cast<Descriptor*>(p);
  fizzy_standin_living(-1);
  return SUCCESS;
}
int cudnnBackendSetAttribute(void* p, int name, int type, int64_t count, const void* values) {
  auto d = static_cast<Descriptor*>(p);
  if (d->finished) return fail("an attribute of a finalized descriptor", NOT_INITIALIZED);
  if (count < 1 || values == nullptr) return fail("an attribute without values");
  Attribute a{type, std::vector<int64_t>(count, 0)};
  size_t size = type == BOOL_T || type == CHAR_T ? 1 : type == INT64_T || type == HANDLE_T || type == POINTER_T || type == DESCRIPTOR_T ? 8 : 4;
  for (int64_t i = 0; i < count; i++) std::memcpy(&a.values[i], static_cast<const char*>(values) + i * size, size);
  d->attributes[name] = a;
  return SUCCESS;
}
int cudnnBackendFinalize(void* p) {
  auto& d = *static_cast<Descriptor*>(p);
  int status = SUCCESS;
  switch (d.kind) {
    case TENSOR: status = finish_tensor(d); break;
    case CONVOLUTION: status = finish_convolution(d); break;
    case FORWARD:
    case DATA:
    case FILTER: status = finish_operation(d); break;
    case POINTWISE: status = find(d, 0, 14, 1) && find(d, 1, DATA_T, 1) ? SUCCESS : fail("a pointwise operation's mode"); break;
    case SUM: status = finish_sum(d); break;
    case GRAPH: status = finish_graph(d); break;
    case HEURISTICS: {
      Descriptor* graph = linked(d, 201, GRAPH);
      if (!graph || !find(d, 200, 8, 1)) return fail("heuristics lack their graph or mode");
      d.recipe = graph->recipe;
      if (engines(*d.recipe).empty()) return NOT_SUPPORTED;
      break;
    }
    case PLAN: status = finish_plan(d); break;
    case PACK: status = finish_pack(d); break;
    default: return fail("a descriptor that cannot be finalized");
  }
  d.finished = status == SUCCESS;
  return status;
}
int cudnnBackendGetAttribute(void* p, int name, int type, int64_t most, int64_t* count, void* values) {
  auto& d = *static_cast<Descriptor*>(p);
  if (!d.finished) return fail("an attribute of a descriptor that is not finalized", NOT_INITIALIZED);
  if (d.kind == HEURISTICS && name == 202 && type == DESCRIPTOR_T && most >= 1) {
    std::vector<int> all = engines(*d.recipe);
    *count = static_cast<int64_t>(all.size());
    for (int64_t i = 0; i < std::min(most, *count); i++) {
      auto configuration = static_cast<Descriptor**>(values)[i];
      configuration->recipe = d.recipe, configuration->engine = all[i], configuration->finished = true;
    }
    return SUCCESS;
  }
  if (d.kind == CONFIGURATION && name == 300 && type == DESCRIPTOR_T && most >= 1) {
    auto engine = static_cast<Descriptor**>(values)[0];
    engine->recipe = d.recipe, engine->engine = d.engine, engine->finished = true;
    return *count = 1, SUCCESS;
  }
  if (d.kind == ENGINE && name == 1301 && type == INT64_T && most >= 1) {
    *static_cast<int64_t*>(values) = d.engine;
    return *count = 1, SUCCESS;
  }
  if (d.kind == ENGINE && name == 1303 && type == 11) {
    std::vector<int> all = notes(*d.recipe, d.engine);
    *count = static_cast<int64_t>(all.size());
    std::copy_n(all.begin(), std::min(most, *count), static_cast<int*>(values));
    return SUCCESS;
  }
  if (d.kind == PLAN && name == 405 && type == CHAR_T) {
    if (d.engine != PLAIN || d.recipe->kind == FILTER) return NOT_SUPPORTED;
    std::string text = text_of(*d.recipe);
    *count = static_cast<int64_t>(text.size());
    if (values) std::copy_n(text.begin(), std::min(most, *count), static_cast<char*>(values));
    return SUCCESS;
  }
  if (d.kind == PLAN && name == 402 && type == INT64_T && most >= 1) {
    *static_cast<int64_t*>(values) = WORKSPACE;
    return *count = 1, SUCCESS;
  }
  return fail("attribute " + std::to_string(name) + " cannot be read here");
}
int cudnnBackendExecute(void* handle, void* plan, void* pack) {
  auto& p = *static_cast<Descriptor*>(plan);
  auto& with = *static_cast<Descriptor*>(pack);
  void* stream = static_cast<Handle*>(handle)->stream;
  if (!p.finished || p.kind != PLAN || !with.finished || with.kind != PACK) return fail("a plan or pack that is not finalized");
  std::map<int64_t, void*> at;
  for (size_t i = 0; i < with.attributes[1000].values.size(); i++)
    at[with.attributes[1000].values[i]] = reinterpret_cast<void*>(with.attributes[1001].values[i]);
  auto workspace = reinterpret_cast<void*>(with.attributes[1003].values[0]);
  std::vector<Tensor> operands{p.recipe->x, p.recipe->w, p.recipe->y};
  for (const Sum& s : p.recipe->sums) operands.insert(operands.end(), {s.b, s.y});
  for (const Tensor& t : operands) {
    if (t.is_virtual) continue;
    if (!at.count(t.id)) return fail("no address for tensor " + std::to_string(t.id));
    if (!fizzy_standin_on_device(at[t.id], t.bytes(), stream)) return fail("tensor " + std::to_string(t.id) + " outside device memory");
    if (reinterpret_cast<uintptr_t>(at[t.id]) % t.alignment) return fail("tensor " + std::to_string(t.id) + " is not aligned as declared");
  }
  if (!fizzy_standin_on_device(workspace, WORKSPACE, stream)) return fail("the workspace outside device memory");
  auto recipe = p.recipe;
  if (const Sum* last = recipe->sums.empty() ? nullptr : &recipe->sums.back())
    for (const Tensor& t : operands)
      if (!t.is_virtual && t.id != last->y.id && overlap(at[t.id], t.bytes(), at[last->y.id], last->y.bytes()))
        return fail("the result of a fused graph overlaps tensor " + std::to_string(t.id));
  if (p.engine < UNSUPPORTED) return fail("engine " + std::to_string(p.engine) + ", whose notes exclude it");
  if (p.engine == BROKEN) return EXECUTION_FAILED;
  return standin::submit(stream, [recipe, engine = p.engine, at, workspace] { compute(*recipe, engine, at, workspace); }) == 0
             ? SUCCESS
             : EXECUTION_FAILED;
}

}  // extern "C"
