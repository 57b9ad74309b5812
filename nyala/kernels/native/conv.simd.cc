#include "conv.h"

#include "matmul.h"

namespace nyala {
namespace NYALA_ISA {
namespace {

constexpr int64_t kDepth = 192;  // places that are packed at a time

// Where a place's segment lies in the input, and which part of it is not padding.
struct Segment {
  const void* start;
  int64_t begin, end;
};

template <typename T>
void find_segments(const ConvShape& shape, const T* x, int64_t segment, int64_t place,
                   int64_t count, Segment* found) {
  const ConvAxis &rows = shape.rows, &columns = shape.columns;
  const int64_t size = shape.segment_size();
  const int64_t i = shape.whole_rows() ? segment : segment / columns.window;
  const int64_t j = shape.whole_rows() ? 0 : segment % columns.window;
  int64_t q = place % columns.output, r = place / columns.output % rows.output;
  int64_t n = place / columns.output / rows.output;
  for (int64_t k = 0; k < count; ++k) {
    const int64_t row = r * rows.stride - rows.low + i * rows.dilation;
    const int64_t column = q * columns.stride - columns.low + j * columns.dilation;
    found[k] = {nullptr, 0, 0};
    if (row >= 0 && row < rows.input) {
      const int64_t begin = column < 0 ? -column * shape.channels : 0;
      const int64_t room = (columns.input - column) * shape.channels;
      const int64_t end = room < size ? room : size;
      if (begin < end) {
        const int64_t at = ((n * rows.input + row) * columns.input + column) * shape.channels;
        found[k] = {x + at, begin, end};
      }
    }
    if (++q == columns.output) {
      q = 0;
      if (++r == rows.output) r = 0, ++n;
    }
  }
}

// Numbers [m, m + kRows) of each segment, with zeros for padding.
template <typename T>
void pack_left(const Segment* segments, int64_t count, int64_t m, float* to) {
  for (int64_t k = 0; k < count; ++k, to += kRows) {
    const Segment& s = segments[k];
    const T* from = static_cast<const T*>(s.start) + m;
    if (m >= s.begin && m + kRows <= s.end) {
      for (int i = 0; i < kRows; ++i) to[i] = number(from[i]);
    } else {
      for (int i = 0; i < kRows; ++i) {
        to[i] = m + i >= s.begin && m + i < s.end ? number(from[i]) : 0.0f;
      }
    }
  }
}

int64_t window_gradient_scratch(const ConvShape& shape) {
  const int64_t segments = (kDepth * sizeof(Segment) + sizeof(float) - 1) / sizeof(float);
  return kDepth * Panels::of(shape.filters).vectors * kLanes + kDepth * kRows + segments;
}

template <typename T>
void window_gradient(const ConvShape& shape, const void* x, const void* dy, int64_t begin,
                     int64_t end, int64_t first, int64_t last, float* gradient, float* scratch) {
  const Panels panels = Panels::of(shape.filters);
  float* right = scratch;
  float* left = right + kDepth * panels.vectors * kLanes;
  Segment* segments = reinterpret_cast<Segment*>(left + kDepth * kRows);
  const int64_t size = shape.segment_size();
  for (int64_t place = begin; place < end; place += kDepth) {
    const int64_t depth = end - place < kDepth ? end - place : kDepth;
    for (int64_t p = 0; p < panels.count(); ++p) {
      float* to = right + panels.first(p) * kLanes * depth;
      for (int64_t k = 0; k < depth; ++k) {
        pack_row(static_cast<const T*>(dy) + (place + k) * shape.filters, panels.first(p) * kLanes,
                 shape.filters, panels.width(p), to + k * panels.width(p) * kLanes);
      }
    }
    for (int64_t segment = first; segment < last; ++segment) {
      find_segments(shape, static_cast<const T*>(x), segment, place, depth, segments);
      for (int64_t m = 0; m < size; m += kRows) {
        pack_left<T>(segments, depth, m, left);
        const int64_t rows = size - m < kRows ? size - m : kRows;
        float* to = gradient + (segment * size + m) * shape.filters;
        for (int64_t p = 0; p < panels.count(); ++p) {
          const int64_t column = panels.first(p) * kLanes;
          product(left, right + column * depth, panels.width(p), depth, to + column, shape.filters,
                  rows, shape.filters - column, place != begin);
        }
      }
    }
  }
}

}  // namespace

extern const ConvTable table_conv = {
    window_gradient_scratch,
    {window_gradient<float>, window_gradient<BFloat16>, window_gradient<Float16>},
    {round_to<float>, round_to<BFloat16>, round_to<Float16>},
};

}  // namespace NYALA_ISA
}  // namespace nyala
