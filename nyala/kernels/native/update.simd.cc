#include "update.h"

#include "vector.h"
#include "vector_math.h"

namespace nyala {
namespace NYALA_ISA {
namespace {

NYALA_INLINE Floats root(Floats x) {
  for (int i = 0; i < kLanes; ++i) x[i] = __builtin_sqrtf(x[i]);
  return x;
}

// The greater; a NaN on either side stays.
NYALA_INLINE Floats greatest(Floats a, Floats b) {
  return choose(as<Bits32>(a > b) | as<Bits32>(a != a), a, b);
}

// -- the rules: `p` is the variable, `g` the gradient, `s` the slots, `n.rule` the numbers ---------

struct Sgd {
  static constexpr int kSlots = 0, kNumbers = 0;
  static constexpr bool kStill = true;
  static NYALA_INLINE void apply(Floats& p, Floats g, Floats*, const UpdateNumbers& n) {
    p -= n.rate * g;
  }
};

template <bool kNesterov>
struct Momentum {
  static constexpr int kSlots = 1, kNumbers = 1;
  static constexpr bool kStill = false;
  static NYALA_INLINE void apply(Floats& p, Floats g, Floats* s, const UpdateNumbers& n) {
    s[0] = n.rule[0] * s[0] - n.rate * g;
    p += kNesterov ? n.rule[0] * s[0] - n.rate * g : s[0];
  }
};

struct Adagrad {
  static constexpr int kSlots = 1, kNumbers = 1;
  static constexpr bool kStill = true;
  static NYALA_INLINE void apply(Floats& p, Floats g, Floats* s, const UpdateNumbers& n) {
    s[0] += g * g;
    p -= n.rate * g / root(s[0] + n.rule[0]);
  }
};

// Slots: mean square, then the step before and the mean where there are.
template <bool kMomentum, bool kCentered>
struct RmsProp {
  static constexpr int kSlots = 1 + kMomentum + kCentered, kNumbers = kMomentum ? 4 : 3;
  static constexpr bool kStill = false;
  static NYALA_INLINE void apply(Floats& p, Floats g, Floats* s, const UpdateNumbers& n) {
    s[0] = n.rule[0] * s[0] + n.rule[1] * (g * g);
    Floats variance = s[0];
    if (kCentered) {
      Floats& mean = s[kSlots - 1];
      mean = n.rule[0] * mean + n.rule[1] * g;
      variance -= mean * mean;
    }
    Floats move = n.rate * g / root(variance + n.rule[2]);
    if (kMomentum) s[1] = move = n.rule[3] * s[1] + move;
    p -= move;
  }
};

template <bool kLargest>
struct Adam {
  static constexpr int kSlots = 2 + kLargest, kNumbers = 3;
  static constexpr bool kStill = false;
  static NYALA_INLINE void apply(Floats& p, Floats g, Floats* s, const UpdateNumbers& n) {
    s[0] += (g - s[0]) * n.rule[0];
    s[1] += (g * g - s[1]) * n.rule[1];
    if (kLargest) s[2] = greatest(s[2], s[1]);
    p -= s[0] * n.rate / (root(s[kSlots - 1]) + n.rule[2]);
  }
};

// -- one block -----------------------------------------------------------------------------------

template <typename Rule, typename T, typename Lanes>
NYALA_INLINE void step(const UpdateNumbers& n, const UpdateBlock& b, int64_t i, Lanes lanes) {
  const auto load = [&](int state) { return lanes.load(static_cast<const T*>(b.from[state]) + i); };
  const auto store = [&](int state, Floats value) {
    lanes.store(static_cast<T*>(b.to[state]) + i, value);
  };
  Floats g = lanes.load(b.gradient + i) * b.factor;
  g = choose(as<Bits32>(g > broadcast(n.clip)), broadcast(n.clip), g);
  g = choose(as<Bits32>(g < broadcast(-n.clip)), broadcast(-n.clip), g);
  Floats p = load(0);
  if (b.decayed) p -= p * n.decay;
  Floats slots[kMostSlots];
  for (int k = 0; k < Rule::kSlots; ++k) slots[k] = load(1 + k);
  Rule::apply(p, g, slots, n);
  for (int k = 0; k < Rule::kSlots; ++k) store(1 + k, slots[k]);
  if (b.averaged) {
    const Floats mean = n.kept * load(1 + Rule::kSlots) + (1.0f - n.kept) * p;
    store(1 + Rule::kSlots, mean);
    if (n.overwrite != 0.0f) p = mean;
  }
  store(0, p);
}

template <typename Rule, typename T>
void run(const UpdateNumbers& n, const UpdateBlock& b) {
  int64_t i = 0;
  for (; i + kLanes <= b.count; i += kLanes) step<Rule, T>(n, b, i, Whole{});
  if (i < b.count) step<Rule, T>(n, b, i, Some{b.count - i});
}

template <typename Rule>
constexpr UpdateRule rule(const char* name) {
  return {name, Rule::kSlots, Rule::kNumbers, Rule::kStill,
          {run<Rule, float>, run<Rule, BFloat16>, run<Rule, Float16>}};
}

constexpr UpdateRule kRules[] = {
    rule<Sgd>("sgd"),
    rule<Momentum<false>>("momentum"),
    rule<Momentum<true>>("nesterov"),
    rule<Adagrad>("adagrad"),
    rule<RmsProp<false, false>>("rmsprop"),
    rule<RmsProp<true, false>>("rmsprop_momentum"),
    rule<RmsProp<false, true>>("rmsprop_centered"),
    rule<RmsProp<true, true>>("rmsprop_centered_momentum"),
    rule<Adam<false>>("adam"),
    rule<Adam<true>>("amsgrad"),
};

// -- gradients -----------------------------------------------------------------------------------

template <typename T>
void widen(const void* all, float* to, int64_t count) {
  const T* from = static_cast<const T*>(all);
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) store(to + i, load(from + i));
  if (i < count) store_some(to + i, load_some(from + i, count - i), count - i);
}

template <typename T>
float sum_squares(const void* all, int64_t count) {
  const T* from = static_cast<const T*>(all);
  Floats sums[4] = {};
  int64_t i = 0;
  for (; i + 4 * kLanes <= count; i += 4 * kLanes) {
    for (int k = 0; k < 4; ++k) {
      const Floats value = load(from + i + k * kLanes);
      sums[k] += value * value;
    }
  }
  for (; i < count; i += kLanes) {
    const Floats value = load_some(from + i, count - i < kLanes ? count - i : kLanes);
    sums[0] += value * value;
  }
  const Floats all_sums = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  float sum = 0.0f;
  for (int k = 0; k < kLanes; ++k) sum += all_sums[k];
  return sum;
}

}  // namespace

extern const UpdateTable table_update = {
    kRules,
    sizeof(kRules) / sizeof(*kRules),
    {widen<float>, widen<BFloat16>, widen<Float16>},
    {sum_squares<float>, sum_squares<BFloat16>, sum_squares<Float16>},
};

}  // namespace NYALA_ISA
}  // namespace nyala
