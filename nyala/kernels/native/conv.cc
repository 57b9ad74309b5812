// Convolution: handler `nyala_conv_window_gradient`.
//
// Arrays are (images, height, width, channels), the window is (height, width, channels, filters).
// Attributes have two numbers each: `sizes` of the window, `strides`, `low` (zeros before each
// dimension) and `dilation`.
#include "conv.h"

#include <vector>

#include "ffi.h"
#include "parallel.h"

namespace nyala {
namespace {

// Partial sums up to this size are kept once for each part; larger gradients are cut instead.
constexpr int64_t kLargestPartial = 1 << 16;
constexpr int64_t kParts = 16;
constexpr int64_t kLeastWork = 1 << 20;  // multiplications in a part

ffi::Error window_gradient(ffi::ThreadPool pool, Buffer x, Buffer dy, Output dwindow, Ints,
                           Ints strides, Ints low, Ints dilation) {
  NYALA_CHECK(rank(x) == 4 && rank(dy) == 4 && rank(*dwindow) == 4);
  NYALA_CHECK(strides.size() == 2 && low.size() == 2 && dilation.size() == 2);
  Element element;
  NYALA_CHECK(same_type(x, dy) && same_type(x, *dwindow) && element_of(x, &element));
  const auto in = x.dimensions(), out = dy.dimensions(), window = dwindow->dimensions();
  NYALA_CHECK(in[0] == out[0] && window[2] == in[3] && window[3] == out[3]);
  NYALA_CHECK(strides[0] >= 1 && strides[1] >= 1 && dilation[0] >= 1 && dilation[1] >= 1);
  const ConvShape shape = {in[0], in[3], out[3],
                           {in[1], out[1], window[0], strides[0], low[0], dilation[0]},
                           {in[2], out[2], window[1], strides[1], low[1], dilation[1]}};

  // A small gradient is summed over places in parts; a large one is cut into segments, a part each.
  const int64_t size = dwindow->element_count(), places = shape.places();
  const bool small = size <= kLargestPartial;
  const int64_t wanted = std::min(kParts, ceil_div(places * size, kLeastWork));
  const int64_t place_parts = small ? std::max<int64_t>(1, std::min(wanted, places)) : 1;
  const int64_t each = std::max<int64_t>(1, ceil_div(places, place_parts));
  const int64_t segment_parts = small ? 1 : shape.segments();
  const ConvTable& table = conv();
  const int64_t scratch_size = table.window_gradient_scratch(shape);
  std::vector<float> sums(place_parts * size);
  parallel_for(pool, place_parts * segment_parts, [&](int64_t part) {
    const int64_t begin = part / segment_parts * each, segment = part % segment_parts;
    table.window_gradient[static_cast<int>(element)](
        shape, x.untyped_data(), dy.untyped_data(), std::min(begin, places),
        std::min(begin + each, places), segment, small ? shape.segments() : segment + 1,
        sums.data() + part / segment_parts * size, scratch(scratch_size));
  });
  for (int64_t part = 1; part < place_parts; ++part) {
    for (int64_t i = 0; i < size; ++i) sums[i] += sums[part * size + i];
  }
  table.round[static_cast<int>(element)](sums.data(), dwindow->untyped_data(), size);
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
                 .Attr<Ints>("dilation"));

}  // namespace nyala
