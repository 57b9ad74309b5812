#include "conv_sum.h"

#include "conv_walk.h"
#include "vector.h"

namespace nyala {
namespace NYALA_ISA {
namespace {

// A block of sums fills the registers, beside a row of the window and one number of the input.
// The input is read where it lies, through a pointer for each place.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kPlaces = 12;
#else
constexpr int kPlaces = 6;
#endif
constexpr int kWidth = 2;
constexpr int64_t kPanel = kWidth * kLanes;

// -- the window, packed --------------------------------------------------------------------------

// The numbers of `count` filters, zeros after them.
NYALA_INLINE void pack_row(const float* from, int64_t count, float* to) {
#pragma GCC unroll 4
  for (int v = 0; v < kWidth; ++v) {
    const int64_t n = count - v * kLanes;
    store(to + v * kLanes, n >= kLanes ? load(from + v * kLanes)
                                       : load_some(from + v * kLanes, n > 0 ? n : 0));
  }
}

// The same for `depth` rows where a filter's numbers lie next to each other.
NYALA_INLINE void pack_transposed(const float* from, int64_t depth, int64_t filter_step,
                                  int64_t count, float* to) {
  constexpr int kRows = 8;
  int64_t k = 0;
  for (; k + kRows <= depth; k += kRows) {
    for (int64_t f = 0; f < count; ++f) {
      float numbers[kRows];
      __builtin_memcpy(numbers, from + f * filter_step + k, sizeof(numbers));
#pragma GCC unroll 8
      for (int i = 0; i < kRows; ++i) to[(k + i) * kPanel + f] = numbers[i];
    }
  }
  for (; k < depth; ++k) {
    for (int64_t f = 0; f < count; ++f) to[k * kPanel + f] = from[f * filter_step + k];
  }
  for (k = 0; k < depth; ++k) {
    for (int64_t f = count; f < kPanel; ++f) to[k * kPanel + f] = 0.0f;
  }
}

void pack_panel(const ConvSum& s, int64_t group, int64_t panel, float* to) {
  const int64_t filter = panel * kPanel;
  const int64_t count = s.filters - filter < kPanel ? s.filters - filter : kPanel;
  for (int64_t t = 0; t < s.taps; ++t, to += s.depth * kPanel) {
    const float* from = s.window + group * s.window_group + s.tap_order[t] * s.tap_step +
                        filter * s.filter_step;
    if (s.filter_step != 1) {
      pack_transposed(from, s.depth, s.filter_step, count, to);
    } else {
      for (int64_t k = 0; k < s.depth; ++k) {
        pack_row(from + k * s.depth_step, count, to + k * kPanel);
      }
    }
  }
}

// -- sums ----------------------------------------------------------------------------------------

// Where the places of a block lie. A block that is not full repeats its last place.
struct Block {
  const float* inputs[kPlaces];
  float* outputs[kPlaces];
  int64_t count;
};

// Sums of kVectors vectors of filters, of which `filters` exist, for each place.
template <int kVectors>
NYALA_INLINE void sum_block(const Block& block, const ConvPlaces& places, const float* window,
                            int64_t filter, int64_t filters) {
  Floats sums[kPlaces][kVectors] = {};
  for (int64_t n = 0; n < places.segment_count; ++n) {
    const ConvSegment segment = places.segments[n];
    const float* row = window + segment.window * kPanel;
    const float* ends[kPlaces];
#pragma GCC unroll 16
    for (int i = 0; i < kPlaces; ++i) ends[i] = block.inputs[i] + segment.input + segment.length;
    for (int64_t k = -segment.length; k < 0; ++k, row += kPanel) {
      Floats weights[kVectors];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) weights[v] = load(row + v * kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < kPlaces; ++i) {
        const Floats number = broadcast(ends[i][k]);
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) sums[i][v] += number * weights[v];
      }
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < kPlaces; ++i) {
    if (i >= block.count) break;
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      float* to = block.outputs[i] + filter + v * kLanes;
      const int64_t n = filters - v * kLanes;
      if (n >= kLanes) {
        store(to, sums[i][v]);
      } else if (n > 0) {
        store_some(to, sums[i][v], n);
      }
    }
  }
}

NYALA_INLINE Block next_block(const ConvSum& s, int64_t group, int64_t left, ConvWalk& walk) {
  Block block = {};
  block.count = left < kPlaces ? left : kPlaces;
  for (int64_t i = 0; i < block.count; ++i, walk.next()) {
    block.inputs[i] = s.input + walk.input() + group * s.input_group;
    block.outputs[i] = s.output + walk.place() + group * s.output_group;
  }
  for (int64_t i = block.count; i < kPlaces; ++i) block.inputs[i] = block.inputs[i - 1];
  return block;
}

void run(const ConvSum& s, int64_t group, int64_t first, int64_t last, int64_t begin, int64_t end,
         float* packed) {
  const int64_t panel_size = s.taps * s.depth * kPanel;
  bool is_packed = false;
  for (int64_t kind = 0; kind < s.kinds && begin < end; ++kind) {
    const ConvPlaces& places = s.places[kind];
    int64_t left = places.count(s.images) - (begin - places.first_block) * kPlaces;
    if (left <= 0) continue;
    if (!is_packed && places.segment_count > 0) {
      for (int64_t p = first; p < last; ++p) {
        pack_panel(s, group, p, packed + (p - first) * panel_size);
      }
      is_packed = true;
    }
    ConvWalk walk(places, s.input_image, s.output_image, places.count(s.images) - left);
    for (; begin < end && left > 0; ++begin, left -= kPlaces) {
      const Block block = next_block(s, group, left, walk);
      for (int64_t p = first; p < last; ++p) {
        const int64_t filters = s.filters - p * kPanel;
        const float* window = packed + (p - first) * panel_size;
        if (filters > kLanes) {
          sum_block<kWidth>(block, places, window, p * kPanel, filters);
        } else {
          sum_block<1>(block, places, window, p * kPanel, filters);
        }
      }
    }
  }
}

}  // namespace

extern const ConvSumTable table_conv_sum = {kPlaces, kPanel, run};

}  // namespace NYALA_ISA
}  // namespace nyala
