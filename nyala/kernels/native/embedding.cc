// The gradient of a lookup: handler `nyala_embedding_gradient`.
//
// `ids` name rows of a table `rows` long; each adds its part of `dy` to its row of the result. They
// are sorted once, so that every row is the sum of its parts in the order of their places.
#include "embedding.h"

#include <algorithm>
#include <cstring>

#include "ffi.h"
#include "parallel.h"
#include "segments.h"

namespace nyala {
namespace {

ffi::Error gradient(ffi::ThreadPool pool, Buffer ids, Buffer dy, Output table, int64_t rows) {
  Element element;
  NYALA_CHECK(ids.element_type() == ffi::S32);
  NYALA_CHECK(same_type(dy, *table) && element_of(dy, &element));
  NYALA_CHECK(rank(*table) >= 1 && table->dimensions()[0] == rows);
  const int64_t count = ids.element_count(), size = table->element_count();
  NYALA_CHECK(count < INT32_MAX && rows < INT32_MAX);
  if (size == 0) return ffi::Error::Success();
  const int64_t width = size / rows;
  NYALA_CHECK(static_cast<int64_t>(dy.element_count()) == count * width);

  const auto entries = sorted_entries(ids.typed_data<int32_t>(), count, rows);
  const EmbeddingTable& code = embedding();
  const auto sum_rows = code.sum_rows[static_cast<int>(element)];
  const auto round = code.round[static_cast<int>(element)];
  const int64_t row_bytes = width * (element == Element::kFloat32 ? 4 : 2);
  const int64_t each = items_per_part(rows, row_bytes);
  parallel_for(pool, ceil_div(rows, each), [&](int64_t part) {
    char* to = static_cast<char*>(table->untyped_data());
    int64_t row = part * each;
    const int64_t end = std::min(rows, row + each);
    auto entry = std::lower_bound(entries.begin(), entries.end(), static_cast<Entry>(row) << 32);
    while (row < end) {
      const int64_t next = entry == entries.end() ? end : std::min(end, row_of(*entry));
      std::memset(to + row * row_bytes, 0, (next - row) * row_bytes);
      if ((row = next) == end) break;
      const auto first = entry;
      while (entry != entries.end() && row_of(*entry) == row) ++entry;
      char* place = to + row * row_bytes;
      const bool direct = element == Element::kFloat32;
      float* sum = direct ? reinterpret_cast<float*>(place) : scratch(width);
      sum_rows(dy.untyped_data(), &*first, entry - first, width, sum);
      if (!direct) round(sum, place, width);
      ++row;
    }
  });
  return ffi::Error::Success();
}

}  // namespace

NYALA_KERNEL(embedding_gradient, gradient,
             ffi::Ffi::Bind()
                 .Ctx<ffi::ThreadPool>()
                 .Arg<Buffer>()
                 .Arg<Buffer>()
                 .Ret<ffi::AnyBuffer>()
                 .Attr<int64_t>("rows"));

}  // namespace nyala
