// Bytes move: floor, one read and one write over bandwidth, in the widest words that divide both widths.
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

// Words of one part, `width` wide, out of rows of `pitch` words.
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

// body(Word{}, words of left, words of right)
template <typename Body>
void in_words(const char* name, int type, int64_t rows, int left, int right, Body body) {
  check_type(name, type);
  check(rows >= 0 && left > 0 && right > 0, name, ": ", rows, " rows of ", left, " and ", right);
  int64_t size = type == 0 ? 4 : 2, a = left * size, b = right * size;
  if (a % 16 == 0 && b % 16 == 0) body(uint4{}, static_cast<int>(a / 16), static_cast<int>(b / 16));
  else if (a % 4 == 0 && b % 4 == 0) body(unsigned{}, static_cast<int>(a / 4), static_cast<int>(b / 4));
  else body(uint16_t{}, static_cast<int>(a / 2), static_cast<int>(b / 2));
}

}  // namespace

void concat(int type, const void* a, const void* b, void* y, int64_t rows, int a_columns, int b_columns, void* stream) {
  Range range("concat");
  check_aligned("concat", a, b, y);
  in_words("concat", type, rows, a_columns, b_columns, [&](auto word, int left, int right) {
    using Word = decltype(word);
    pointwise<1>("concat", ConcatWords<Word>{static_cast<const Word*>(a), static_cast<const Word*>(b), static_cast<Word*>(y), left, right},
                 rows * (left + right), stream);
  });
}

void split(int type, const void* x, void* a, void* b, int64_t rows, int a_columns, int b_columns, void* stream) {
  Range range("split");
  check_aligned("split", x, a, b);
  in_words("split", type, rows, a_columns, b_columns, [&](auto word, int left, int right) {
    using Word = decltype(word);
    auto from = static_cast<const Word*>(x);
    if (a) pointwise<1>("split", SplitWords<Word>{from, static_cast<Word*>(a), left, left + right}, rows * left, stream);
    if (b) pointwise<1>("split", SplitWords<Word>{from + left, static_cast<Word*>(b), right, left + right}, rows * right, stream);
  });
}

}  // namespace fizzy::cuda
