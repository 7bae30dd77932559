// Copies bytes in the widest words that divide both widths. Floor: one read and one write over bandwidth.
#include "common/cuda.cuh"

namespace fizzy::cuda {
namespace {

// y [rows,left+right] in words.
template <typename Word>
struct ConcatWords {
  const Word *a, *b;
  Word* y;
  int left, right;
  template <int W>
  __device__ void at(int64_t i) const {
    int64_t row = i / (left + right);
    int column = static_cast<int>(i - row * (left + right));
    Word nothing{};
    if (column < left) y[i] = a ? a[row * left + column] : nothing;
    else y[i] = b ? b[row * right + column - left] : nothing;
  }
};

// Copies one part, `width` words wide, from rows of `pitch` words.
template <typename Word>
struct SplitWords {
  const Word* x;
  Word* part;
  int width, pitch;
  template <int W>
  __device__ void at(int64_t i) const {
    int64_t row = i / width;
    part[i] = x[row * pitch + (i - row * width)];
  }
};

// Calls body(Word{}, words of left, words of right).
template <typename Body>
void in_words(int type, int left, int right, Body body) {
  int64_t size = type == 0 ? 4 : 2, a = left * size, b = right * size;
  if (a % 16 == 0 && b % 16 == 0) body(uint4{}, static_cast<int>(a / 16), static_cast<int>(b / 16));
  else if (a % 4 == 0 && b % 4 == 0) body(unsigned{}, static_cast<int>(a / 4), static_cast<int>(b / 4));
  else body(uint16_t{}, static_cast<int>(a / 2), static_cast<int>(b / 2));
}

}  // namespace

void concat(const Backend::Concat& o, void* stream) {
  check_aligned("concat", o.a, o.b, o.y);
  in_words(o.type, o.a_columns, o.b_columns, [&](auto word, int left, int right) {
    using Word = decltype(word);
    pointwise<1>("concat", ConcatWords<Word>{static_cast<const Word*>(o.a), static_cast<const Word*>(o.b), static_cast<Word*>(o.y), left, right},
                 o.rows * (left + right), stream);
  });
}

void split(const Backend::Split& o, void* stream) {
  check_aligned("split", o.x, o.a, o.b);
  in_words(o.type, o.a_columns, o.b_columns, [&](auto word, int left, int right) {
    using Word = decltype(word);
    auto from = static_cast<const Word*>(o.x);
    if (o.a) pointwise<1>("split", SplitWords<Word>{from, static_cast<Word*>(o.a), left, left + right}, o.rows * left, stream);
    if (o.b) pointwise<1>("split", SplitWords<Word>{from + left, static_cast<Word*>(o.b), right, left + right}, o.rows * right, stream);
  });
}

}  // namespace fizzy::cuda
