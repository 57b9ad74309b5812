#include "crossentropy.h"

#include "vector_math.h"

namespace nyala {
namespace NYALA_ISA {
namespace {

NYALA_INLINE float sum_of(Floats v) {
  float sum = 0.0f;
  for (int i = 0; i < kLanes; ++i) sum += v[i];
  return sum;
}

// Calls `run(first, lanes)` for whole vectors of a row and for what is left.
template <typename Run>
NYALA_INLINE void along(int64_t count, const Run& run) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) run(i, Whole{});
  if (i < count) run(i, Some{count - i});
}

template <typename T>
float maximum_of(const T* row, int64_t count) {
  Floats most = broadcast(-__builtin_inff());
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Floats x = load(row + i);
    most = x > most ? x : most;
  }
  float result = -__builtin_inff();
  for (int lane = 0; lane < kLanes; ++lane) result = most[lane] > result ? most[lane] : result;
  for (; i < count; ++i) result = number(row[i]) > result ? number(row[i]) : result;
  return result;
}

// Lanes beyond the row hold 0 after loading: they must not count.
NYALA_INLINE Floats within(Whole, Floats value) { return value; }
NYALA_INLINE Floats within(Some some, Floats value) {
  for (int i = 0; i < kLanes; ++i) value[i] = i < some.n ? value[i] : 0.0f;
  return value;
}

template <typename T>
void forward(const Crossentropy& c, int64_t begin, int64_t end, float* loss, float* stats) {
  for (int64_t r = begin; r < end; ++r) {
    const T* const row = static_cast<const T*>(c.logits) + r * c.classes;
    const float* const targets = c.targets ? c.targets + r * c.classes : nullptr;
    const float maximum = maximum_of(row, c.classes);
    Floats exponentials = zeros(), weighed = zeros(), weights = zeros();
    along(c.classes, [&](int64_t i, auto lanes) {
      const Floats below = lanes.load(row + i) - maximum;
      exponentials += within(lanes, decay(below));
      if (targets == nullptr) return;
      const Floats target = lanes.load(targets + i);
      weighed += within(lanes, target * below);
      weights += target;
    });
    const float sum = sum_of(exponentials), logarithm = __builtin_logf(sum);
    float total = sum_of(weights), chosen = sum_of(weighed);
    if (c.labels != nullptr && c.labels[r] >= 0 && c.labels[r] < c.classes) {
      total = 1.0f;
      chosen += number(row[c.labels[r]]) - maximum;
    }
    loss[r] = total * logarithm - chosen;
    float* const stat = stats + r * kCrossentropyStats;
    stat[0] = maximum, stat[1] = 1.0f / sum, stat[2] = total;
  }
}

template <typename T>
void backward(const Crossentropy& c, int64_t begin, int64_t end, const float* stats,
              const float* dloss, void* dlogits) {
  for (int64_t r = begin; r < end; ++r) {
    const T* const row = static_cast<const T*>(c.logits) + r * c.classes;
    const float* const targets = c.targets ? c.targets + r * c.classes : nullptr;
    T* const to = static_cast<T*>(dlogits) + r * c.classes;
    const float* const stat = stats + r * kCrossentropyStats;
    const float maximum = stat[0], factor = stat[1] * stat[2], gradient = dloss[r];
    along(c.classes, [&](int64_t i, auto lanes) {
      const Floats probability = decay(lanes.load(row + i) - maximum) * factor;
      const Floats target = targets ? lanes.load(targets + i) : zeros();
      lanes.store(to + i, gradient * (probability - target));
    });
    if (c.labels == nullptr || c.labels[r] < 0 || c.labels[r] >= c.classes) continue;
    const int64_t label = c.labels[r];
    const Floats probability = decay(load_some(row + label, 1) - maximum) * factor;
    store_some(to + label, gradient * (probability - 1.0f), 1);
  }
}

}  // namespace

extern const CrossentropyTable table_crossentropy = {
    {forward<float>, forward<BFloat16>, forward<Float16>},
    {backward<float>, backward<BFloat16>, backward<Float16>},
};

}  // namespace NYALA_ISA
}  // namespace nyala
