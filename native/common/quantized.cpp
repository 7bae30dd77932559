// The operands of a forward pass in integers. With x = s (q - z) for inputs and w = t_o r for the weights of output o, of integers q and r,
//   y = sum x w + bias = s t_o (sum q r) + (bias - s t_o z sum r),
// where the second sum has only the taps within the image: it differs at its border.
#include <algorithm>
#include <cmath>

#include "common/onednn.h"
#include "common/parallel.h"
#include "kernels/quantize/quantize.h"

namespace fizzy {
using dnnl::memory;
using tag = memory::format_tag;
using type_of = memory::data_type;

namespace {

constexpr int LARGEST = 127;

// Rounds the weights of an output, and returns their scale; all of them are 0 if it is.
float round_weights(const float* w, int64_t n, int8_t* rounded) {
  float largest = 0;
  for (int64_t i = 0; i < n; i++) largest = std::max(largest, std::fabs(w[i]));
  float scale = largest / LARGEST;
  for (int64_t i = 0; i < n; i++) {
    double steps = scale == 0 ? 0 : std::nearbyint(static_cast<double>(w[i]) / scale);
    rounded[i] = static_cast<int8_t>(std::clamp<double>(steps, -LARGEST, LARGEST));
  }
  return scale;
}

// The sum of an output's weights over the channels, for each tap.
std::vector<int> tap_sums(const int8_t* w, int channels, int taps) {
  std::vector<int> sums(taps);
  for (int c = 0; c < channels; c++)
    for (int t = 0; t < taps; t++) sums[t] += w[static_cast<int64_t>(c) * taps + t];
  return sums;
}

// The sum of those taps of the window at an output pixel that are within the image.
int inside(const Window& s, const std::vector<int>& taps, int i, int j) {
  int sum = 0;
  for (int p = 0; p < s.k; p++)
    for (int q = 0; q < s.k; q++) {
      int row = i * s.stride - s.top + p, column = j * s.stride - s.left + q;
      if (row >= 0 && row < s.height && column >= 0 && column < s.width) sum += taps[p * s.k + q];
    }
  return sum;
}

void pack(const Window& s, int outputs, const float* w, const float* bias, const float* reach, int8_t* weights, float* scales, float* offsets) {
  check(reach[0] >= 0 && reach[1] >= 0 && reach[0] + reach[1] > 0 && std::isfinite(reach[0] + reach[1]),
        "inputs in integers need a reach below and above zero, not ", reach[0], " and ", reach[1]);
  Quantization q(reach);
  parallel_for(outputs, [&](int64_t o) {
    int8_t* own = weights + o * s.taps();
    scales[o] = round_weights(w + o * s.taps(), s.taps(), own) * q.scale;
    std::vector<int> taps = tap_sums(own, s.channels, s.k * s.k);
    for (int i = 0; i < s.out_height; i++)
      for (int j = 0; j < s.out_width; j++) {
        double of_zero = static_cast<double>(scales[o]) * q.zero * inside(s, taps, i, j);
        offsets[(static_cast<int64_t>(i) * s.out_width + j) * outputs + o] = static_cast<float>((bias ? bias[o] : 0) - of_zero);
      }
  });
}

}  // namespace

Quantized Primitive::quantized(const Window& s, int outputs, bool with_bias, bool once) {
  check(level() >= AVX512_BF16, "products of integers need a processor with AVX-512 BF16; the level here is ", level_name(level()));
  type = precision = type_of::bf16;
  memory::desc image{{s.batch, s.channels, s.height, s.width}, type_of::bf16, tag::nhwc};
  int given = operand(Slot::FIRST, image);
  int reach = operand(Slot::REACH, {{2}, type_of::f32, tag::a});
  int bias = with_bias ? operand(Slot::BIAS, {{outputs}, type_of::f32, tag::a}) : -1;
  int w = operand(Slot::SECOND, {{outputs, s.channels, s.k, s.k}, type_of::f32, tag::oihw});

  auto place = [&](const memory::desc& desc) { return once ? packed(desc) : scratch(desc); };
  Quantized q;
  q.x = scratch({image.get_dims(), type_of::u8, tag::nhwc});
  q.weights = scratch({buffers[w].desc.get_dims(), type_of::s8, tag::oihw});
  q.scales = place({{outputs}, type_of::f32, tag::a});
  q.offsets = place({{1, outputs, s.out_height, s.out_width}, type_of::f32, tag::nhwc});
  (once ? packs : runs).push_back([=](const Addresses& at) -> Run {
    return [=, from = at.as<float>(w), added = bias < 0 ? nullptr : at.as<float>(bias), range = at.as<float>(reach),
            weights = at.as<int8_t>(q.weights), scales = at.as<float>(q.scales),
            offsets = at.as<float>(q.offsets)] { pack(s, outputs, from, added, range, weights, scales, offsets); };
  });
  runs.push_back([=, n = int64_t{s.batch} * s.height * s.width * s.channels](const Addresses& at) -> Run {
    return [=, x = at.as<bf16>(given), range = at.as<float>(reach), to = at.as<uint8_t>(q.x)] {
      FIZZY_SELECT(quantize)(Quantization(range), x, to, n);
    };
  });
  return q;
}

}  // namespace fizzy
