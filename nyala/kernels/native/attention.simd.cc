#include "attention.h"

#include "attention_tile.h"

namespace nyala {
namespace NYALA_ISA {
namespace {

// What a part has at hand; arrays of tiles begin where their tile does.
struct Forward {
  const AttentionForward& f;
  const QueryRange& range;
  Tiles tiles;
  float* q;        // of tiles, scaled
  float* out;      // of tiles
  float* maximum;  // of each query so far
  float* sum;
  float* k;        // (keys of a block, padded width)
  float* v;        // (keys of a block, padded value_width)
  float* scores;   // (keys of a block, queries of a tile)
  float* rows;     // (queries of a tile, padded width)
  uint8_t* needed;  // (tiles, blocks of keys)

  Sight sight(int64_t tile) const {
    return sight_of(f.in, range.batch, range.head, range.begin + tiles.first(tile),
                    tiles.queries(tile));
  }
};

// -- one tile ------------------------------------------------------------------------------------

// Turns scores into exponentials under the maximum so far; `correction` is what everything under
// the maximum before has to be multiplied with.
template <int kWidth>
NYALA_INLINE void soften(int64_t keys, float* scores, float* maximum, float* sum,
                         Floats (&correction)[kWidth]) {
  Floats most[kWidth], shift[kWidth], sums[kWidth];
  for (int v = 0; v < kWidth; ++v) most[v] = load(maximum + v * kLanes);
  for (int64_t i = 0; i < keys; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < kWidth; ++v) {
      const Floats score = load(scores + (i * kWidth + v) * kLanes);
      most[v] = score > most[v] ? score : most[v];
    }
  }
  for (int v = 0; v < kWidth; ++v) {
    // As long as all scores are minus infinity their exponentials are 0, not NaN.
    shift[v] = choose(as<Bits32>(most[v] < broadcast(-3.4028235e38f)), zeros(), most[v]);
    correction[v] = decay(load(maximum + v * kLanes) - shift[v]);
    sums[v] = load(sum + v * kLanes) * correction[v];
    store(maximum + v * kLanes, most[v]);
  }
  for (int64_t i = 0; i < keys; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < kWidth; ++v, scores += kLanes) {
      const Floats weight = decay(load(scores) - shift[v]);
      sums[v] += weight;
      store(scores, weight);
    }
  }
  for (int v = 0; v < kWidth; ++v) store(sum + v * kLanes, sums[v]);
}

template <int kWidth>
void drop(const Sight& s, int64_t first_key, int64_t keys, float* scores) {
  for (int64_t key = first_key; key < first_key + keys; ++key) {
    for (int v = 0; v < kWidth; ++v, scores += kLanes) {
      const Floats scaled = load(scores) * s.dropout.scale;
      store(scores, choose(kept(s, key, v * kLanes), scaled, zeros()));
    }
  }
}

struct ForwardTile {
  const Forward& a;
  int64_t first_key, keys;

  template <int kWidth>
  NYALA_INLINE void operator()(int64_t tile) const {
    const AttentionSizes& sizes = a.f.in.sizes;
    const int64_t row = kWidth * kLanes, at = a.tiles.first(tile);
    const int64_t width = padded(sizes.width), values = padded(sizes.value_width);
    const Sight s = a.sight(tile);
    multiply<kWidth, false>(a.k, width, keys, a.q + at * width, row, sizes.width, a.scores, row,
                            false);
    if (s.hides(first_key + keys - 1)) hide<kWidth>(s, first_key, keys, a.scores);
    Floats correction[kWidth];
    soften<kWidth>(keys, a.scores, a.maximum + at, a.sum + at, correction);
    if (s.drops) drop<kWidth>(s, first_key, keys, a.scores);
    float* const out = a.out + at * values;
    for (int64_t i = 0; i < sizes.value_width * kWidth; ++i) {
      float* const number = out + i * kLanes;
      store(number, load(number) * correction[i % kWidth]);
    }
    multiply<kWidth, true>(a.v, values, sizes.value_width, a.scores, row, keys, out, row, true);
  }
};

// -- a part --------------------------------------------------------------------------------------

int64_t forward_scratch(const AttentionSizes& s) {
  const int64_t width = padded(s.width), values = padded(s.value_width);
  const int64_t keys = whole_rows(kKeyBlock), wider = width > values ? width : values;
  const int64_t needed = (kPackedQueries / kLanes + 1) * (s.keys / kKeyBlock + 1);
  return kPackedQueries * (width + values + 2) + keys * (width + values + kTileQueries) +
         kTileQueries * wider + needed / 4 + 16 * 16;
}

template <typename T>
void begin(Forward& a) {
  const AttentionSizes& sizes = a.f.in.sizes;
  const int64_t width = padded(sizes.width), values = padded(sizes.value_width);
  const int64_t blocks = sizes.keys / kKeyBlock + 1;
  for (int64_t tile = 0; tile < a.tiles.number(); ++tile) {
    const int64_t at = a.tiles.first(tile), all = a.tiles.width(tile) * kLanes;
    const T* const q = query_row(static_cast<const T*>(a.f.in.q), sizes, a.range, at, sizes.width);
    pack_tile(q, sizes.heads * sizes.width, a.tiles.queries(tile), sizes.width,
              a.tiles.width(tile), a.f.in.scale, a.rows, a.q + at * width);
    for (int64_t i = 0; i < all * values; ++i) a.out[at * values + i] = 0.0f;
    for (int64_t i = at; i < at + all; ++i) a.maximum[i] = -__builtin_inff(), a.sum[i] = 0.0f;
    find_needed(a.sight(tile), sizes.keys, a.needed + tile * blocks);
  }
}

template <typename T>
void finish(const Forward& a) {
  const AttentionSizes& sizes = a.f.in.sizes;
  const int64_t values = padded(sizes.value_width);
  float* const stats = a.f.stats + (a.range.batch * sizes.heads + a.range.head) * 2 * sizes.queries;
  for (int64_t tile = 0; tile < a.tiles.number(); ++tile) {
    const int64_t at = a.tiles.first(tile), all = a.tiles.width(tile) * kLanes;
    const int64_t queries = a.tiles.queries(tile);
    for (int64_t i = at; i < at + all; i += kLanes) {
      store(a.sum + i, 1.0f / load(a.sum + i));
    }
    float* const out = a.out + at * values;
    for (int64_t i = 0; i < sizes.value_width * all; i += kLanes) {
      store(out + i, load(out + i) * load(a.sum + at + i % all));
    }
    transpose(out, all, values, all, a.rows, values);
    T* const to = query_row(static_cast<T*>(a.f.out), sizes, a.range, at, sizes.value_width);
    unpack_rows(a.rows, values, queries, sizes.value_width, 1.0f, to,
                sizes.heads * sizes.value_width);
    for (int64_t i = 0; i < queries; ++i) {
      stats[a.range.begin + at + i] = a.maximum[at + i];
      stats[sizes.queries + a.range.begin + at + i] = a.sum[at + i];
    }
  }
}

template <typename T>
void forward(const AttentionForward& f, const QueryRange& range, float* scratch) {
  const AttentionSizes& sizes = f.in.sizes;
  const int64_t width = padded(sizes.width), values = padded(sizes.value_width);
  const int64_t block_keys = whole_rows(kKeyBlock), blocks = sizes.keys / kKeyBlock + 1;
  Shelf shelf = {scratch};
  Forward a = {f, range, Tiles::of(range.end - range.begin),
               shelf.take(kPackedQueries * width), shelf.take(kPackedQueries * values),
               shelf.take(kPackedQueries), shelf.take(kPackedQueries),
               shelf.take(block_keys * width), shelf.take(block_keys * values),
               shelf.take(block_keys * kTileQueries),
               shelf.take(kTileQueries * (width > values ? width : values)),
               reinterpret_cast<uint8_t*>(shelf.next)};
  begin<T>(a);
  const int64_t head = range.head / (sizes.heads / sizes.key_heads);
  for (int64_t first = 0, block = 0; first < sizes.keys; first += kKeyBlock, ++block) {
    const int64_t keys = sizes.keys - first < kKeyBlock ? sizes.keys - first : kKeyBlock;
    const T* const k = key_row(static_cast<const T*>(f.in.k), sizes, range.batch, head, first,
                               sizes.width);
    const T* const v = key_row(static_cast<const T*>(f.in.v), sizes, range.batch, head, first,
                               sizes.value_width);
    pack_rows(k, sizes.key_heads * sizes.width, keys, sizes.width, 1.0f, a.k, width,
              whole_rows(keys));
    pack_rows(v, sizes.key_heads * sizes.value_width, keys, sizes.value_width, 1.0f, a.v, values,
              whole_rows(keys));
    for (int64_t tile = 0; tile < a.tiles.number(); ++tile) {
      if (a.needed[tile * blocks + block]) by_width(a.tiles, tile, ForwardTile{a, first, keys});
    }
  }
  finish<T>(a);
}

}  // namespace

extern const AttentionTable table_attention = {
    kLanes,
    kTileQueries,
    forward_scratch,
    {forward<float>, forward<BFloat16>, forward<Float16>},
};

}  // namespace NYALA_ISA
}  // namespace nyala
