// What both directions of attention do with a tile of keys by queries (see attention.h).
// For files *.simd.cc alone; see isa.h.
#pragma once

#include "attention.h"
#include "matmul.h"
#include "transpose.h"
#include "vector_math.h"

namespace nyala {
namespace NYALA_ISA {

// Half of the lowest number: what hides a score, finite, so that a row of nothing else is uniform.
constexpr float kHiddenScore = -1.7014117331926443e38f;

NYALA_INLINE int64_t up_to(int64_t size, int64_t multiple) {
  return (size + multiple - 1) / multiple * multiple;
}
NYALA_INLINE int64_t whole_rows(int64_t size) { return up_to(size, kRows); }
// A width that products can take as rows and as columns.
NYALA_INLINE int64_t padded(int64_t width) { return up_to(whole_rows(width), kLanes); }

static_assert(kKeyBlock % kRows == 0, "a block of keys ends where a block of rows does");
constexpr int64_t kTileQueries = kVectors * kLanes;
// Tiles of a chunk are about equally wide, so that a tile may begin up to a vector later.
constexpr int64_t kPackedQueries = kQueryChunk + 2 * kLanes;

// Scratch memory, handed out in cache lines.
struct Shelf {
  float* next;

  NYALA_INLINE float* take(int64_t count) {
    float* const taken = next;
    next += up_to(count, 16);
    return taken;
  }
};

// -- products ------------------------------------------------------------------------------------

// to[i][v] (+)= sum over k of left(i, k) * right[k][v], for kRows rows and kWidth vectors.
// left(i, k) is left[i * step + k], or left[k * step + i] where it lies transposed.
template <int kWidth, bool kTransposed>
NYALA_INLINE void multiply_block(const float* left, int64_t step, const float* right,
                                 int64_t right_step, int64_t depth, float* to, int64_t to_step,
                                 bool add) {
  Floats sums[kRows][kWidth] = {};
  for (int64_t k = 0; k < depth; ++k) {
    Floats row[kWidth];
#pragma GCC unroll 4
    for (int v = 0; v < kWidth; ++v) row[v] = load(right + k * right_step + v * kLanes);
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) {
      const Floats number = broadcast(kTransposed ? left[k * step + i] : left[i * step + k]);
#pragma GCC unroll 4
      for (int v = 0; v < kWidth; ++v) sums[i][v] += number * row[v];
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < kRows; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < kWidth; ++v) {
      float* const at = to + i * to_step + v * kLanes;
      store(at, add ? load(at) + sums[i][v] : sums[i][v]);
    }
  }
}

// The same for any number of rows; those up to the next multiple of kRows are computed as well.
template <int kWidth, bool kTransposed>
void multiply(const float* left, int64_t step, int64_t rows, const float* right,
              int64_t right_step, int64_t depth, float* to, int64_t to_step, bool add) {
  const int64_t next = kTransposed ? kRows : kRows * step;
  for (int64_t i = 0; i < rows; i += kRows, left += next, to += kRows * to_step) {
    multiply_block<kWidth, kTransposed>(left, step, right, right_step, depth, to, to_step, add);
  }
}

// The same for any number of columns, of which there is memory for whole vectors.
inline void multiply_wide(const float* left, int64_t step, int64_t rows, const float* right,
                          int64_t depth, float* to, int64_t columns) {
  const Panels panels = Panels::of(columns);
  const int64_t row = panels.vectors * kLanes;
  for (int64_t p = 0; p < panels.count(); ++p) {
    const int64_t c = panels.first(p) * kLanes;
    switch (panels.width(p)) {
      case 1: multiply<1, false>(left, step, rows, right + c, row, depth, to + c, row, true); break;
      case 2: multiply<2, false>(left, step, rows, right + c, row, depth, to + c, row, true); break;
      default:
        multiply<kVectors, false>(left, step, rows, right + c, row, depth, to + c, row, true);
    }
  }
}

// -- in and out of scratch memory ----------------------------------------------------------------

// Rows of numbers `from_step` apart, times `factor`; zeros up to `to_step` columns and
// `all_rows` rows.
template <typename T>
void pack_rows(const T* from, int64_t from_step, int64_t rows, int64_t columns, float factor,
               float* to, int64_t to_step, int64_t all_rows) {
  for (int64_t r = 0; r < rows; ++r, from += from_step, to += to_step) {
    int64_t c = 0;
    for (; c + kLanes <= columns; c += kLanes) store(to + c, load(from + c) * factor);
    if (c < columns) {
      const Floats rest = load_some(from + c, columns - c) * factor;
      store_some(to + c, rest, columns - c);
    }
    for (c = columns; c < to_step; ++c) to[c] = 0.0f;
  }
  for (int64_t i = 0; i < (all_rows - rows) * to_step; ++i) to[i] = 0.0f;
}

// Rows of packed numbers to memory of the result, times `factor`.
template <typename T>
void unpack_rows(const float* from, int64_t from_step, int64_t rows, int64_t columns, float factor,
                 T* to, int64_t to_step) {
  for (int64_t r = 0; r < rows; ++r, from += from_step, to += to_step) {
    int64_t c = 0;
    for (; c + kLanes <= columns; c += kLanes) store(to + c, load(from + c) * factor);
    if (c < columns) store_some(to + c, load_some(from + c, columns - c) * factor, columns - c);
  }
}

// -- who sees whom -------------------------------------------------------------------------------

NYALA_INLINE Bits32 lane_numbers() {
  Bits32 numbers;
  for (int i = 0; i < kLanes; ++i) numbers[i] = i;
  return numbers;
}

// The operands of one head as the queries of a tile see them, `at` lanes apart.
struct Sight {
  const uint8_t* mask;  // or null
  const float* bias;    // or null
  int64_t mask_key, mask_query, bias_key, bias_query;
  bool causal, drops;
  Dropout dropout;
  uint32_t position;  // of the first query's score for key 0, among all scores
  uint32_t row;       // scores of a query
  int64_t query, queries;

  // Whether some score of keys up to `last` is not as the product leaves it.
  NYALA_INLINE bool hides(int64_t last) const {
    return mask != nullptr || bias != nullptr || (causal && last > query);
  }
  // How many of the lanes from `at` on are queries.
  NYALA_INLINE int64_t count(int64_t at) const {
    return queries - at < kLanes ? queries - at : kLanes;
  }
  // All bits set in those.
  NYALA_INLINE Bits32 lanes(int64_t at) const {
    return as<Bits32>(lane_numbers() < static_cast<uint32_t>(count(at)) + Bits32{});
  }
};

// The tile's queries are [first, first + queries) of one head.
NYALA_INLINE Sight sight_of(const AttentionInputs& in, int64_t b, int64_t n, int64_t first,
                            int64_t queries) {
  const auto& mask = in.mask;
  const auto& bias = in.bias;
  Sight sight = {};
  if (mask.data) sight.mask = mask.data + b * mask.batch + n * mask.head + first * mask.query;
  if (bias.data) sight.bias = bias.data + b * bias.batch + n * bias.head + first * bias.query;
  sight.mask_key = mask.key, sight.mask_query = mask.query;
  sight.bias_key = bias.key, sight.bias_query = bias.query;
  sight.causal = in.causal, sight.drops = in.drops, sight.dropout = in.dropout;
  sight.row = static_cast<uint32_t>(in.sizes.keys);
  const int64_t before = (b * in.sizes.heads + n) * in.sizes.queries + first;
  sight.position = static_cast<uint32_t>(before) * sight.row;
  sight.query = first, sight.queries = queries;
  return sight;
}

// All bits set where the queries of the lanes from `at` on see `key`.
NYALA_INLINE Bits32 visible(const Sight& s, int64_t key, int64_t at) {
  Bits32 seen = ~Bits32{};
  if (s.mask != nullptr) {
    const uint8_t* const from = s.mask + key * s.mask_key + at * s.mask_query;
    if (s.mask_query == 0) {
      seen = Bits32{} - static_cast<uint32_t>(*from != 0);
    } else if (s.count(at) == kLanes) {
      seen = as<Bits32>(load_bytes(from) != 0);
    } else {
      seen = as<Bits32>(Some{s.count(at)}.load_bytes(from) != 0);
    }
  }
  if (s.causal) {
    const Ints32 query = as<Ints32>(lane_numbers()) + static_cast<int32_t>(s.query + at - key);
    seen &= as<Bits32>(query >= 0);
  }
  return seen;
}

NYALA_INLINE Floats bias_of(const Sight& s, int64_t key, int64_t at) {
  const float* const from = s.bias + key * s.bias_key + at * s.bias_query;
  if (s.bias_query == 0) return broadcast(*from);
  return s.count(at) == kLanes ? load(from) : load_some(from, s.count(at));
}

// Whether dropout keeps the scores of `key`.
NYALA_INLINE Bits32 kept(const Sight& s, int64_t key, int64_t at) {
  const uint32_t first = s.position + static_cast<uint32_t>(at) * s.row + static_cast<uint32_t>(key);
  const Bits32 bits = s.dropout.bits(lane_numbers() * s.row + first);
  return as<Bits32>(bits >= s.dropout.threshold + Bits32{});
}

// Adds the bias to a tile of scores and hides what is not seen.
template <int kWidth>
void hide(const Sight& s, int64_t first_key, int64_t keys, float* scores) {
  for (int64_t key = first_key; key < first_key + keys; ++key) {
    for (int v = 0; v < kWidth; ++v, scores += kLanes) {
      Floats score = load(scores);
      if (s.bias != nullptr) score += bias_of(s, key, v * kLanes);
      store(scores, choose(visible(s, key, v * kLanes), score, broadcast(kHiddenScore)));
    }
  }
}

NYALA_INLINE bool any(Bits32 bits) {
  uint32_t all = 0;
  for (int i = 0; i < kLanes; ++i) all |= bits[i];
  return all != 0;
}

// Sets needed[block] for each block of keys that the tile's queries see. A query that sees no key
// averages all values: for its tile no block may be left out.
inline void find_needed(const Sight& s, int64_t keys, uint8_t* needed) {
  const int64_t last_query = s.query + s.queries - 1;
  Bits32 seen[kVectors] = {};
  for (int64_t first = 0, block = 0; first < keys; first += kKeyBlock, ++block) {
    needed[block] = !(s.causal && first > last_query);
    if (s.mask == nullptr || !needed[block]) continue;
    const int64_t end = first + kKeyBlock < keys ? first + kKeyBlock : keys;
    Bits32 by_any = {};
    for (int64_t v = 0; v * kLanes < s.queries; ++v) {
      Bits32 sees = {};
      for (int64_t key = first; key < end; ++key) sees |= visible(s, key, v * kLanes);
      seen[v] |= sees;
      by_any |= sees & s.lanes(v * kLanes);
    }
    needed[block] = any(by_any);
  }
  bool blind = false;
  for (int64_t v = 0; s.mask != nullptr && v * kLanes < s.queries; ++v) {
    blind |= any(~seen[v] & s.lanes(v * kLanes));
  }
  for (int64_t first = 0, block = 0; blind && first < keys; first += kKeyBlock, ++block) {
    needed[block] = 1;
  }
}

// -- the queries of a part -----------------------------------------------------------------------

// How they are cut into tiles. Arrays "of tiles" hold (numbers of a query, queries) for each, all
// queries before a tile taking as many rows of such an array as there are before it.
struct Tiles {
  Panels panels;

  static Tiles of(int64_t queries) { return {Panels::of(queries)}; }
  int64_t number() const { return panels.count(); }
  int64_t width(int64_t tile) const { return panels.width(tile); }
  int64_t first(int64_t tile) const { return panels.first(tile) * kLanes; }
  int64_t queries(int64_t tile) const {
    const int64_t left = panels.columns - first(tile), all = width(tile) * kLanes;
    return left < all ? left : all;
  }
};

// Calls `run<vectors>(tile)`.
template <typename Run>
NYALA_INLINE void by_width(const Tiles& tiles, int64_t tile, const Run& run) {
  switch (tiles.width(tile)) {
    case 1: return run.template operator()<1>(tile);
    case 2: return run.template operator()<2>(tile);
    default: return run.template operator()<kVectors>(tile);
  }
}

// Where the numbers of a query lie in an operand (batch, queries, heads, width).
template <typename T>
NYALA_INLINE T* query_row(T* operand, const AttentionSizes& s, const QueryRange& range,
                          int64_t query, int64_t width) {
  return operand + ((range.batch * s.queries + range.begin + query) * s.heads + range.head) * width;
}

template <typename T>
NYALA_INLINE T* key_row(T* operand, const AttentionSizes& s, int64_t b, int64_t key_head,
                        int64_t key, int64_t width) {
  return operand + ((b * s.keys + key) * s.key_heads + key_head) * width;
}

// Numbers of queries to an array of tiles and, on the way, to rows (queries, padded width).
template <typename T>
void pack_tile(const T* from, int64_t step, int64_t queries, int64_t width, int64_t vectors,
               float factor, float* rows, float* to) {
  const int64_t all = vectors * kLanes, columns = padded(width);
  pack_rows(from, step, queries, width, factor, rows, columns, all);
  transpose(rows, columns, all, columns, to, all);
}

}  // namespace NYALA_ISA
}  // namespace nyala
