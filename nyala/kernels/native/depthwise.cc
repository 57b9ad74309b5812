// Depthwise convolution: handlers `nyala_depthwise_forward`, `_input_gradient`, `_window_gradient`.
//
// Arrays are (images, height, width, channels), the window is (height, width, channels). Attributes
// have two numbers each: `sizes` of the result (places, input or window), `strides`, `low` (zeros
// before each dimension) and `dilation`.
#include "depthwise.h"

#include <vector>

#include "ffi.h"
#include "parallel.h"

namespace nyala {
namespace {

// One spatial dimension of a convolution: place p sees input p * stride - low + i * dilation.
struct Axis {
  int64_t input, output, window, stride, low, dilation;

  // The taps of an output place.
  void taps_of_place(int64_t place, std::vector<Tap>& taps) const {
    for (int64_t i = 0; i < window; ++i) {
      const int64_t at = place * stride - low + i * dilation;
      if (at >= 0 && at < input) taps.push_back({i, at});
    }
  }

  // The places that see an element of the input, as taps "window element, place".
  void taps_of_input(int64_t at, std::vector<Tap>& taps) const {
    for (int64_t i = 0; i < window; ++i) {
      const int64_t scaled = at + low - i * dilation;
      if (scaled >= 0 && scaled % stride == 0 && scaled / stride < output) {
        taps.push_back({i, scaled / stride});
      }
    }
  }

  // The places that tap `i` sees inside the input.
  ColumnReach reach(int64_t i) const {
    const int64_t offset = i * dilation - low;
    const int64_t begin = offset >= 0 ? 0 : ceil_div(-offset, stride);
    const int64_t end = offset >= input ? 0 : std::min(output, ceil_div(input - offset, stride));
    return {begin, std::max(begin, end), begin * stride + offset};
  }
};

struct Rows {
  std::vector<Tap> taps;
  std::vector<TapRange> ranges;
};

template <typename TapsOf>
Rows tap_rows(int64_t count, const TapsOf& taps_of) {
  Rows rows;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t begin = rows.taps.size();
    taps_of(i, rows.taps);
    rows.ranges.push_back({begin, static_cast<int64_t>(rows.taps.size())});
  }
  return rows;
}

bool same_taps(const std::vector<Tap>& taps, TapRange a, TapRange b, int64_t moved) {
  if (a.end - a.begin != b.end - b.begin) return false;
  for (int64_t k = 0; k < a.end - a.begin; ++k) {
    const Tap &x = taps[a.begin + k], &y = taps[b.begin + k];
    if (x.window != y.window || x.input + moved != y.input) return false;
  }
  return true;
}

// Groups columns, `step` apart, that see the same columns of the window.
std::vector<ColumnRun> column_runs(const Rows& columns, int64_t step, int64_t input_step) {
  std::vector<ColumnRun> runs;
  const int64_t count = columns.ranges.size();
  for (int64_t residue = 0; residue < std::min(step, count); ++residue) {
    for (int64_t q = residue; q < count; q += step) {
      const TapRange range = columns.ranges[q];
      if (q != residue) {
        ColumnRun& last = runs.back();
        if (same_taps(columns.taps, last.taps, range, last.count * input_step)) {
          ++last.count;
          continue;
        }
      }
      runs.push_back({q, step, 1, input_step, range});
    }
  }
  return runs;
}

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
  const Rows rows =
      tap_rows(g.rows.output, [&](int64_t p, auto& taps) { g.rows.taps_of_place(p, taps); });
  const Rows columns =
      tap_rows(g.columns.output, [&](int64_t p, auto& taps) { g.columns.taps_of_place(p, taps); });
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
  const Rows rows =
      tap_rows(g.rows.input, [&](int64_t p, auto& taps) { g.rows.taps_of_input(p, taps); });
  const Rows columns =
      tap_rows(g.columns.input, [&](int64_t p, auto& taps) { g.columns.taps_of_input(p, taps); });
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
  const Rows rows =
      tap_rows(g.rows.output, [&](int64_t p, auto& taps) { g.rows.taps_of_place(p, taps); });
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
