#include "attention.h"

#include "attention_tile.h"

namespace nyala {
namespace NYALA_ISA {
namespace {

// What a part has at hand; arrays of tiles begin where their tile does.
struct Backward {
  const AttentionBackward& g;
  const QueryRange& range;
  Tiles tiles;
  float* q;           // of tiles, scaled
  float* q_rows;      // (queries, padded width), scaled
  float* dout;        // of tiles
  float* dout_rows;   // (queries, padded value_width)
  float* dq;          // of tiles
  float* maximum;     // of each query
  float* factor;      // of each query: 1 / the sum of its exponentials
  float* row;         // of each query: the sum of out * dout
  float* k;           // (keys of a block, padded width)
  float* v;           // (keys of a block, padded value_width)
  float* used;        // (keys of a block, queries of a tile): probabilities after dropout
  float* dscores;     // the same: their gradient, then that of the scores
  float* rows;        // (queries of a tile, padded width)
  uint8_t* needed;    // (tiles, blocks of keys)

  Sight sight(int64_t tile) const {
    return sight_of(g.in, range.batch, range.head, range.begin + tiles.first(tile),
                    tiles.queries(tile));
  }
};

// -- one tile ------------------------------------------------------------------------------------

// From scores and from the gradient of what dropout leaves of the probabilities: these, and the
// gradient of the scores.
template <int kWidth>
NYALA_INLINE void differentiate(const Backward& a, const Sight& s, int64_t at, int64_t first_key,
                                int64_t keys) {
  Floats maximum[kWidth], factor[kWidth], row[kWidth];
  for (int v = 0; v < kWidth; ++v) {
    maximum[v] = load(a.maximum + at + v * kLanes);
    factor[v] = load(a.factor + at + v * kLanes);
    row[v] = load(a.row + at + v * kLanes);
  }
  const bool hides = s.hides(first_key + keys - 1);
  float *used = a.used, *dscores = a.dscores;
  for (int64_t key = first_key; key < first_key + keys; ++key) {
#pragma GCC unroll 4
    for (int v = 0; v < kWidth; ++v, used += kLanes, dscores += kLanes) {
      const Floats probability = decay(load(used) - maximum[v]) * factor[v];
      Floats left = probability, gradient = load(dscores);
      if (s.drops) {
        const Bits32 keep = kept(s, key, v * kLanes);
        left = choose(keep, left * s.dropout.scale, zeros());
        gradient = choose(keep, gradient * s.dropout.scale, zeros());
      }
      gradient = probability * (gradient - row[v]);
      if (hides) gradient = choose(visible(s, key, v * kLanes), gradient, zeros());
      store(used, left);
      store(dscores, gradient);
    }
  }
}

// Leaves a tile's probabilities after dropout, and the gradient of its scores.
template <int kWidth>
NYALA_INLINE void make_tile(const Backward& a, const Sight& s, int64_t tile, int64_t first_key,
                            int64_t keys) {
  const AttentionSizes& sizes = a.g.in.sizes;
  const int64_t width = padded(sizes.width), values = padded(sizes.value_width);
  const int64_t row = kWidth * kLanes, at = a.tiles.first(tile);
  multiply<kWidth, false>(a.k, width, keys, a.q + at * width, row, sizes.width, a.used, row, false);
  if (s.hides(first_key + keys - 1)) hide<kWidth>(s, first_key, keys, a.used);
  multiply<kWidth, false>(a.v, values, keys, a.dout + at * values, row, sizes.value_width,
                          a.dscores, row, false);
  differentiate<kWidth>(a, s, at, first_key, keys);
}

struct BackwardTile {
  const Backward& a;
  const KeyGradients& sums;  // of the block
  int64_t first_key, keys;

  template <int kWidth>
  NYALA_INLINE void operator()(int64_t tile) const {
    const AttentionSizes& sizes = a.g.in.sizes;
    const int64_t width = padded(sizes.width), values = padded(sizes.value_width);
    const int64_t row = kWidth * kLanes, at = a.tiles.first(tile), queries = a.tiles.queries(tile);
    make_tile<kWidth>(a, a.sight(tile), tile, first_key, keys);
    multiply_wide(a.used, row, keys, a.dout_rows + at * values, queries, sums.dv, values);
    multiply_wide(a.dscores, row, keys, a.q_rows + at * width, queries, sums.dk, width);
    multiply<kWidth, true>(a.k, width, sizes.width, a.dscores, row, keys, a.dq + at * width, row,
                           true);
  }
};

struct BiasTile {
  const Backward& a;
  const Spread<float>& dbias;
  float* to;
  int64_t first_key, keys;

  template <int kWidth>
  NYALA_INLINE void operator()(int64_t tile) const {
    const Sight s = a.sight(tile);
    make_tile<kWidth>(a, s, tile, first_key, keys);
    const float* from = a.dscores;
    for (int64_t key = first_key; key < first_key + keys; ++key) {
      for (int v = 0; v < kWidth; ++v, from += kLanes) {
        float* const sum = to + key * dbias.key + (s.query + v * kLanes) * dbias.query;
        const int64_t n = s.count(v * kLanes);
        if (dbias.query == 0) {
          for (int64_t i = 0; i < n; ++i) *sum += from[i];
        } else if (n == kLanes) {
          store(sum, load(sum) + load(from));
        } else {
          store_some(sum, load_some(sum, n) + load(from), n);
        }
      }
    }
  }
};

// -- a part --------------------------------------------------------------------------------------

int64_t scratch_size(const AttentionSizes& s) {
  const int64_t width = padded(s.width), values = padded(s.value_width);
  const int64_t keys = whole_rows(kKeyBlock), wider = width > values ? width : values;
  const int64_t needed = (kPackedQueries / kLanes + 1) * (s.keys / kKeyBlock + 1);
  return kPackedQueries * (3 * width + 2 * values + 3) +
         keys * (width + values + 2 * kTileQueries) + kTileQueries * wider + needed / 4 + 16 * 16;
}

// Of each query the sum of out * dout, dout being packed already.
template <typename T>
void sum_rows(const Backward& a, int64_t tile) {
  const AttentionSizes& sizes = a.g.in.sizes;
  const int64_t at = a.tiles.first(tile), values = padded(sizes.value_width);
  const int64_t step = sizes.heads * sizes.value_width;
  const T* const out = query_row(static_cast<const T*>(a.g.out), sizes, a.range, at,
                                 sizes.value_width);
  const int64_t queries = a.tiles.queries(tile);
  pack_rows(out, step, queries, sizes.value_width, 1.0f, a.rows, values,
            a.tiles.width(tile) * kLanes);
  for (int64_t i = 0; i < a.tiles.width(tile) * kLanes; ++i) {
    Floats sums = zeros();
    for (int64_t c = 0; c < values; c += kLanes) {
      sums += load(a.rows + i * values + c) * load(a.dout_rows + (at + i) * values + c);
    }
    float sum = 0.0f;
    for (int lane = 0; lane < kLanes; ++lane) sum += sums[lane];
    a.row[at + i] = sum;
  }
}

template <typename T>
void begin(const Backward& a) {
  const AttentionInputs& in = a.g.in;
  const AttentionSizes& sizes = in.sizes;
  const int64_t width = padded(sizes.width), values = padded(sizes.value_width);
  const int64_t blocks = sizes.keys / kKeyBlock + 1;
  const float* const stats =
      a.g.stats + (a.range.batch * sizes.heads + a.range.head) * 2 * sizes.queries + a.range.begin;
  for (int64_t tile = 0; tile < a.tiles.number(); ++tile) {
    const int64_t at = a.tiles.first(tile), vectors = a.tiles.width(tile);
    const int64_t queries = a.tiles.queries(tile), all = vectors * kLanes;
    const T* const q = query_row(static_cast<const T*>(in.q), sizes, a.range, at, sizes.width);
    pack_tile(q, sizes.heads * sizes.width, queries, sizes.width, vectors, in.scale,
              a.q_rows + at * width, a.q + at * width);
    const T* const dout =
        query_row(static_cast<const T*>(a.g.dout), sizes, a.range, at, sizes.value_width);
    pack_tile(dout, sizes.heads * sizes.value_width, queries, sizes.value_width, vectors, 1.0f,
              a.dout_rows + at * values, a.dout + at * values);
    sum_rows<T>(a, tile);
    for (int64_t i = 0; i < all; ++i) {
      a.maximum[at + i] = i < queries ? stats[at + i] : 0.0f;
      a.factor[at + i] = i < queries ? stats[sizes.queries + at + i] : 0.0f;
    }
    for (int64_t i = at * width; i < (at + all) * width; ++i) a.dq[i] = 0.0f;
    find_needed(a.sight(tile), sizes.keys, a.needed + tile * blocks);
  }
}

Backward shelve(const AttentionBackward& g, const QueryRange& range, float* scratch) {
  const AttentionSizes& sizes = g.in.sizes;
  const int64_t width = padded(sizes.width), values = padded(sizes.value_width);
  const int64_t keys = whole_rows(kKeyBlock);
  Shelf shelf = {scratch};
  Backward a = {g, range, Tiles::of(range.end - range.begin),
                shelf.take(kPackedQueries * width), shelf.take(kPackedQueries * width),
                shelf.take(kPackedQueries * values), shelf.take(kPackedQueries * values),
                shelf.take(kPackedQueries * width),
                shelf.take(kPackedQueries), shelf.take(kPackedQueries), shelf.take(kPackedQueries),
                shelf.take(keys * width), shelf.take(keys * values),
                shelf.take(keys * kTileQueries), shelf.take(keys * kTileQueries),
                shelf.take(kTileQueries * (width > values ? width : values)),
                nullptr};
  a.needed = reinterpret_cast<uint8_t*>(shelf.next);
  return a;
}

// Calls `run(tile, first key, keys)` for each block of keys and the tiles that need it.
template <typename T, typename Run>
NYALA_INLINE void by_blocks(const Backward& a, const Run& run) {
  const AttentionInputs& in = a.g.in;
  const AttentionSizes& sizes = in.sizes;
  const int64_t width = padded(sizes.width), values = padded(sizes.value_width);
  const int64_t head = a.range.head / (sizes.heads / sizes.key_heads);
  const int64_t blocks = sizes.keys / kKeyBlock + 1;
  for (int64_t first = 0, block = 0; first < sizes.keys; first += kKeyBlock, ++block) {
    const int64_t keys = sizes.keys - first < kKeyBlock ? sizes.keys - first : kKeyBlock;
    const T* const k =
        key_row(static_cast<const T*>(in.k), sizes, a.range.batch, head, first, sizes.width);
    const T* const v =
        key_row(static_cast<const T*>(in.v), sizes, a.range.batch, head, first, sizes.value_width);
    pack_rows(k, sizes.key_heads * sizes.width, keys, sizes.width, 1.0f, a.k, width,
              whole_rows(keys));
    pack_rows(v, sizes.key_heads * sizes.value_width, keys, sizes.value_width, 1.0f, a.v, values,
              whole_rows(keys));
    for (int64_t tile = 0; tile < a.tiles.number(); ++tile) {
      if (a.needed[tile * blocks + block]) run(tile, first, keys);
    }
  }
}

template <typename T>
void backward(const AttentionBackward& g, const QueryRange& range, const KeyGradients& sums,
              float* scratch) {
  const AttentionSizes& sizes = g.in.sizes;
  const int64_t width = padded(sizes.width), values = padded(sizes.value_width);
  const Backward a = shelve(g, range, scratch);
  begin<T>(a);
  by_blocks<T>(a, [&](int64_t tile, int64_t first, int64_t keys) {
    const KeyGradients of_block = {sums.dk + first * width, sums.dv + first * values};
    by_width(a.tiles, tile, BackwardTile{a, of_block, first, keys});
  });
  for (int64_t tile = 0; tile < a.tiles.number(); ++tile) {
    const int64_t at = a.tiles.first(tile), all = a.tiles.width(tile) * kLanes;
    transpose(a.dq + at * width, all, width, all, a.rows, width);
    unpack_rows(a.rows, width, a.tiles.queries(tile), sizes.width, g.in.scale,
                query_row(static_cast<T*>(g.dq), sizes, range, at, sizes.width),
                sizes.heads * sizes.width);
  }
}

template <typename T>
void bias_gradient(const AttentionBackward& g, const QueryRange& range, const Spread<float>& dbias,
                   float* to, float* scratch) {
  const Backward a = shelve(g, range, scratch);
  begin<T>(a);
  by_blocks<T>(a, [&](int64_t tile, int64_t first, int64_t keys) {
    by_width(a.tiles, tile, BiasTile{a, dbias, to, first, keys});
  });
}

int64_t key_size(int64_t keys, int64_t width) { return whole_rows(keys) * padded(width); }

template <typename T>
void finish(const AttentionBackward& g, int64_t b, int64_t key_head, const KeyGradients& sums) {
  const AttentionSizes& s = g.in.sizes;
  unpack_rows(sums.dk, padded(s.width), s.keys, s.width, 1.0f,
              key_row(static_cast<T*>(g.dk), s, b, key_head, 0, s.width), s.key_heads * s.width);
  unpack_rows(sums.dv, padded(s.value_width), s.keys, s.value_width, 1.0f,
              key_row(static_cast<T*>(g.dv), s, b, key_head, 0, s.value_width),
              s.key_heads * s.value_width);
}

}  // namespace

extern const AttentionGradientTable table_attention_gradient = {
    scratch_size,
    key_size,
    {backward<float>, backward<BFloat16>, backward<Float16>},
    {finish<float>, finish<BFloat16>, finish<Float16>},
    {bias_gradient<float>, bias_gradient<BFloat16>, bias_gradient<Float16>},
};

}  // namespace NYALA_ISA
}  // namespace nyala
