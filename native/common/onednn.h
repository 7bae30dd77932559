// oneDNN's primitives as this engine replays them: prepared once for a shape, bound once to addresses, then run without
// an allocation. Around the primitive itself stand what it needs here: weights reordered from the published layout, bf16
// widened to f32 and back on processors without bf16 instructions, the residual copied to where it is summed.
#pragma once
#include <dnnl.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/check.h"
#include "kernels/unfold/unfold.h"

namespace fizzy {

// Whose address a buffer has. What each constructor of kernels.h calls its operands is mapped to these.
enum class Slot { FIRST, SECOND, BIAS, RESIDUAL, SLOPE, OUTPUT, BIAS_GRADIENT, SCRATCH, PACKED, COUNT };

const dnnl::engine& onednn_engine();

struct Primitive {
  struct Buffer {
    dnnl::memory::desc desc;
    Slot slot;
    size_t offset;
  };
  enum class Kind { EXECUTE, COPY, WIDEN, NARROW, COLUMN_SUM, UNFOLD, FOLD, PRELU };
  // EXECUTE names its buffers by oneDNN's argument numbers; the others go from arguments[0] to arguments[1].
  struct Step {
    Kind kind;
    dnnl::primitive primitive;
    std::vector<std::pair<int, int>> arguments;
    Window window = {};
  };

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

  // An activation given in `type`, seen in `precision`: itself, or widened into scratch.
  int input(Slot slot, const dnnl::memory::desc& in_precision);
  // An activation to be written: itself, or scratch that finish() narrows. With a residual it begins as a copy of that.
  int output(Slot slot, const dnnl::memory::desc& in_precision, bool residual);
  void finish(int output, Slot slot);

  // Weights from the published f32 layout to what the primitive wants: once a model, or in every run.
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
  int product(int type, int m, int n, int k, bool bias, bool residual, bool packed, const Window* window = nullptr);
  // dx [m,k] = dy [m,n] w; where a window is given, folded back to its image.
  void product_backward_data(int type, int m, int n, int k, const Window* window = nullptr);
  // dw [rows, columns] = the transpose of `left` [pixels, rows] times the unfolded windows of `image` [pixels, columns], in the
  // published order of a convolution's weights. oneDNN's own weight gradient has nothing to spread over where an image is small.
  void unfolded_weight_gradient(int type, Slot left, int rows, Slot image, const Window& window);

  void execute(const dnnl::primitive& primitive, const dnnl::memory::desc& scratchpad, std::vector<std::pair<int, int>> arguments,
               std::vector<Step>* list = nullptr);

  // The description made by make(precision), in bf16 if asked for and to be had, else in f32. oneDNN's `ref` is no offer.
  template <typename Make>
  auto describe(int wanted, const char* what, Make make, bool bf16_pays = true) {
    using type_of = dnnl::memory::data_type;
    type = wanted == 1 ? type_of::bf16 : type_of::f32;
    for (precision = bf16_pays ? type : type_of::f32;; precision = type_of::f32) {
      auto description = make(precision);
      bool found = static_cast<bool>(description);
      std::string name = found ? description.impl_info_str() : "none";
      if (found && name.rfind("ref:", 0) != 0) {
        const char* why = bf16_pays ? " in f32, since this processor has no bf16 of it" : " in f32, since few rows use the weights";
        implementation = name + (precision == type ? "" : why);
        return description;
      }
      check(precision != type_of::f32, "oneDNN has no ", what, " of this shape but `", name, "`");
    }
  }

 private:
  int unfolded(Slot image, const Window& window);
  void reorder(int from, int to, std::vector<Step>& list);
};

// Scratchpads come from the arena; nothing is allocated in a run.
dnnl::primitive_attr user_scratchpad();

}  // namespace fizzy
