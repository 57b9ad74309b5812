// Convolution: handlers `nyala_conv_forward` and `nyala_conv_input_gradient`, in float32.
//
// Attributes have two numbers each: `sizes` of the result (places, or the input), `strides`, `low`
// (zeros before each dimension) and `dilation`; then `groups` of channels, and `loop`, which is for
// the lowering.
#include "conv_sum.h"

#include "conv_plan.h"

namespace nyala {
namespace {

// A packed piece of the window stays in a core's second cache, beside what it meets.
constexpr int64_t kPackedFloats = 1 << 17;
// What a part does at least: multiplications, and blocks of places for each packing.
constexpr int64_t kLeastWork = 1 << 21;
constexpr int64_t kLeastBlocks = 32;
constexpr int64_t kMostRanges = 48;

void run(ffi::ThreadPool& pool, const ConvSum& sum, int64_t groups, int64_t blocks) {
  const ConvSumTable& table = conv_sum();
  const int64_t panels = ceil_div(sum.filters, table.filters_per_panel);
  const int64_t panel_size = sum.taps * sum.depth * table.filters_per_panel;
  const int64_t together =
      std::min(panels, std::max<int64_t>(1, kPackedFloats / std::max<int64_t>(1, panel_size)));
  const int64_t pieces = ceil_div(panels, together);
  const int64_t block_work = std::max<int64_t>(1, table.places_per_block * panel_size * together);
  const int64_t each =
      std::max({kLeastBlocks, ceil_div(blocks, kMostRanges), ceil_div(kLeastWork, block_work)});
  const int64_t ranges = ceil_div(blocks, each);
  parallel_for(pool, groups * pieces * ranges, [&](int64_t part) {
    const int64_t range = part % ranges, piece = part / ranges % pieces;
    const int64_t first = piece * panels / pieces, last = (piece + 1) * panels / pieces;
    table.run(sum, part / ranges / pieces, first, last, range * each,
              std::min(blocks, (range + 1) * each), scratch((last - first) * panel_size));
  });
}

// The result is `y` of a convolution of `x`, or `x` as the gradient of `y`.
ffi::Error convolve(ffi::ThreadPool& pool, const ConvGeometry& g, const Buffer& input,
                    const Buffer& window, const Buffer& result, bool gradient) {
  if (result.element_count() == 0) return ffi::Error::Success();
  ConvPlan plan(g, gradient);
  const int64_t blocks = plan.count_blocks(g.images, conv_sum().places_per_block);
  ConvSum sum = {};
  sum.input = static_cast<const float*>(input.untyped_data());
  sum.window = static_cast<const float*>(window.untyped_data());
  sum.output = static_cast<float*>(result.untyped_data());
  sum.images = g.images;
  sum.input_image = input.element_count() / g.images;
  sum.output_image = result.element_count() / g.images;
  sum.places = plan.places().data();
  sum.kinds = plan.places().size();
  sum.tap_order = plan.tap_order().data();
  sum.taps = g.taps();
  sum.tap_step = g.channels / g.groups * g.filters;
  sum.depth = plan.depth();
  sum.depth_step = gradient ? 1 : g.filters;
  sum.filters = (gradient ? g.channels : g.filters) / g.groups;
  sum.filter_step = gradient ? g.filters : 1;
  sum.input_group = plan.depth();
  sum.window_group = g.filters / g.groups;
  sum.output_group = sum.filters;
  run(pool, sum, g.groups, blocks);
  return ffi::Error::Success();
}

ffi::Error forward(ffi::ThreadPool pool, Buffer x, Buffer window, Output y, Ints, Ints strides,
                   Ints low, Ints dilation, int64_t groups, bool) {
  ConvGeometry g;
  ffi::Error error = ConvGeometry::make(x, window, *y, strides, low, dilation, groups, &g);
  return error.failure() ? error : convolve(pool, g, x, window, *y, false);
}

ffi::Error input_gradient(ffi::ThreadPool pool, Buffer dy, Buffer window, Output dx, Ints,
                          Ints strides, Ints low, Ints dilation, int64_t groups, bool) {
  ConvGeometry g;
  ffi::Error error = ConvGeometry::make(*dx, window, dy, strides, low, dilation, groups, &g);
  return error.failure() ? error : convolve(pool, g, dy, window, *dx, true);
}

auto binding() {
  return ffi::Ffi::Bind()
      .Ctx<ffi::ThreadPool>()
      .Arg<Buffer>()
      .Arg<Buffer>()
      .Ret<ffi::AnyBuffer>()
      .Attr<Ints>("sizes")
      .Attr<Ints>("strides")
      .Attr<Ints>("low")
      .Attr<Ints>("dilation")
      .Attr<int64_t>("groups")
      .Attr<bool>("loop");
}

}  // namespace

NYALA_KERNEL(conv_forward, forward, binding());
NYALA_KERNEL(conv_input_gradient, input_gradient, binding());

}  // namespace nyala
