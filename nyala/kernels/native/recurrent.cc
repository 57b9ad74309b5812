// Recurrent layers: handlers `nyala_recurrent_forward` and `nyala_recurrent_backward`.
//
// Attribute `cell` is a number of enum Cell. What a cell or a call does without has no elements:
// `bias`, `c0`, `keep`, and without `save` also `saved` and `c`.
#include "recurrent.h"

#include <vector>

#include "ffi.h"
#include "parallel.h"

namespace nyala {
namespace {

constexpr int64_t kGates[kCells] = {4, 3, 1};
constexpr int64_t kSaved[kCells] = {4, 4, 0};

const float* floats(const Buffer& buffer) {
  return static_cast<const float*>(buffer.untyped_data());
}

float* floats(Output& output) { return static_cast<float*>(output->untyped_data()); }

const bool* flags_or_null(const Buffer& buffer) {
  return buffer.element_count() == 0 ? nullptr : static_cast<const bool*>(buffer.untyped_data());
}

bool is_float(const Buffer& buffer) { return buffer.element_type() == ffi::F32; }

// Whether the buffer holds floats of this shape, or, where there is to be nothing, nothing.
bool holds(const Buffer& buffer, bool something, std::initializer_list<int64_t> shape) {
  return is_float(buffer) && (something ? has_shape(buffer, shape) : buffer.element_count() == 0);
}

struct Problem {
  Cell cell;
  int kind;
  RecurrentSizes sizes;
  bool masked;

  // `z` (batch, time, gates * units) and `recurrent` (units, gates * units) tell the sizes.
  static ffi::Error make(int64_t cell, bool backwards, const Buffer& z, const Buffer& recurrent,
                         const Buffer& keep, Problem* p) {
    NYALA_CHECK(cell >= 0 && cell < kCells);
    NYALA_CHECK(rank(z) == 3 && rank(recurrent) == 2 && is_float(z) && is_float(recurrent));
    const int64_t units = recurrent.dimensions()[0], width = kGates[cell] * units;
    NYALA_CHECK(units >= 1 && recurrent.dimensions()[1] == width && z.dimensions()[2] == width);
    p->cell = static_cast<Cell>(cell);
    p->kind = static_cast<int>(cell);
    p->sizes = {static_cast<int64_t>(z.dimensions()[0]), static_cast<int64_t>(z.dimensions()[1]),
                units, backwards};
    NYALA_CHECK(p->sizes.time >= 1 && keep.element_type() == ffi::PRED);
    p->masked = keep.element_count() != 0;
    NYALA_CHECK(!p->masked || has_shape(keep, {p->sizes.batch, p->sizes.time}));
    return ffi::Error::Success();
  }

  bool has_c() const { return cell == Cell::kLstm; }
  int64_t saved_width() const { return kSaved[kind] * sizes.units; }
};

std::vector<float> packed_weights(const Problem& p, const Buffer& recurrent, bool forward) {
  const RecurrentTable& table = recurrent_kernels();
  std::vector<float> packed(table.packed_size[p.kind](p.sizes.units));
  auto* const pack = forward ? table.pack_forward[p.kind] : table.pack_backward[p.kind];
  pack(floats(recurrent), p.sizes.units, packed.data());
  return packed;
}

// Rows of the batch in a part. Every part reads all weights at every step: where they do not fit
// into the cache beside a core, more rows share a reading.
int64_t rows_per_part(const Problem& p) {
  const int64_t weights = kGates[p.kind] * p.sizes.units * p.sizes.units * sizeof(float);
  if (weights <= (1 << 19)) return kRecurrentRows;
  const int64_t quarter = ceil_div(p.sizes.batch, 4 * kRecurrentRows) * kRecurrentRows;
  return std::min(kMostRecurrentRows, quarter);
}

// Runs `part(begin, end, scratch)` for every few rows of the batch.
template <typename Part>
void run_parts(ffi::ThreadPool& pool, const Problem& p, const Part& part) {
  const int64_t size = recurrent_kernels().scratch_size[p.kind](p.sizes.units);
  const int64_t rows = rows_per_part(p);
  parallel_for(pool, ceil_div(p.sizes.batch, rows), [&](int64_t number) {
    const int64_t begin = number * rows;
    std::vector<float> scratch(size);
    part(begin, std::min(p.sizes.batch, begin + rows), scratch.data());
  });
}

ffi::Error forward(ffi::ThreadPool pool, Buffer z, Buffer recurrent, Buffer bias, Buffer h0,
                   Buffer c0, Buffer keep, Output h, Output saved, Output c, Output last_c,
                   int64_t cell, bool backwards, bool save) {
  Problem p;
  if (ffi::Error error = Problem::make(cell, backwards, z, recurrent, keep, &p); error.failure()) {
    return error;
  }
  const auto [batch, time, units, unused] = p.sizes;
  const bool has_bias = bias.element_count() != 0;
  NYALA_CHECK(holds(bias, has_bias, {kGates[p.kind] * units}));
  NYALA_CHECK(holds(h0, true, {batch, units}) && holds(*h, true, {batch, time, units}));
  NYALA_CHECK(holds(c0, p.has_c(), {batch, units}) && holds(*last_c, p.has_c(), {batch, units}));
  NYALA_CHECK(holds(*saved, save && p.saved_width() > 0, {batch, time, p.saved_width()}));
  NYALA_CHECK(holds(*c, save && p.has_c(), {batch, time, units}));

  const std::vector<float> packed = packed_weights(p, recurrent, true);
  const RecurrentForward work = {
      p.sizes, floats(z), has_bias ? floats(bias) : nullptr, floats(h0), floats(c0),
      flags_or_null(keep), packed.data(), floats(h),
      saved->element_count() ? floats(saved) : nullptr, c->element_count() ? floats(c) : nullptr,
      floats(last_c)};
  const auto run = recurrent_kernels().forward[p.kind];
  run_parts(pool, p, [&](int64_t begin, int64_t end, float* scratch) {
    run(work, begin, end, scratch);
  });
  return ffi::Error::Success();
}

ffi::Error backward(ffi::ThreadPool pool, Buffer dh, Buffer h, Buffer saved, Buffer c,
                    Buffer recurrent, Buffer h0, Buffer c0, Buffer keep, Buffer dlast_c,
                    Output dz, Output dh0, Output dc0, int64_t cell, bool backwards) {
  Problem p;
  if (ffi::Error error = Problem::make(cell, backwards, *dz, recurrent, keep, &p);
      error.failure()) {
    return error;
  }
  const auto [batch, time, units, unused] = p.sizes;
  NYALA_CHECK(holds(dh, true, {batch, time, units}) && holds(h, true, {batch, time, units}));
  NYALA_CHECK(holds(saved, p.saved_width() > 0, {batch, time, p.saved_width()}));
  NYALA_CHECK(holds(c, p.has_c(), {batch, time, units}) && holds(c0, p.has_c(), {batch, units}));
  NYALA_CHECK(holds(h0, true, {batch, units}) && holds(*dh0, true, {batch, units}));
  NYALA_CHECK(holds(dlast_c, p.has_c(), {batch, units}));
  NYALA_CHECK(holds(*dc0, p.has_c(), {batch, units}));

  const std::vector<float> packed = packed_weights(p, recurrent, false);
  const RecurrentBackward work = {
      p.sizes, floats(dh), floats(h), floats(saved), floats(c), floats(h0), floats(c0),
      flags_or_null(keep), floats(dlast_c), packed.data(), floats(dz),
      floats(dh0), floats(dc0)};
  const auto run = recurrent_kernels().backward[p.kind];
  run_parts(pool, p, [&](int64_t begin, int64_t end, float* scratch) {
    run(work, begin, end, scratch);
  });
  return ffi::Error::Success();
}

auto forward_binding() {
  return ffi::Ffi::Bind()
      .Ctx<ffi::ThreadPool>()
      .Arg<Buffer>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>()
      .Ret<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>()
      .Attr<int64_t>("cell")
      .Attr<bool>("backwards")
      .Attr<bool>("save");
}

auto backward_binding() {
  return ffi::Ffi::Bind()
      .Ctx<ffi::ThreadPool>()
      .Arg<Buffer>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>().Arg<Buffer>()
      .Arg<Buffer>().Arg<Buffer>().Arg<Buffer>()
      .Ret<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>()
      .Attr<int64_t>("cell")
      .Attr<bool>("backwards");
}

}  // namespace

NYALA_KERNEL(recurrent_forward, forward, forward_binding());
NYALA_KERNEL(recurrent_backward, backward, backward_binding());

}  // namespace nyala
