// Chooses the implementation of attention for a call, at the active instruction-set level.
#include "common/choice.h"

#include "common/level.h"
#include "kernels/attention/attention.h"

namespace fizzy::cpu {
namespace {

const char* no_tiles(const Backend::Attention& a) {
  if (a.type != 1) return "f32";
  if (level() < AMX) return "no AMX";
  return a.width % PANEL_MAX == 0 ? nullptr : "the head width is not a multiple of 32";
}

const char* no_pairs(const Backend::Attention& a) {
  if (a.type != 1) return "f32";
  if (level() < AVX512_BF16) return "no AVX-512 BF16";
  return a.width % 16 == 0 ? nullptr : "the head width is not a multiple of 16";
}

// In the order of AttentionWay.
const Implementation<Backend::Attention> WAYS[] = {{"amx tiles", no_tiles}, {"bf16 pairs", no_pairs}, {"vectors", nullptr}};

}  // namespace

AttentionWay attention_way(const Backend::Attention& a) { return static_cast<AttentionWay>(choose(WAYS, a)); }

std::string implementation(const Backend::Attention& a) {
  return level() == REFERENCE ? level_name(REFERENCE) : std::string(level_name(level())) + ' ' + describe(WAYS, a);
}
std::string implementation(const Backend::AttentionBackward& a) { return implementation(a.forward); }

}  // namespace fizzy::cpu
