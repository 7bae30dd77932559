// oneDNN primitives for replay: prepared once for a shape, bound once to addresses, then run without allocation. Includes the steps around
// the primitive: weights reordered from the published layout, bf16 widened to f32 and back on processors without bf16 instructions, the
// residual copied to the output that it is summed into.
// The order of oneDNN's sums depends on the shape and on the number of threads when the primitive is created. So every forward pass, whose
// result must not depend on the number of threads, is cut into tiles by its shape alone; each tile is a primitive created for one thread,
// and the threads divide the tiles among them (Primitive::tiles). So are the weight gradients of convolutions, since threads that wait for
// each other within a primitive lose much time on a busy machine.
#pragma once
#include <omp.h>

#include <dnnl.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/check.h"
#include "kernels/unfold/unfold.h"

namespace fizzy {

// The operand whose address a buffer has. Each constructor of cpu.h maps its operands to these.
enum class Slot { FIRST, SECOND, BIAS, RESIDUAL, SLOPE, REACH, OUTPUT, BIAS_GRADIENT, SCRATCH, PACKED, COUNT };

const dnnl::engine& onednn_engine();

struct Primitive;

// The addresses of a primitive's buffers.
class Addresses {
 public:
  Addresses(const Primitive& primitive, void* const* slots) : primitive(primitive), slots(slots) {}
  void* operator[](int buffer) const;
  template <typename T>
  T* as(int buffer) const {
    return static_cast<T*>((*this)[buffer]);
  }
  dnnl::memory memory(int buffer) const;

 private:
  const Primitive& primitive;
  void* const* slots;
};

// An operand of a tiled primitive: the buffer of the first tile, and the strides in bytes to the next tile of the outer and of the inner
// loop.
struct TileOperand {
  int argument, buffer;
  int64_t outer = 0, inner = 0;
};

// `count` tiles of the inner loop that one primitive computes, one after the other.
struct Tiles {
  dnnl::primitive primitive;
  dnnl::memory::desc scratchpad;
  int64_t count;
  std::vector<TileOperand> operands;
};

// The types of weights and results where inputs have a type: of u8 they are s8 and bf16.
inline dnnl::memory::data_type type_of_weights(dnnl::memory::data_type inputs) {
  return inputs == dnnl::memory::data_type::u8 ? dnnl::memory::data_type::s8 : inputs;
}
inline dnnl::memory::data_type type_of_result(dnnl::memory::data_type inputs) {
  return inputs == dnnl::memory::data_type::u8 ? dnnl::memory::data_type::bf16 : inputs;
}

// Buffers of a forward pass in integers (Primitive::quantized): y = scales x weights + offsets.
struct Quantized {
  int x;        // u8
  int weights;  // s8, in the published order
  int scales;   // f32 [outputs]
  int offsets;  // f32 [out_height, out_width, outputs]: the bias, and what the zero of x and the border of the image contribute
};

struct Primitive {
  struct Buffer {
    dnnl::memory::desc desc;
    Slot slot;
    size_t offset;
  };
  using Run = std::function<void()>;                  // a step with its addresses
  using Step = std::function<Run(const Addresses&)>;  // creates it from the addresses

  std::vector<Buffer> buffers;
  std::vector<Step> packs, runs;
  size_t scratch_bytes = 0, packed_bytes = 0;
  std::string implementation;
  // The type in which the primitive computes: bf16 only if the processor supports it.
  dnnl::memory::data_type precision = dnnl::memory::data_type::f32;
  dnnl::memory::data_type type = dnnl::memory::data_type::f32;

  int operand(Slot slot, const dnnl::memory::desc& desc);
  int scratch(const dnnl::memory::desc& desc);
  int packed(const dnnl::memory::desc& desc);
  // Another description of a buffer's memory, beginning at byte `offset`.
  int view(int buffer, const dnnl::memory::desc& desc, size_t offset = 0);

  // An input activation of type `type` in `precision`: the operand itself, or a copy widened into scratch.
  int input(Slot slot, const dnnl::memory::desc& in_precision);
  // An output activation: the operand itself, or scratch that finish() narrows. With a residual it starts as a copy of the residual.
  int output(Slot slot, const dnnl::memory::desc& in_precision, bool residual);
  void finish(int output, Slot slot);

  // Reorders weights from the published f32 layout to the one that the primitive wants: once per model, or in every run. The same request
  // returns the same buffer.
  int weights(Slot slot, const dnnl::memory::desc& published, const dnnl::memory::desc& wanted, bool once);
  int weights(int published, const dnnl::memory::desc& wanted, bool once);

  // Rounds the input to u8 within its reach and the weights to s8 with a scale for each output: Slots FIRST (bf16), SECOND, REACH and BIAS.
  // The result is bf16. Throws where the processor multiplies no integers.
  Quantized quantized(const Window& window, int outputs, bool bias, bool once);

  // PReLU of an output in place, for implementations that cannot fuse it.
  void prelu(int output, const dnnl::memory::desc& slope);

  // The bias gradient: column sums of an operand [rows, columns] in its own type, bf16 or f32.
  void column_sum(Slot slot, int64_t rows, int64_t columns);

  // y [m,n] = x [m,k] w^T, w [n,k]; returns the buffer to pass to finish(). With a window, x is the unfolded image and the product a
  // convolution.
  int product(int type, int64_t m, int n, int k, bool bias, bool residual, bool packed, const Window* window = nullptr);
  // The same in integers; x is bf16.
  int quantized_product(int64_t m, int n, int k, bool bias, bool residual, bool packed);
  // dx [m,k] = dy [m,n] w; with a window, dx is folded back to the image.
  void product_backward_data(int type, int m, int n, int k, const Window* window = nullptr);
  // dw [rows, columns] = the transpose of `left` [pixels, rows] times the unfolded windows of `image` [pixels, columns], in the
  // published order of a convolution's weights. oneDNN's own weight gradient has too little to parallelize over if the image is small.
  void unfolded_weight_gradient(int type, Slot left, int rows, Slot image, const Window& window);
  // The same by oneDNN's convolution: for all other shapes.
  void convolution_weight_gradient(int type, Slot left, int rows, Slot image, const Window& window);

  using Arguments = std::vector<std::pair<int, int>>;  // pairs of oneDNN's argument number and our buffer
  // Runs on all threads, divided by oneDNN.
  void execute(const dnnl::primitive& primitive, const dnnl::memory::desc& scratchpad, Arguments arguments, std::vector<Step>* list = nullptr);
  // outer x (sum of the counts) tiles, each computed by one thread: their primitives are created by for_one_thread(), so they do not depend
  // on the number of threads.
  void tiles(int64_t outer, const std::vector<Tiles>& inner);
  void copy(int from, int to, int64_t bytes);

  // The primitive description that make(precision) returns: in bf16 if wanted and supported, otherwise in f32. oneDNN's slow reference
  // implementation (`ref`) is never used.
  template <typename Make>
  auto describe(int wanted, const char* what, Make make, bool bf16_pays = true) {
    using type_of = dnnl::memory::data_type;
    type = wanted == 1 ? type_of::bf16 : type_of::f32;
    for (precision = bf16_pays ? type : type_of::f32;; precision = type_of::f32) {
      auto description = make(precision);
      std::string name = description ? description.impl_info_str() : "none";
      if (usable(description)) {
        const char* why = bf16_pays ? " in f32, since this processor has no bf16 form of it" : " in f32, since few rows use the weights";
        implementation = name + (precision == type ? "" : why);
        return description;
      }
      check(precision != type_of::f32, "oneDNN has no ", what, " for this shape except `", name, "`");
    }
  }
  template <typename Description>
  static bool usable(const Description& description) {
    return description && std::string(description.impl_info_str()).rfind("ref:", 0) != 0;
  }

 private:
  struct Weights {
    Buffer published;
    dnnl::memory::desc wanted;
    int buffer;
  };
  std::vector<Weights> converted;

  // The factors of a product; scales is -1 except in integers, bias is -1 if there is none.
  struct Factors {
    int x, weights, bias, scales;
  };
  int product(const Factors& factors, int64_t m, int n, int k, bool residual, bool once);
  int unfolded(Slot image, const Window& window);
  void reorder(int from, int to, std::vector<Step>& list);
  // f32 weights in a layout of bf16 from which oneDNN reorders them fast to the wanted one; the buffer itself if that is not bf16. Slices of
  // one matrix share its temporary buffer, so that they lie side by side.
  int rounded(int from, const dnnl::memory::desc& wanted);
  int temporary = -1;
  void cast(int from_type, int from, int to);
  // Adds a step that calls body(address of from, address of to).
  template <typename Body>
  void step(int from, int to, Body body) {
    runs.push_back([=](const Addresses& at) -> Run { return [body, source = at[from], target = at[to]] { body(source, target); }; });
  }
};

// Scratchpads are part of the arena; a run allocates nothing.
dnnl::primitive_attr user_scratchpad();

// Calls make() with the number of OpenMP threads set to one, which oneDNN plans for.
template <typename Make>
auto for_one_thread(Make make) {
  struct One {
    int before = omp_get_max_threads();
    One() { omp_set_num_threads(1); }
    ~One() { omp_set_num_threads(before); }
  } one;
  return make();
}

}  // namespace fizzy
