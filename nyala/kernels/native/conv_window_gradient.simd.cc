#include "conv_window_gradient.h"

#include "conv_walk.h"
#include "vector.h"

namespace nyala {
namespace NYALA_ISA {
namespace {

// A block of sums: so many numbers that a place sees, times a panel of filters.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kRows = 12;
#else
constexpr int kRows = 6;
#endif
constexpr int kWidth = 2;
constexpr int64_t kPanel = kWidth * kLanes;

constexpr int64_t kDepth = 192;    // places in a block: a panel of their dy stays in the first cache
constexpr int64_t kTogether = 12;  // panels that are packed together, for the second cache

// What a block of places has in common: where they begin in the input, and their dy, packed.
struct Block {
  const float* inputs[kDepth];
  const float* dys[kDepth];
  int64_t count;
};

// The numbers that the places see `offset` after where they begin, next to each other. Where they
// lie, those of different places would push each other out of the first cache.
template <int kCount>
NYALA_INLINE void pack_rows(const Block& block, int64_t offset, float* to) {
  for (int64_t k = 0; k < block.count; ++k, to += kCount) {
    __builtin_memcpy(to, block.inputs[k] + offset, kCount * sizeof(float));
  }
}

// Adds to rows [0, kCount) of `to` the products of both packed sides.
template <int kCount, int kVectors>
NYALA_INLINE void add_block(int64_t depth, const float* left, const float* dy, float* to,
                            int64_t row_step, int64_t filters) {
  Floats sums[kCount][kVectors] = {};
  for (int64_t k = 0; k < depth; ++k, left += kCount, dy += kPanel) {
    Floats d[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) d[v] = load(dy + v * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < kCount; ++i) {
      const Floats number = broadcast(left[i]);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sums[i][v] += number * d[v];
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < kCount; ++i, to += row_step) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const int64_t n = filters - v * kLanes;
      if (n >= kLanes) {
        store(to + v * kLanes, load(to + v * kLanes) + sums[i][v]);
      } else if (n > 0) {
        store_some(to + v * kLanes, load_some(to + v * kLanes, n) + sums[i][v], n);
      }
    }
  }
}

// What a block of places adds to some rows of the gradient, for panels [first, last).
struct Product {
  const Block& block;
  int64_t first, last;
  const float* dy;  // packed
  int64_t filters, row_step;
  float* left;  // room for the other side

  template <int kCount>
  NYALA_INLINE int64_t add_rows(int64_t offset, float* to) const {
    pack_rows<kCount>(block, offset, left);
    for (int64_t p = first; p < last; ++p) {
      const float* panel = dy + (p - first) * kDepth * kPanel;
      const int64_t n = filters - p * kPanel;
      if (n > kLanes) {
        add_block<kCount, kWidth>(block.count, left, panel, to + p * kPanel, row_step, n);
      } else {
        add_block<kCount, 1>(block.count, left, panel, to + p * kPanel, row_step, n);
      }
    }
    return kCount;
  }

  // Takes as many of `count` rows as the largest block that fits has; returns how many.
  NYALA_INLINE int64_t add_some(int64_t count, int64_t offset, float* to) const {
    if (count >= kRows) return add_rows<kRows>(offset, to);
    if (kRows > 8 && count >= 8) return add_rows<8>(offset, to);
    if (count >= 4) return add_rows<4>(offset, to);
    if (count >= 2) return add_rows<2>(offset, to);
    return add_rows<1>(offset, to);
  }
};

void pack_panel(const Block& block, int64_t filter, int64_t filters, float* to) {
  for (int64_t k = 0; k < block.count; ++k) {
    for (int v = 0; v < kWidth; ++v, to += kLanes) {
      const int64_t n = filters - v * kLanes;
      const float* from = block.dys[k] + filter + v * kLanes;
      store(to, n >= kLanes ? load(from) : load_some(from, n > 0 ? n : 0));
    }
  }
}

// Adds what a block of places gives, for the part's rows and panels [first, last).
void add_panels(const ConvWindowGradient& g, const ConvGradientPart& part, const Block& block,
                const ConvPlaces& places, int64_t first, int64_t last, float* gradient,
                float* scratch) {
  float* dy = scratch + kDepth * kRows;
  for (int64_t p = first; p < last; ++p) {
    pack_panel(block, p * kPanel, g.filters - p * kPanel, dy + (p - first) * kDepth * kPanel);
  }
  const Product product = {block, first, last, dy, g.filters, g.row_step, scratch};
  for (int64_t n = 0; n < places.segment_count; ++n) {
    const ConvSegment segment = places.segments[n];
    const int64_t after = segment.window + segment.length;
    const int64_t end = after < part.last_row ? after : part.last_row;
    int64_t row = segment.window > part.first_row ? segment.window : part.first_row;
    while (row < end) {
      const int64_t offset = segment.input + row - segment.window;
      row += product.add_some(end - row, offset, gradient + row * g.row_step);
    }
  }
}

void clear(const ConvWindowGradient& g, const ConvGradientPart& part, float* gradient) {
  const int64_t begin = part.first_panel * kPanel;
  const int64_t end = part.last_panel * kPanel < g.filters ? part.last_panel * kPanel : g.filters;
  for (int64_t row = part.first_row; row < part.last_row; ++row) {
    for (int64_t f = begin; f < end; ++f) gradient[row * g.row_step + f] = 0.0f;
  }
}

void run(const ConvWindowGradient& g, const ConvGradientPart& part, float* gradient,
         float* scratch) {
  gradient += part.group * g.filters;
  clear(g, part, gradient);
  int64_t begin = part.begin;
  for (int64_t kind = 0; kind < g.kinds && begin < part.end; ++kind) {
    const ConvPlaces& places = g.places[kind];
    const int64_t count = places.count(g.images);
    int64_t left = count - (begin - places.first_block) * kDepth;
    if (left <= 0) continue;
    ConvWalk walk(places, g.input_image, g.dy_image, count - left);
    for (; begin < part.end && left > 0; ++begin, left -= kDepth) {
      Block block;
      block.count = left < kDepth ? left : kDepth;
      for (int64_t k = 0; k < block.count; ++k, walk.next()) {
        block.inputs[k] = g.input + walk.input() + part.group * g.input_group;
        block.dys[k] = g.dy + walk.place() + part.group * g.dy_group;
      }
      for (int64_t p = part.first_panel; p < part.last_panel; p += kTogether) {
        const int64_t last = p + kTogether < part.last_panel ? p + kTogether : part.last_panel;
        add_panels(g, part, block, places, p, last, gradient, scratch);
      }
    }
  }
}

void add(const float* arrays, int64_t count, int64_t step, int64_t begin, int64_t end, float* to) {
  int64_t i = begin;
  for (; i + kLanes <= end; i += kLanes) {
    Floats sum = load(arrays + i);
    for (int64_t k = 1; k < count; ++k) sum += load(arrays + k * step + i);
    store(to + i, sum);
  }
  for (; i < end; ++i) {
    float sum = arrays[i];
    for (int64_t k = 1; k < count; ++k) sum += arrays[k * step + i];
    to[i] = sum;
  }
}

}  // namespace

extern const ConvWindowGradientTable table_conv_window_gradient = {
    kDepth, kPanel, kDepth * (kRows + kTogether * kPanel), run, add};

}  // namespace NYALA_ISA
}  // namespace nyala
