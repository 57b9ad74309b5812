#include "norm.h"

#include "vector.h"

namespace nyala {
namespace NYALA_ISA {
namespace {

// -- sums over places, one for each channel ------------------------------------------------------

// Up to this many channels, several places make one row, so that a row is whole vectors.
constexpr int64_t kMostFolded = 128;

int64_t places_in_row(int64_t channels) {
  if (channels > kMostFolded) return 1;
  int64_t count = 1;
  while (channels * count % kLanes != 0) count *= 2;
  return count;
}

NYALA_INLINE float total(Floats lanes) {
  float sum = 0.0f;
  for (int i = 0; i < kLanes; ++i) sum += lanes[i];
  return sum;
}

// Sums of `kVectors` vectors of columns, over all rows; `out` holds kSums arrays.
template <int kSums, int kVectors, typename Term, typename Lanes>
NYALA_INLINE void sum_block(int64_t rows, int64_t columns, int64_t c, const Term& term, float* out,
                            Lanes lanes) {
  Floats sums[kVectors][kSums] = {};
  for (int64_t row = 0; row < rows; ++row) {
#pragma GCC unroll 8
    for (int k = 0; k < kVectors; ++k) term(row, row * columns, c + k * kLanes, lanes, sums[k]);
  }
#pragma GCC unroll 8
  for (int k = 0; k < kVectors; ++k) {
    for (int s = 0; s < kSums; ++s) lanes.store(out + s * columns + c + k * kLanes, sums[k][s]);
  }
}

// `term(row, offset, column, lanes, sums)` adds what is in `row`, which begins at `offset`, at
// columns from `column` on. Overwrites kSums arrays of `columns` at `out`.
template <int kSums, typename Term>
NYALA_INLINE void sum_columns(int64_t rows, int64_t columns, const Term& term, float* out) {
  constexpr int kVectors = 8 / kSums;
  int64_t c = 0;
  for (; c + kVectors * kLanes <= columns; c += kVectors * kLanes) {
    sum_block<kSums, kVectors>(rows, columns, c, term, out, Whole{});
  }
  for (; c + 2 * kLanes <= columns; c += 2 * kLanes) {
    sum_block<kSums, 2>(rows, columns, c, term, out, Whole{});
  }
  for (; c + kLanes <= columns; c += kLanes) {
    sum_block<kSums, 1>(rows, columns, c, term, out, Whole{});
  }
  if (c < columns) sum_block<kSums, 1>(rows, columns, c, term, out, Some{columns - c});
}

// The same with rows of `fold` places; places that fill no row are added to them. The term must not
// ask for the number of its row. `scratch` has room for kSums arrays of `fold * channels`.
template <int kSums, typename Term>
NYALA_INLINE void sum_folded(int64_t places, int64_t channels, int64_t fold, const Term& term,
                             float* out, float* scratch) {
  if (fold == 1) return sum_columns<kSums>(places, channels, term, out);
  const int64_t rows = places / fold, columns = fold * channels, rest = places % fold;
  const auto last = [&](int64_t row, int64_t offset, int64_t c, auto lanes, Floats* sums) {
    term(row, rows * columns + offset, c, lanes, sums);
  };
  sum_columns<kSums>(rest, channels, last, out);
  sum_columns<kSums>(rows, columns, term, scratch);
  for (int s = 0; s < kSums; ++s) {
    for (int64_t i = 0; i < columns; i += channels) {
      for (int64_t c = 0; c < channels; ++c) {
        out[s * channels + c] += scratch[s * columns + i + c];
      }
    }
  }
}

// Sums over `inner` elements of each place in turn; `term(offset, lanes, sums)` adds elements.
template <int kSums, typename Term>
NYALA_INLINE void sum_runs(int64_t begin, int64_t end, int64_t stride, int64_t inner,
                           const Term& term, float* out) {
  Floats sums[4][kSums] = {};
  for (int64_t place = begin; place < end; ++place) {
    int64_t i = 0;
    for (; i + 4 * kLanes <= inner; i += 4 * kLanes) {
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) term(place * stride + i + k * kLanes, Whole{}, sums[k]);
    }
    for (; i + kLanes <= inner; i += kLanes) term(place * stride + i, Whole{}, sums[0]);
    if (i < inner) term(place * stride + i, Some{inner - i}, sums[1]);
  }
  for (int s = 0; s < kSums; ++s) {
    out[s] = total((sums[0][s] + sums[1][s]) + (sums[2][s] + sums[3][s]));
  }
}

int64_t scratch_size(int64_t channels) {
  // Two sums and the means.
  return 3 * places_in_row(channels) * channels;
}

NYALA_INLINE Floats in_lanes(Whole, Floats value) { return value; }

// Lanes that hold no element are zero again.
NYALA_INLINE Floats in_lanes(Some lanes, Floats value) {
  Floats kept = {};
  for (int64_t i = 0; i < lanes.n; ++i) kept[i] = value[i];
  return kept;
}

template <typename T>
void moments_of_runs(const ChannelSums& s, int64_t begin, int64_t end, float count, float* sums) {
  const int64_t stride = s.channels * s.inner;
  for (int64_t c = 0; c < s.channels; ++c) {
    const T* x = static_cast<const T*>(s.x) + c * s.inner;
    sum_runs<1>(begin, end, stride, s.inner, [&](int64_t at, auto lanes, Floats* sum) {
      sum[0] += lanes.load(x + at);
    }, sums + c);
    const Floats mean = broadcast(sums[c] / count);
    sum_runs<1>(begin, end, stride, s.inner, [&](int64_t at, auto lanes, Floats* sum) {
      const Floats centred = in_lanes(lanes, lanes.load(x + at) - mean);
      sum[0] += centred * centred;
    }, sums + s.channels + c);
  }
}

template <typename T>
void moments_of_weighted(const ChannelSums& s, int64_t begin, int64_t end, float count,
                         float* sums, float* means) {
  const T* x = static_cast<const T*>(s.x) + begin * s.channels;
  const float* weights = s.weights + begin;
  sum_columns<1>(end - begin, s.channels,
                 [&](int64_t row, int64_t at, int64_t c, auto lanes, Floats* sum) {
    sum[0] += weights[row] * lanes.load(x + at + c);
  }, sums);
  for (int64_t c = 0; c < s.channels; ++c) means[c] = count > 0 ? sums[c] / count : 0.0f;
  sum_columns<1>(end - begin, s.channels,
                 [&](int64_t row, int64_t at, int64_t c, auto lanes, Floats* sum) {
    const Floats centred = lanes.load(x + at + c) - lanes.load(means + c);
    sum[0] += weights[row] * (centred * centred);
  }, sums + s.channels);
}

template <typename T>
void moments(const ChannelSums& s, int64_t begin, int64_t end, float count, float* sums,
             float* scratch) {
  if (s.weights != nullptr) return moments_of_weighted<T>(s, begin, end, count, sums, scratch);
  if (s.inner > 1) return moments_of_runs<T>(s, begin, end, count, sums);
  const int64_t fold = places_in_row(s.channels), columns = fold * s.channels;
  const T* x = static_cast<const T*>(s.x) + begin * s.channels;
  float* means = scratch + columns;
  sum_folded<1>(end - begin, s.channels, fold,
                [&](int64_t, int64_t at, int64_t c, auto lanes, Floats* sum) {
    sum[0] += lanes.load(x + at + c);
  }, sums, scratch);
  for (int64_t i = 0; i < columns; ++i) means[i] = sums[i % s.channels] / count;
  sum_folded<1>(end - begin, s.channels, fold,
                [&](int64_t, int64_t at, int64_t c, auto lanes, Floats* sum) {
    const Floats centred = lanes.load(x + at + c) - lanes.load(means + c);
    sum[0] += centred * centred;
  }, sums + s.channels, scratch);
}

template <typename T>
void gradient_sums_of_runs(const ChannelSums& s, int64_t begin, int64_t end, float* sums) {
  for (int64_t c = 0; c < s.channels; ++c) {
    const T* x = static_cast<const T*>(s.x) + c * s.inner;
    const T* dy = static_cast<const T*>(s.dy) + c * s.inner;
    const Floats mean = broadcast(s.mean[c]);
    float both[2];
    sum_runs<2>(begin, end, s.channels * s.inner, s.inner,
                [&](int64_t at, auto lanes, Floats* sum) {
      const Floats d = lanes.load(dy + at);
      sum[0] += d;
      sum[1] += d * in_lanes(lanes, lanes.load(x + at) - mean);
    }, both);
    sums[c] = both[0];
    sums[s.channels + c] = both[1];
  }
}

template <typename T>
void gradient_sums(const ChannelSums& s, int64_t begin, int64_t end, float* sums, float* scratch) {
  if (s.inner > 1) return gradient_sums_of_runs<T>(s, begin, end, sums);
  const T* x = static_cast<const T*>(s.x) + begin * s.channels;
  const T* dy = static_cast<const T*>(s.dy) + begin * s.channels;
  const int64_t fold = places_in_row(s.channels), columns = fold * s.channels;
  float* means = scratch + 2 * columns;
  for (int64_t i = 0; i < columns; ++i) means[i] = s.mean[i % s.channels];
  sum_folded<2>(end - begin, s.channels, fold,
                [&](int64_t, int64_t at, int64_t c, auto lanes, Floats* sum) {
    const Floats d = lanes.load(dy + at + c);
    sum[0] += d;
    sum[1] += d * (lanes.load(x + at + c) - lanes.load(means + c));
  }, sums, scratch);
}

// -- rows, each by itself ------------------------------------------------------------------------

// Calls `step(i, lanes, k)` for every vector of a row, with k = 0..3 in turn.
template <typename Step>
NYALA_INLINE void for_row(int64_t width, const Step& step) {
  int64_t i = 0;
  for (; i + 4 * kLanes <= width; i += 4 * kLanes) {
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) step(i + k * kLanes, Whole{}, k);
  }
  for (; i + kLanes <= width; i += kLanes) step(i, Whole{}, 0);
  if (i < width) step(i, Some{width - i}, 1);
}

NYALA_INLINE float total(const Floats* four) {
  return total((four[0] + four[1]) + (four[2] + four[3]));
}

template <typename T>
void row_forward(const RowNorm& n, int64_t begin, int64_t end) {
  const float width = static_cast<float>(n.width);
  for (int64_t row = begin; row < end; ++row) {
    const T* x = static_cast<const T*>(n.x) + row * n.width;
    T* y = static_cast<T*>(n.result) + row * n.width;
    Floats sums[4] = {}, squares[4] = {};
    if (n.centre) {
      for_row(n.width, [&](int64_t i, auto lanes, int k) { sums[k] += lanes.load(x + i); });
    }
    const Floats mean = broadcast(total(sums) / width);
    for_row(n.width, [&](int64_t i, auto lanes, int k) {
      const Floats centred = in_lanes(lanes, lanes.load(x + i) - mean);
      squares[k] += centred * centred;
    });
    n.mean[row] = mean[0];
    n.inverse[row] = 1.0f / __builtin_sqrtf(total(squares) / width + n.epsilon);
    const Floats inverse = broadcast(n.inverse[row]);
    for_row(n.width, [&](int64_t i, auto lanes, int) {
      const Floats scaled = (lanes.load(x + i) - mean) * inverse;
      lanes.store(y + i, scaled * lanes.load(n.gamma + i) + lanes.load(n.beta + i));
    });
  }
}

// With h = (x - mean) s and g = dy gamma: dx = s (g - mean(g) - h mean(g h)), where the first
// mean is for centring only.
template <typename T>
void row_backward(const RowNorm& n, int64_t begin, int64_t end, float* dgamma, float* dbeta) {
  const float width = static_cast<float>(n.width);
  for (int64_t i = 0; i < n.width; ++i) dgamma[i] = dbeta[i] = 0.0f;
  for (int64_t row = begin; row < end; ++row) {
    const T* x = static_cast<const T*>(n.x) + row * n.width;
    const T* dy = static_cast<const T*>(n.dy) + row * n.width;
    T* dx = static_cast<T*>(n.result) + row * n.width;
    const Floats mean = broadcast(n.mean[row]), inverse = broadcast(n.inverse[row]);
    Floats sums[4] = {}, products[4] = {};
    for_row(n.width, [&](int64_t i, auto lanes, int k) {
      const Floats d = lanes.load(dy + i), h = (lanes.load(x + i) - mean) * inverse;
      const Floats g = d * lanes.load(n.gamma + i);
      sums[k] += g;
      products[k] += g * in_lanes(lanes, h);
      lanes.store(dgamma + i, lanes.load(dgamma + i) + d * h);
      lanes.store(dbeta + i, lanes.load(dbeta + i) + d);
    });
    const Floats constant = broadcast(n.centre ? total(sums) / width : 0.0f);
    const Floats slope = broadcast(total(products) / width);
    for_row(n.width, [&](int64_t i, auto lanes, int) {
      const Floats h = (lanes.load(x + i) - mean) * inverse;
      const Floats g = lanes.load(dy + i) * lanes.load(n.gamma + i);
      lanes.store(dx + i, (g - constant - h * slope) * inverse);
    });
  }
}

}  // namespace

extern const NormTable table_norm = {
    scratch_size,
    {moments<float>, moments<BFloat16>, moments<Float16>},
    {gradient_sums<float>, gradient_sums<BFloat16>, gradient_sums<Float16>},
    {row_forward<float>, row_forward<BFloat16>, row_forward<Float16>},
    {row_backward<float>, row_backward<BFloat16>, row_backward<Float16>},
};

}  // namespace NYALA_ISA
}  // namespace nyala
