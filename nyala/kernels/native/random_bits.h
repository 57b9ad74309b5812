// The bits of `nyala.kernels.random_bits`: a position hashed twice under words from a key.
#pragma once

#include <cstdint>

namespace nyala {

// Constants by Chris Wellons; see _random_bits.py. `Word` is a number or a vector of them.
template <typename Word>
inline __attribute__((always_inline)) Word mix_bits(Word h) {
  h = (h ^ (h >> 16)) * 0x7feb352du;
  h = (h ^ (h >> 15)) * 0x846ca68bu;
  return h ^ (h >> 16);
}

struct Dropout {
  uint32_t first, second;
  uint32_t threshold;  // a number is kept whose bits are not below
  float scale;         // and multiplied by this

  static Dropout of(const uint32_t* key, uint32_t threshold, float scale) {
    const uint32_t first = mix_bits(key[0] ^ mix_bits(key[1] + 0x9e3779b9u));
    const uint32_t second = mix_bits(key[1] ^ mix_bits(first + 0x85ebca6bu));
    return {first, second, threshold, scale};
  }

  template <typename Word>
  inline __attribute__((always_inline)) Word bits(Word position) const {
    return mix_bits(mix_bits(position + first) ^ second);
  }
};

}  // namespace nyala
