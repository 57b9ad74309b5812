// Convolution: handler `nyala_conv_window_gradient`, in float32. Attributes: see conv_sum.cc.
#include "conv_window_gradient.h"

#include <memory>

#include "conv_plan.h"

namespace nyala {
namespace {

constexpr int64_t kParts = 16;
constexpr int64_t kLeastWork = 1 << 21;       // multiplications in a part
constexpr int64_t kMostPartials = 1 << 20;  // floats in sums of ranges of places
constexpr int64_t kPanelsTogether = 4;      // make up for packing the other side

// A call is cut into ranges of places, each with sums of its own while these are small; then into
// pieces of the filters, and of the rows of the window.
struct Cut {
  int64_t ranges, blocks_each, pieces, rows;

  Cut(int64_t blocks, int64_t size, int64_t row_count, int64_t panels, int64_t work) {
    const int64_t parts = std::max<int64_t>(1, std::min(kParts, work / kLeastWork));
    const int64_t most = std::max<int64_t>(1, kMostPartials / std::max<int64_t>(1, size));
    const int64_t wanted = std::max<int64_t>(1, std::min({parts, most, blocks / 2}));
    blocks_each = std::max<int64_t>(1, ceil_div(blocks, wanted));
    ranges = std::max<int64_t>(1, ceil_div(blocks, blocks_each));
    pieces = std::min(ceil_div(parts, ranges), ceil_div(panels, kPanelsTogether));
    rows = std::max<int64_t>(1, std::min(row_count, ceil_div(parts, ranges * pieces)));
  }
};

ffi::Error window_gradient(ffi::ThreadPool pool, Buffer x, Buffer dy, Output dwindow, Ints,
                           Ints strides, Ints low, Ints dilation, int64_t groups, bool) {
  ConvGeometry g;
  ffi::Error error = ConvGeometry::make(x, *dwindow, dy, strides, low, dilation, groups, &g);
  const int64_t size = dwindow->element_count();
  if (error.failure() || size == 0) return error;
  const ConvWindowGradientTable& table = conv_window_gradient();
  ConvPlan plan(g, false);
  const int64_t blocks = plan.count_blocks(g.images, table.places_per_block);
  const int64_t images = std::max<int64_t>(1, g.images), filters = g.filters / groups;
  const ConvWindowGradient gradient = {
      static_cast<const float*>(x.untyped_data()), static_cast<const float*>(dy.untyped_data()),
      static_cast<int64_t>(x.element_count()) / images,
      static_cast<int64_t>(dy.element_count()) / images, g.images, plan.places().data(),
      static_cast<int64_t>(plan.places().size()), filters, g.channels / groups, filters, g.filters};

  const int64_t rows = g.taps() * plan.depth(), panels = ceil_div(filters, table.filters_per_panel);
  const int64_t places = g.images * g.rows.output * g.columns.output;
  const Cut cut(blocks, size, rows, panels, places * rows * filters);
  float* const result = static_cast<float*>(dwindow->untyped_data());
  const std::unique_ptr<float[]> partials(cut.ranges > 1 ? new float[cut.ranges * size] : nullptr);
  parallel_for(pool, groups * cut.ranges * cut.pieces * cut.rows, [&](int64_t number) {
    const int64_t range = number % cut.ranges, piece = number / cut.ranges % cut.pieces;
    const int64_t row = number / cut.ranges / cut.pieces % cut.rows;
    const ConvGradientPart part = {
        number / cut.ranges / cut.pieces / cut.rows, range * cut.blocks_each,
        std::min(blocks, (range + 1) * cut.blocks_each), row * rows / cut.rows,
        (row + 1) * rows / cut.rows, piece * panels / cut.pieces,
        (piece + 1) * panels / cut.pieces};
    table.run(gradient, part, partials ? partials.get() + range * size : result,
              scratch(table.scratch));
  });
  if (partials) {
    const int64_t each = items_per_part(size, cut.ranges * sizeof(float), 1 << 17);
    parallel_for(pool, ceil_div(size, each), [&](int64_t part) {
      table.add(partials.get(), cut.ranges, size, part * each, std::min(size, (part + 1) * each),
                result);
    });
  }
  return ffi::Error::Success();
}

}  // namespace

NYALA_KERNEL(conv_window_gradient, window_gradient,
             ffi::Ffi::Bind()
                 .Ctx<ffi::ThreadPool>()
                 .Arg<Buffer>()
                 .Arg<Buffer>()
                 .Ret<ffi::AnyBuffer>()
                 .Attr<Ints>("sizes")
                 .Attr<Ints>("strides")
                 .Attr<Ints>("low")
                 .Attr<Ints>("dilation")
                 .Attr<int64_t>("groups")
                 .Attr<bool>("loop"));

}  // namespace nyala
