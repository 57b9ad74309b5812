// Pools: handlers `nyala_max_pool`, `_with_winners`, `_gradient` and `nyala_average_pool`, `_gradient`.
//
// Arrays are (images, height, width, channels). Attributes have two numbers each: `sizes` of the
// result, `window`, `strides` and `low` (padding before each dimension).
#include "pool.h"

#include <vector>

#include "ffi.h"
#include "parallel.h"
#include "window.h"

namespace nyala {
namespace {

constexpr int64_t kMostTaps = 255;  // the number of a winner is a byte; 255 is nobody

struct Attributes {
  Ints window, strides, low;
};

// The shapes of a pool, checked.
struct Geometry {
  int64_t images, channels;
  Axis rows, columns;
  int element;

  static ffi::Error make(const Buffer& x, const Buffer& y, const Attributes& a, Geometry* g) {
    NYALA_CHECK(rank(x) == 4 && rank(y) == 4);
    NYALA_CHECK(a.window.size() == 2 && a.strides.size() == 2 && a.low.size() == 2);
    Element element;
    NYALA_CHECK(same_type(x, y) && element_of(x, &element));
    const auto in = x.dimensions(), out = y.dimensions();
    NYALA_CHECK(in[0] == out[0] && in[3] == out[3]);
    for (int i = 0; i < 2; ++i) NYALA_CHECK(a.strides[i] >= 1 && a.window[i] >= 1);
    *g = {in[0], in[3],
          {in[1], out[1], a.window[0], a.strides[0], a.low[0], 1},
          {in[2], out[2], a.window[1], a.strides[1], a.low[1], 1},
          static_cast<int>(element)};
    return ffi::Error::Success();
  }
};

using RunRow = void (*)(const Pool&, int64_t, int64_t);

void run_rows(ffi::ThreadPool& threads, const Geometry& g, const Pool& pool, RunRow run_row) {
  const int64_t rows = g.images * pool.output_height;
  const int64_t seen = std::max<int64_t>(1, g.rows.window / g.rows.stride);
  const int64_t cost = std::max(pool.output_width, pool.input_width) * pool.channels * 4 * seen;
  const int64_t each = items_per_part(rows, cost);
  parallel_for(threads, ceil_div(rows, each), [&](int64_t part) {
    const int64_t end = std::min(rows, (part + 1) * each);
    for (int64_t row = part * each; row < end; ++row) {
      run_row(pool, row / pool.output_height, row % pool.output_height);
    }
  });
}

void pool_forward(ffi::ThreadPool& threads, const Geometry& g, const Buffer& x, const Buffer& y,
                  uint8_t* winners, RunRow run_row) {
  const Rows rows = taps_of_places(g.rows), columns = taps_of_places(g.columns);
  const auto runs = column_runs(columns, 1, g.columns.stride);
  run_rows(threads, g,
           {x.untyped_data(), y.untyped_data(), g.rows.input, g.columns.input, g.rows.output,
            g.columns.output, g.channels, g.columns.window, rows.taps.data(), rows.ranges.data(),
            columns.taps.data(), runs.data(), static_cast<int64_t>(runs.size()), winners, nullptr,
            nullptr},
           run_row);
}

// One over the number of elements that each place sees.
std::vector<float> factors(const Axis& axis) {
  std::vector<float> factors;
  for (const TapRange& range : taps_of_places(axis).ranges) {
    factors.push_back(1.0f / static_cast<float>(range.end - range.begin));
  }
  return factors;
}

void pool_backward(ffi::ThreadPool& threads, const Geometry& g, const Buffer& dy, const Buffer& dx,
                   uint8_t* winners, RunRow run_row) {
  const Rows rows = taps_of_inputs(g.rows), columns = taps_of_inputs(g.columns);
  const auto runs = column_runs(columns, g.columns.stride, 1);
  const auto row_factors = factors(g.rows), column_factors = factors(g.columns);
  run_rows(threads, g,
           {dy.untyped_data(), dx.untyped_data(), g.rows.output, g.columns.output, g.rows.input,
            g.columns.input, g.channels, g.columns.window, rows.taps.data(), rows.ranges.data(),
            columns.taps.data(), runs.data(), static_cast<int64_t>(runs.size()), winners,
            row_factors.data(), column_factors.data()},
           run_row);
}

#define NYALA_GEOMETRY(x, y)                                                   \
  Geometry g;                                                                  \
  if (ffi::Error error = Geometry::make(x, y, {window, strides, low}, &g);     \
      error.failure()) {                                                       \
    return error;                                                              \
  }

ffi::Error max_pool(ffi::ThreadPool threads, Buffer x, Output y, Ints, Ints window, Ints strides,
                    Ints low) {
  NYALA_GEOMETRY(x, *y)
  pool_forward(threads, g, x, *y, nullptr, pool().max_row[g.element]);
  return ffi::Error::Success();
}

ffi::Error max_pool_with_winners(ffi::ThreadPool threads, Buffer x, Output y, Output winners, Ints,
                                 Ints window, Ints strides, Ints low) {
  NYALA_GEOMETRY(x, *y)
  NYALA_CHECK(window[0] * window[1] <= kMostTaps);
  NYALA_CHECK(same_shape(*winners, *y) && winners->element_type() == ffi::U8);
  pool_forward(threads, g, x, *y, winners->typed_data<uint8_t>(), pool().max_row[g.element]);
  return ffi::Error::Success();
}

ffi::Error max_pool_gradient(ffi::ThreadPool threads, Buffer dy, Buffer winners, Output dx, Ints,
                             Ints window, Ints strides, Ints low) {
  NYALA_GEOMETRY(*dx, dy)
  NYALA_CHECK(window[0] * window[1] <= kMostTaps);
  NYALA_CHECK(same_shape(winners, dy) && winners.element_type() == ffi::U8);
  pool_backward(threads, g, dy, *dx, winners.typed_data<uint8_t>(),
                pool().max_gradient_row[g.element]);
  return ffi::Error::Success();
}

ffi::Error average_pool(ffi::ThreadPool threads, Buffer x, Output y, Ints, Ints window,
                        Ints strides, Ints low) {
  NYALA_GEOMETRY(x, *y)
  pool_forward(threads, g, x, *y, nullptr, pool().mean_row[g.element]);
  return ffi::Error::Success();
}

ffi::Error average_pool_gradient(ffi::ThreadPool threads, Buffer dy, Output dx, Ints, Ints window,
                                 Ints strides, Ints low) {
  NYALA_GEOMETRY(*dx, dy)
  pool_backward(threads, g, dy, *dx, nullptr, pool().mean_gradient_row[g.element]);
  return ffi::Error::Success();
}

template <typename Binding>
auto with_geometry(Binding&& binding) {
  return std::forward<Binding>(binding)
      .template Attr<Ints>("sizes")
      .template Attr<Ints>("window")
      .template Attr<Ints>("strides")
      .template Attr<Ints>("low");
}

auto one_array() { return ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<Buffer>(); }

}  // namespace

NYALA_KERNEL(max_pool, max_pool, with_geometry(one_array().Ret<ffi::AnyBuffer>()));
NYALA_KERNEL(max_pool_with_winners, max_pool_with_winners,
             with_geometry(one_array().Ret<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>()));
NYALA_KERNEL(max_pool_gradient, max_pool_gradient,
             with_geometry(one_array().Arg<Buffer>().Ret<ffi::AnyBuffer>()));
NYALA_KERNEL(average_pool, average_pool, with_geometry(one_array().Ret<ffi::AnyBuffer>()));
NYALA_KERNEL(average_pool_gradient, average_pool_gradient,
             with_geometry(one_array().Ret<ffi::AnyBuffer>()));

}  // namespace nyala
