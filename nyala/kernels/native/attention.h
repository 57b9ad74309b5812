// Attention without the matrix of scores in memory: what the handlers prepare for the vector code.
//
// Queries lie on the lanes: a tile is kKeyBlock keys by up to kVectors * kLanes queries, so that
// maxima and sums over keys are element-wise, keys and values are read as single numbers in the
// order in which they lie, and only queries and results are transposed. Every tile of scores is
// made, used and forgotten in cache; the gradient makes it again from each row's maximum and sum.
#pragma once

#include <cstdint>

#include "element.h"
#include "isa.h"
#include "random_bits.h"

namespace nyala {

constexpr int64_t kKeyBlock = 144;    // keys of a tile: whole rows of every instruction set's products
constexpr int64_t kQueryChunk = 480;  // queries that a part holds packed

struct AttentionSizes {
  int64_t batch, queries, keys, heads, key_heads, width, value_width;
};

// An operand (batch, heads, keys, queries), any of them 1: how far apart its elements are, 0 where
// all see the same. Null where there is none.
template <typename T>
struct Spread {
  const T* data;
  int64_t batch, head, key, query;
};

struct AttentionInputs {
  AttentionSizes sizes;
  float scale;
  bool causal;
  const void* q;  // (batch, queries, heads, width)
  const void* k;  // (batch, keys, key_heads, width)
  const void* v;  // (batch, keys, key_heads, value_width)
  Spread<uint8_t> mask;
  Spread<float> bias;
  bool drops;
  Dropout dropout;
};

struct AttentionForward {
  AttentionInputs in;
  void* out;     // (batch, queries, heads, value_width)
  float* stats;  // (batch, heads, 2, queries): the maximum of each row, and 1 / its sum
};

struct AttentionBackward {
  AttentionInputs in;
  const void* out;
  const void* dout;
  const float* stats;
  void* dq;
  void* dk;
  void* dv;
};

// What a part of the gradient for keys and values adds to: (keys, rows of whole vectors).
struct KeyGradients {
  float* dk;
  float* dv;
};

// Queries [begin, end) of one head.
struct QueryRange {
  int64_t batch, head, begin, end;
};

struct AttentionTable {
  int64_t lanes;
  int64_t tile_queries;
  int64_t (*forward_scratch)(const AttentionSizes&);
  // At most kQueryChunk queries.
  void (*forward[kElements])(const AttentionForward&, const QueryRange&, float* scratch);
};

struct AttentionGradientTable {
  int64_t (*scratch)(const AttentionSizes&);
  // Floats of each array of KeyGradients.
  int64_t (*key_size)(int64_t keys, int64_t width);
  // At most kQueryChunk queries: writes dq, adds to the gradients of keys and values.
  void (*backward[kElements])(const AttentionBackward&, const QueryRange&, const KeyGradients&,
                              float* scratch);
  // Rounds the gradients of one head's keys and values to dk and dv.
  void (*finish[kElements])(const AttentionBackward&, int64_t batch, int64_t key_head,
                            const KeyGradients&);
  // Adds what at most kQueryChunk queries give to their head's gradient of a bias, at `to`.
  void (*bias_gradient[kElements])(const AttentionBackward&, const QueryRange&,
                                   const Spread<float>& dbias, float* to, float* scratch);
};

NYALA_PER_ISA(AttentionTable, attention)
NYALA_PER_ISA(AttentionGradientTable, attention_gradient)

}  // namespace nyala
