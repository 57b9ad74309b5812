#include "embedding.h"

#include "vector.h"

namespace nyala {
namespace NYALA_ISA {
namespace {

template <int kVectors, typename T, typename Lanes>
NYALA_INLINE void sum_columns(const T* rows, const uint64_t* entries, int64_t count, int64_t width,
                              float* sum, Lanes lanes) {
  Floats sums[kVectors] = {};
  for (int64_t i = 0; i < count; ++i) {
    const T* row = rows + static_cast<int64_t>(entries[i] & 0xffffffffu) * width;
#pragma GCC unroll 4
    for (int k = 0; k < kVectors; ++k) sums[k] += lanes.load(row + k * kLanes);
  }
  for (int k = 0; k < kVectors; ++k) lanes.store(sum + k * kLanes, sums[k]);
}

template <typename T>
void sum_rows(const void* all, const uint64_t* entries, int64_t count, int64_t width, float* sum) {
  const T* rows = static_cast<const T*>(all);
  int64_t c = 0;
  for (; c + 4 * kLanes <= width; c += 4 * kLanes) {
    sum_columns<4>(rows + c, entries, count, width, sum + c, Whole{});
  }
  for (; c + kLanes <= width; c += kLanes) {
    sum_columns<1>(rows + c, entries, count, width, sum + c, Whole{});
  }
  if (c < width) sum_columns<1>(rows + c, entries, count, width, sum + c, Some{width - c});
}

}  // namespace

extern const EmbeddingTable table_embedding = {
    {sum_rows<float>, sum_rows<BFloat16>, sum_rows<Float16>},
    {round_to<float>, round_to<BFloat16>, round_to<Float16>},
};

}  // namespace NYALA_ISA
}  // namespace nyala
