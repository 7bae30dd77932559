// oneDNN's primitives as this engine replays them: prepared once for a shape, bound once to addresses, then run without
// an allocation. Around the primitive itself stand what it needs here: weights reordered from the published layout, bf16
// widened to f32 and back on processors without bf16 instructions, the residual copied to where it is summed.
//
// The order in which oneDNN sums depends on the shape and on the number of threads that it finds when a primitive is made. So what
// must not depend on the threads (every forward pass) is cut into tiles by its shape alone; each tile is a primitive made for one
// thread, and the threads share out the tiles (Primitive::tiles).
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

// Whose address a buffer has. What each constructor of cpu.h calls its operands is mapped to these.
enum class Slot { FIRST, SECOND, BIAS, RESIDUAL, SLOPE, OUTPUT, BIAS_GRADIENT, SCRATCH, PACKED, COUNT };

const dnnl::engine& onednn_engine();

struct Primitive;

// The buffers of a primitive at their addresses.
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

// An operand of a tiled primitive: the buffer of the first tile, and how many bytes further it is for the next tile outward and inward.
struct TileOperand {
  int argument, buffer;
  int64_t outer = 0, inner = 0;
};

// `count` tiles inward that one primitive computes, one after the other.
struct Tiles {
  dnnl::primitive primitive;
  dnnl::memory::desc scratchpad;
  int64_t count;
  std::vector<TileOperand> operands;
};

struct Primitive {
  struct Buffer {
    dnnl::memory::desc desc;
    Slot slot;
    size_t offset;
  };
  using Run = std::function<void()>;                  // a step as it is carried out
  using Step = std::function<Run(const Addresses&)>;  // makes it of the addresses

  std::vector<Buffer> buffers;
  std::vector<Step> packs, runs;
  size_t scratch_bytes = 0, packed_bytes = 0;
  std::string implementation;
  // What the primitive computes in: bf16 only where the processor can.
  dnnl::memory::data_type precision = dnnl::memory::data_type::f32;
  dnnl::memory::data_type type = dnnl::memory::data_type::f32;

  int operand(Slot slot, const dnnl::memory::desc& desc);
  int scratch(const dnnl::memory::desc& desc);
  int packed(const dnnl::memory::desc& desc);
  // Another description of a buffer's memory, from a byte on.
  int view(int buffer, const dnnl::memory::desc& desc, size_t offset = 0);

  // An activation given in `type`, seen in `precision`: itself, or widened into scratch.
  int input(Slot slot, const dnnl::memory::desc& in_precision);
  // An activation to be written: itself, or scratch that finish() narrows. With a residual it begins as a copy of that.
  int output(Slot slot, const dnnl::memory::desc& in_precision, bool residual);
  void finish(int output, Slot slot);

  // Weights from the published f32 layout to what the primitive wants: once a model, or in every run. Asked again for the same, it
  // gives the same buffer.
  int weights(Slot slot, const dnnl::memory::desc& published, const dnnl::memory::desc& wanted, bool once);
  // As the primitive writes them, and the step that brings them to the published layout.
  int weight_gradient(const dnnl::memory::desc& published, const dnnl::memory::desc& written);
  void publish(int written, const dnnl::memory::desc& published);

  // PReLU of an output in place, for implementations that do not have it among their own steps.
  void prelu(int output, const dnnl::memory::desc& slope);

  // The bias gradient: column sums of an operand [rows, columns] as it is given, bf16 or f32.
  void column_sum(Slot slot, int64_t rows, int64_t columns);

  // y [m,n] = x [m,k] w^T, w [n,k], as buffer of finish(). Where a window is given, x is its image unfolded, and the product a
  // convolution.
  int product(int type, int64_t m, int n, int k, bool bias, bool residual, bool packed, const Window* window = nullptr);
  // dx [m,k] = dy [m,n] w; where a window is given, folded back to its image.
  void product_backward_data(int type, int m, int n, int k, const Window* window = nullptr);
  // dw [rows, columns] = the transpose of `left` [pixels, rows] times the unfolded windows of `image` [pixels, columns], in the
  // published order of a convolution's weights. oneDNN's own weight gradient has nothing to spread over where an image is small.
  void unfolded_weight_gradient(int type, Slot left, int rows, Slot image, const Window& window);

  using Arguments = std::vector<std::pair<int, int>>;  // oneDNN's argument numbers and our buffers
  // By all threads, as oneDNN shares the work out.
  void execute(const dnnl::primitive& primitive, const dnnl::memory::desc& scratchpad, Arguments arguments, std::vector<Step>* list = nullptr);
  // outer x (sum of the counts) tiles, each by one thread: made by for_one_thread(), nothing in them depends on how many there are.
  void tiles(int64_t outer, const std::vector<Tiles>& inner);
  void copy(int from, int to, int64_t bytes);

  // The description made by make(precision), in bf16 if asked for and to be had, else in f32. oneDNN's `ref` is no offer.
  template <typename Make>
  auto describe(int wanted, const char* what, Make make, bool bf16_pays = true) {
    using type_of = dnnl::memory::data_type;
    type = wanted == 1 ? type_of::bf16 : type_of::f32;
    for (precision = bf16_pays ? type : type_of::f32;; precision = type_of::f32) {
      auto description = make(precision);
      std::string name = description ? description.impl_info_str() : "none";
      if (usable(description)) {
        const char* why = bf16_pays ? " in f32, since this processor has no bf16 of it" : " in f32, since few rows use the weights";
        implementation = name + (precision == type ? "" : why);
        return description;
      }
      check(precision != type_of::f32, "oneDNN has no ", what, " of this shape but `", name, "`");
    }
  }
  template <typename Description>
  static bool usable(const Description& description) {
    return description && std::string(description.impl_info_str()).rfind("ref:", 0) != 0;
  }

 private:
  struct Weights {
    Slot slot;
    dnnl::memory::desc published, wanted;
    int buffer;
  };
  std::vector<Weights> converted;

  int unfolded(Slot image, const Window& window);
  void reorder(int from, int to, std::vector<Step>& list);
  void cast(int from_type, int from, int to);
  // A step that calls body(address of from, address of to).
  template <typename Body>
  void step(int from, int to, Body body) {
    runs.push_back([=](const Addresses& at) -> Run { return [body, source = at[from], target = at[to]] { body(source, target); }; });
  }
};

// Scratchpads come from the arena; nothing is allocated in a run.
dnnl::primitive_attr user_scratchpad();

// What make() makes while oneDNN finds one thread.
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
