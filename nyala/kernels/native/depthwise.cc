// Depthwise convolution: handlers `nyala_depthwise_forward`, `_input_gradient`, `_window_gradient`.
//
// Arrays are (images, height, width, channels), the window is (height, width, channels). Attributes
// have two numbers each: `sizes` of the result (places, input or window), `strides`, `low` (zeros
// before each dimension) and `dilation`.
#include "depthwise.h"

#include <vector>

#include "ffi.h"
#include "parallel.h"
#include "window.h"

namespace nyala {
namespace {

struct Attributes {
  Ints strides, low, dilation;
};

// The shapes of a convolution, checked.
struct Geometry {
  int64_t images, channels;
  Axis rows, columns;
  Element element;

  static ffi::Error make(const Buffer& x, const Buffer& window, const Buffer& y,
                         const Attributes& a, Geometry* geometry) {
    NYALA_CHECK(rank(x) == 4 && rank(window) == 3 && rank(y) == 4);
    NYALA_CHECK(a.strides.size() == 2 && a.low.size() == 2 && a.dilation.size() == 2);
    NYALA_CHECK(same_type(x, window) && same_type(x, y) && element_of(x, &geometry->element));
    const auto in = x.dimensions(), taps = window.dimensions(), out = y.dimensions();
    NYALA_CHECK(in[0] == out[0] && in[3] == out[3] && taps[2] == in[3]);
    for (int i = 0; i < 2; ++i) {
      NYALA_CHECK(a.strides[i] >= 1 && a.dilation[i] >= 1);
    }
    geometry->images = in[0];
    geometry->channels = in[3];
    geometry->rows = {in[1], out[1], taps[0], a.strides[0], a.low[0], a.dilation[0]};
    geometry->columns = {in[2], out[2], taps[1], a.strides[1], a.low[1], a.dilation[1]};
    return ffi::Error::Success();
  }
};

void run_sum(ffi::ThreadPool& pool, const Geometry& geometry, const DepthwiseSum& sum) {
  const int64_t rows = geometry.images * sum.output_height;
  const int64_t row_cost = sum.output_width * sum.channels * geometry.columns.window;
  const int64_t each = items_per_part(rows, row_cost, 1 << 15);
  const auto sum_row = depthwise().sum_row[static_cast<int>(geometry.element)];
  parallel_for(pool, ceil_div(rows, each), [&](int64_t part) {
    const int64_t end = std::min(rows, (part + 1) * each);
    for (int64_t row = part * each; row < end; ++row) {
      sum_row(sum, row / sum.output_height, row % sum.output_height);
    }
  });
}

ffi::Error forward(ffi::ThreadPool pool, Buffer x, Buffer window, Output y, Ints, Ints strides, Ints low,
                          Ints dilation) {
  Geometry g;
  if (ffi::Error error = Geometry::make(x, window, *y, {strides, low, dilation}, &g);
      error.failure()) {
    return error;
  }
  const Rows rows = taps_of_places(g.rows);
  const Rows columns = taps_of_places(g.columns);
  const auto runs = column_runs(columns, 1, g.columns.stride);
  run_sum(pool, g,
          {x.untyped_data(), window.untyped_data(), y->untyped_data(), g.rows.input,
           g.columns.input, g.rows.output, g.columns.output, g.channels, g.columns.window,
           rows.taps.data(), rows.ranges.data(), columns.taps.data(), runs.data(),
           static_cast<int64_t>(runs.size())});
  return ffi::Error::Success();
}

ffi::Error input_gradient(ffi::ThreadPool pool, Buffer dy, Buffer window, Output dx, Ints, Ints strides, Ints low,
                          Ints dilation) {
  Geometry g;
  if (ffi::Error error = Geometry::make(*dx, window, dy, {strides, low, dilation}, &g);
      error.failure()) {
    return error;
  }
  const Rows rows = taps_of_inputs(g.rows);
  const Rows columns = taps_of_inputs(g.columns);
  const auto runs = column_runs(columns, g.columns.stride, 1);
  run_sum(pool, g,
          {dy.untyped_data(), window.untyped_data(), dx->untyped_data(), g.rows.output,
           g.columns.output, g.rows.input, g.columns.input, g.channels, g.columns.window,
           rows.taps.data(), rows.ranges.data(), columns.taps.data(), runs.data(),
           static_cast<int64_t>(runs.size())});
  return ffi::Error::Success();
}

ffi::Error window_gradient(ffi::ThreadPool pool, Buffer x, Buffer dy, Output dwindow, Ints, Ints strides, Ints low,
                          Ints dilation) {
  Geometry g;
  if (ffi::Error error = Geometry::make(x, *dwindow, dy, {strides, low, dilation}, &g);
      error.failure()) {
    return error;
  }
  const Rows rows = taps_of_places(g.rows);
  std::vector<ColumnReach> reaches;
  for (int64_t j = 0; j < g.columns.window; ++j) reaches.push_back(g.columns.reach(j));
  const DepthwiseWindowGradient gradient = {
      x.untyped_data(), dy.untyped_data(), g.rows.input, g.columns.input, g.rows.output,
      g.columns.output, g.channels, g.rows.window, g.columns.window, g.columns.stride,
      rows.taps.data(), rows.ranges.data(), reaches.data()};

  // Each part sums its rows into an array of its own; the arrays are added in their order.
  const DepthwiseTable& table = depthwise();
  const int element = static_cast<int>(g.element);
  const int64_t size = dwindow->element_count();
  const int64_t all_rows = g.images * g.rows.output;
  const int64_t row_cost = g.columns.output * g.channels * 4;
  const int64_t each = items_per_part(all_rows, row_cost, std::max<int64_t>(1 << 18, size * 32));
  const int64_t parts = std::max<int64_t>(1, ceil_div(all_rows, each));
  std::vector<float> sums(parts * size);
  parallel_for(pool, parts, [&](int64_t part) {
    table.window_gradient[element](gradient, part * each, std::min(all_rows, (part + 1) * each),
                                   sums.data() + part * size);
  });
  for (int64_t part = 1; part < parts; ++part) {
    for (int64_t i = 0; i < size; ++i) sums[i] += sums[part * size + i];
  }
  table.round[element](sums.data(), dwindow->untyped_data(), size);
  return ffi::Error::Success();
}

template <typename Binding>
auto with_geometry(Binding&& binding) {
  return std::forward<Binding>(binding)
      .template Attr<Ints>("sizes")
      .template Attr<Ints>("strides")
      .template Attr<Ints>("low")
      .template Attr<Ints>("dilation");
}

auto two_to_one() {
  return with_geometry(
      ffi::Ffi::Bind().Ctx<ffi::ThreadPool>().Arg<Buffer>().Arg<Buffer>().Ret<ffi::AnyBuffer>());
}

}  // namespace

NYALA_KERNEL(depthwise_forward, forward, two_to_one());
NYALA_KERNEL(depthwise_input_gradient, input_gradient, two_to_one());
NYALA_KERNEL(depthwise_window_gradient, window_gradient, two_to_one());

}  // namespace nyala
