// Attention: handlers `nyala_attention_forward`, `_backward` and `_bias_gradient`.
//
// Queries, keys and values are (batch, positions, heads, width). The mask (booleans) and the bias
// (float32) are (batch, heads, keys, queries), any of them 1, or without elements; the key of
// dropout has no elements without it.
#include "attention.h"

#include <algorithm>

#include "ffi.h"
#include "parallel.h"

namespace nyala {
namespace {

// The attributes that all handlers have.
struct Options {
  float scale;
  bool causal;
  int64_t threshold;
  float dropout_scale;
};

template <typename T>
bool spread_of(const Buffer& buffer, const AttentionSizes& s, Spread<T>* spread) {
  *spread = {};
  if (buffer.element_count() == 0) return true;
  if (rank(buffer) != 4) return false;
  const auto d = buffer.dimensions();
  const int64_t full[] = {s.batch, s.heads, s.keys, s.queries};
  int64_t steps[4], step = 1;
  for (int i = 3; i >= 0; --i) {
    if (d[i] != 1 && d[i] != full[i]) return false;
    steps[i] = d[i] == 1 ? 0 : step;
    step *= d[i];
  }
  *spread = {static_cast<T*>(buffer.untyped_data()), steps[0], steps[1], steps[2], steps[3]};
  return true;
}

// Checks the operands that all handlers have.
ffi::Error make_inputs(const Buffer& q, const Buffer& k, const Buffer& v, const Buffer& mask,
                       const Buffer& bias, const Buffer& key, const Options& options,
                       Element* element, AttentionInputs* in) {
  NYALA_CHECK(rank(q) == 4 && rank(k) == 4 && rank(v) == 4);
  NYALA_CHECK(element_of(q, element) && same_type(q, k) && same_type(q, v));
  const auto dq = q.dimensions(), dk = k.dimensions(), dv = v.dimensions();
  in->sizes = {dq[0], dq[1], dk[1], dq[2], dk[2], dq[3], dv[3]};
  const AttentionSizes& s = in->sizes;
  NYALA_CHECK(dk[0] == s.batch && dk[3] == s.width);
  NYALA_CHECK(dv[0] == s.batch && dv[1] == s.keys && dv[2] == s.key_heads);
  NYALA_CHECK(s.keys >= 1 && s.width >= 1 && s.value_width >= 1);
  NYALA_CHECK(s.key_heads >= 1 && s.heads % s.key_heads == 0);
  NYALA_CHECK(mask.element_type() == ffi::PRED && bias.element_type() == ffi::F32);
  NYALA_CHECK(spread_of(mask, s, &in->mask) && spread_of(bias, s, &in->bias));
  NYALA_CHECK(key.element_type() == ffi::U32);
  NYALA_CHECK(options.threshold >= 0 && options.threshold <= UINT32_MAX);
  in->drops = key.element_count() != 0;
  NYALA_CHECK(!in->drops || key.element_count() == 2);
  if (in->drops) {
    in->dropout = Dropout::of(static_cast<const uint32_t*>(key.untyped_data()),
                              static_cast<uint32_t>(options.threshold), options.dropout_scale);
  }
  in->scale = options.scale, in->causal = options.causal;
  in->q = q.untyped_data(), in->k = k.untyped_data(), in->v = v.untyped_data();
  return ffi::Error::Success();
}

bool holds_stats(const Buffer& stats, const AttentionSizes& s) {
  return stats.element_type() == ffi::F32 && has_shape(stats, {s.batch, s.heads, 2, s.queries});
}

// -- forward -------------------------------------------------------------------------------------

// Queries of a chunk: few enough for 32 parts where there are so many, in whole tiles.
int64_t chunk_of(const AttentionSizes& s, int64_t tile) {
  const int64_t parts = std::max<int64_t>(1, ceil_div(32, std::max<int64_t>(1, s.batch * s.heads)));
  const int64_t wanted = ceil_div(ceil_div(s.queries, parts), tile) * tile;
  return std::max(tile, std::min(kQueryChunk / tile * tile, wanted));
}

ffi::Error forward(ffi::ThreadPool pool, Buffer q, Buffer k, Buffer v, Buffer mask, Buffer bias,
                   Buffer key, Output out, Output stats, float scale, bool causal,
                   int64_t threshold, float dropout_scale) {
  AttentionForward f = {};
  Element element;
  if (ffi::Error error = make_inputs(q, k, v, mask, bias, key,
                                     {scale, causal, threshold, dropout_scale}, &element, &f.in);
      error.failure()) {
    return error;
  }
  const AttentionSizes s = f.in.sizes;
  NYALA_CHECK(same_type(*out, q) && has_shape(*out, {s.batch, s.queries, s.heads, s.value_width}));
  NYALA_CHECK(holds_stats(*stats, s));
  f.out = out->untyped_data();
  f.stats = static_cast<float*>(stats->untyped_data());

  const AttentionTable& table = attention();
  const auto run = table.forward[static_cast<int>(element)];
  const int64_t chunk = chunk_of(s, table.tile_queries), chunks = ceil_div(s.queries, chunk);
  const int64_t items = s.batch * s.heads * chunks;
  const int64_t cost = std::min(chunk, s.queries) * s.keys * (s.width + s.value_width + 16) / 8;
  const int64_t each = items_per_part(items, cost);
  const int64_t size = table.forward_scratch(s);
  parallel_for(pool, ceil_div(items, each), [&](int64_t part) {
    float* const memory = scratch(size);
    for (int64_t i = part * each; i < std::min(items, (part + 1) * each); ++i) {
      const int64_t head = i / chunks, begin = i % chunks * chunk;
      const QueryRange range = {head / s.heads, head % s.heads, begin,
                                std::min(s.queries, begin + chunk)};
      run(f, range, memory);
    }
  });
  return ffi::Error::Success();
}

// -- gradients -----------------------------------------------------------------------------------

// Checks the operands that both gradients have.
ffi::Error make_backward(const Buffer& q, const Buffer& k, const Buffer& v, const Buffer& mask,
                         const Buffer& bias, const Buffer& key, const Buffer& out,
                         const Buffer& dout, const Buffer& stats, const Options& options,
                         Element* element, AttentionBackward* g) {
  if (ffi::Error error = make_inputs(q, k, v, mask, bias, key, options, element, &g->in);
      error.failure()) {
    return error;
  }
  const AttentionSizes& s = g->in.sizes;
  NYALA_CHECK(same_type(out, q) && has_shape(out, {s.batch, s.queries, s.heads, s.value_width}));
  NYALA_CHECK(same_type(dout, q) && same_shape(dout, out) && holds_stats(stats, s));
  g->out = out.untyped_data(), g->dout = dout.untyped_data();
  g->stats = static_cast<const float*>(stats.untyped_data());
  return ffi::Error::Success();
}

// Calls `run(range)` for the queries [begin, end) of a head, a chunk at a time.
template <typename Run>
void by_chunks(int64_t batch, int64_t head, int64_t begin, int64_t end, int64_t chunk,
               const Run& run) {
  for (; begin < end; begin += chunk) {
    run(QueryRange{batch, head, begin, std::min(end, begin + chunk)});
  }
}

// A part of the gradient is a head of keys with all heads that look at it, or some of the queries
// of those: its sums for keys and values are then added to those of the others, in order.
struct KeySums {
  float* memory;  // or null: in the memory of the thread
  int64_t dk_size, dv_size;

  KeyGradients of(int64_t item) const {
    float* const first = memory + item * (dk_size + dv_size);
    return {first, first + dk_size};
  }
};

void run_backward(ffi::ThreadPool& pool, const AttentionBackward& g, Element element,
                  int64_t splits, const KeySums& sums) {
  const AttentionGradientTable& table = attention_gradient();
  const int kind = static_cast<int>(element);
  const AttentionSizes& s = g.in.sizes;
  const int64_t heads = s.batch * s.key_heads, group = s.heads / s.key_heads;
  const int64_t tile = attention().tile_queries, chunk = kQueryChunk / tile * tile;
  const int64_t size = ceil_div(table.scratch(s), 16) * 16, both = sums.dk_size + sums.dv_size;
  const int64_t cost = group * s.queries / splits * s.keys * (s.width + s.value_width + 16) / 4;
  const int64_t each = items_per_part(heads * splits, cost);
  parallel_for(pool, ceil_div(heads * splits, each), [&](int64_t part) {
    float* const memory = scratch(size + (sums.memory ? 0 : both));
    for (int64_t i = part * each; i < std::min(heads * splits, (part + 1) * each); ++i) {
      const int64_t head = i / splits, split = i % splits, b = head / s.key_heads;
      const KeyGradients own = {memory + size, memory + size + sums.dk_size};
      const KeyGradients into = sums.memory ? sums.of(i) : own;
      std::fill(into.dk, into.dk + both, 0.0f);
      for (int64_t n = 0; n < group; ++n) {
        by_chunks(b, head % s.key_heads * group + n, s.queries * split / splits,
                  s.queries * (split + 1) / splits, chunk,
                  [&](const QueryRange& range) { table.backward[kind](g, range, into, memory); });
      }
      if (!sums.memory) table.finish[kind](g, b, head % s.key_heads, into);
    }
  });
  if (!sums.memory) return;
  parallel_for(pool, heads, [&](int64_t head) {
    const KeyGradients all = sums.of(head * splits);
    for (int64_t split = 1; split < splits; ++split) {
      const float* const from = all.dk + split * both;
      for (int64_t i = 0; i < both; ++i) all.dk[i] += from[i];
    }
    table.finish[kind](g, head / s.key_heads, head % s.key_heads, all);
  });
}

ffi::Error backward(ffi::ThreadPool pool, Buffer q, Buffer k, Buffer v, Buffer mask, Buffer bias,
                    Buffer key, Buffer out, Buffer dout, Buffer stats, Output dq, Output dk,
                    Output dv, Output sums, float scale, bool causal, int64_t threshold,
                    float dropout_scale, int64_t splits) {
  AttentionBackward g = {};
  Element element;
  if (ffi::Error error = make_backward(q, k, v, mask, bias, key, out, dout, stats,
                                       {scale, causal, threshold, dropout_scale}, &element, &g);
      error.failure()) {
    return error;
  }
  const AttentionSizes& s = g.in.sizes;
  NYALA_CHECK(same_type(*dq, q) && same_type(*dk, k) && same_type(*dv, v));
  NYALA_CHECK(same_shape(*dq, q) && same_shape(*dk, k) && same_shape(*dv, v));
  g.dq = dq->untyped_data(), g.dk = dk->untyped_data(), g.dv = dv->untyped_data();
  const AttentionGradientTable& table = attention_gradient();
  KeySums key_sums = {nullptr, table.key_size(s.keys, s.width),
                      table.key_size(s.keys, s.value_width)};
  NYALA_CHECK(splits >= 1 && sums->element_type() == ffi::F32);
  if (splits > 1) {
    const int64_t size = key_sums.dk_size + key_sums.dv_size;
    NYALA_CHECK(splits <= s.queries);
    NYALA_CHECK(static_cast<int64_t>(sums->element_count()) / splits >=
                s.batch * s.key_heads * size);
    key_sums.memory = static_cast<float*>(sums->untyped_data());
    // Rows differ between instruction sets: what is left over is not left unwritten.
    std::fill(key_sums.memory + splits * s.batch * s.key_heads * size,
              key_sums.memory + sums->element_count(), 0.0f);
  }
  run_backward(pool, g, element, splits, key_sums);
  return ffi::Error::Success();
}

ffi::Error bias_gradient(ffi::ThreadPool pool, Buffer q, Buffer k, Buffer v, Buffer mask,
                         Buffer bias, Buffer key, Buffer out, Buffer dout, Buffer stats,
                         Output dbias, float scale, bool causal, int64_t threshold,
                         float dropout_scale) {
  AttentionBackward g = {};
  Element element;
  if (ffi::Error error = make_backward(q, k, v, mask, bias, key, out, dout, stats,
                                       {scale, causal, threshold, dropout_scale}, &element, &g);
      error.failure()) {
    return error;
  }
  NYALA_CHECK(rank(bias) == 4 && same_shape(*dbias, bias) && same_type(*dbias, bias));
  const AttentionSizes& s = g.in.sizes;
  Spread<float> d;
  NYALA_CHECK(spread_of(*dbias, s, &d));
  float* const to = static_cast<float*>(dbias->untyped_data());
  const auto found = dbias->dimensions();

  // A part is some queries of one head of the bias, or all of them where the bias is the same for
  // all: it alone adds to the elements that these see, and sums over what the bias is shared by.
  const AttentionGradientTable& table = attention_gradient();
  const int64_t tile = attention().tile_queries, heads = found[1], keys = found[2];
  AttentionSizes apart = s;
  apart.batch = found[0], apart.heads = heads;
  const int64_t chunk = chunk_of(apart, tile);
  const int64_t chunks = d.query == 0 ? 1 : ceil_div(s.queries, chunk);
  parallel_for(pool, found[0] * heads * chunks, [&](int64_t part) {
    const int64_t head = part / chunks, begin = part % chunks * chunk;
    const int64_t end = d.query == 0 ? s.queries : std::min(s.queries, begin + chunk);
    float* const of_head = to + head * keys * found[3];
    for (int64_t key = 0; key < keys; ++key) {
      float* const row = of_head + key * found[3];
      std::fill(row + (d.query ? begin : 0), row + (d.query ? end : 1), 0.0f);
    }
    float* const memory = scratch(table.scratch(s));
    const int64_t b = head / heads, n = head % heads;
    for (int64_t i = b; i < (found[0] == 1 ? s.batch : b + 1); ++i) {
      for (int64_t j = n; j < (heads == 1 ? s.heads : n + 1); ++j) {
        by_chunks(i, j, begin, end, chunk, [&](const QueryRange& range) {
          table.bias_gradient[static_cast<int>(element)](g, range, d, of_head, memory);
        });
      }
    }
  });
  return ffi::Error::Success();
}

template <typename Binding>
auto with_options(Binding&& binding) {
  return std::forward<Binding>(binding)
      .template Attr<float>("scale")
      .template Attr<bool>("causal")
      .template Attr<int64_t>("threshold")
      .template Attr<float>("dropout_scale");
}

auto inputs() {
  return ffi::Ffi::Bind()
      .Ctx<ffi::ThreadPool>()
      .Arg<Buffer>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>();
}

auto inputs_of_gradients() { return inputs().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>(); }

}  // namespace

NYALA_KERNEL(attention_forward, forward,
             with_options(inputs().Ret<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>()));
NYALA_KERNEL(attention_backward, backward,
             with_options(inputs_of_gradients()
                              .Ret<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>()
                              .Ret<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>())
                 .Attr<int64_t>("splits"));
NYALA_KERNEL(attention_bias_gradient, bias_gradient,
             with_options(inputs_of_gradients().Ret<ffi::AnyBuffer>()));

}  // namespace nyala
