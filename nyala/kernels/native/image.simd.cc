#include "image.h"

#include "vector.h"

namespace nyala {
namespace NYALA_ISA {
namespace {

// -- resizing -------------------------------------------------------------------------------------

typedef float Pixel __attribute__((vector_size(16)));

NYALA_INLINE Pixel load_pixel(const float* from) {
  Pixel pixel;
  __builtin_memcpy(&pixel, from, sizeof(pixel));
  return pixel;
}

// The rows of the source added up, from byte `begin` to `end`.
NYALA_INLINE void add_rows(const ImageRow& s, int64_t begin, int64_t end) {
  float* __restrict line = s.line;
  const uint8_t* first = s.rows[0];
  const float w0 = s.weights[0];
  if (s.row_count == 1) {
    for (int64_t x = begin; x < end; ++x) line[x] = w0 * first[x];
    return;
  }
  const uint8_t* second = s.rows[1];
  const float w1 = s.weights[1];
  for (int64_t x = begin; x < end; ++x) line[x] = w0 * first[x] + w1 * second[x];
  for (int64_t t = 2; t < s.row_count; ++t) {
    const uint8_t* more = s.rows[t];
    const float w = s.weights[t];
    for (int64_t x = begin; x < end; ++x) line[x] += w * more[x];
  }
}

template <int kBytes>
NYALA_INLINE Pixel add_columns(const ImageRow& s, int64_t c) {
  const int32_t* index = s.columns.index + c * s.columns.taps;
  const float* weight = s.columns.weight + c * s.columns.taps;
  Pixel sum = weight[0] * load_pixel(s.line + index[0] * kBytes);
  for (int64_t t = 1; t < s.columns.taps; ++t) {
    sum += weight[t] * load_pixel(s.line + index[t] * kBytes);
  }
  return sum;
}

template <int kBytes>
NYALA_INLINE void resize_pixels(const ImageRow& s) {
  add_rows(s, s.first_column * kBytes, (s.last_column + 1) * kBytes);
  float* out = s.out;
  int64_t c = 0;
  if (s.channels == 3) {
    // Whole pixels are stored, each over the fourth float of the one before.
    for (; c < s.columns.count - 1; ++c, out += 3) {
      const Pixel pixel = add_columns<kBytes>(s, c);
      __builtin_memcpy(out, &pixel, sizeof(pixel));
    }
  }
  for (; c < s.columns.count; ++c, out += s.channels) {
    const Pixel pixel = add_columns<kBytes>(s, c);
    for (int64_t k = 0; k < s.channels; ++k) out[k] = pixel[k];
  }
}

void resize_row(const ImageRow& s) {
  if (s.pixel_bytes == 4) return resize_pixels<4>(s);
  if (s.pixel_bytes == 3) return resize_pixels<3>(s);
  resize_pixels<1>(s);
}

// -- the inverse cosine transform -----------------------------------------------------------------

// Eight whole numbers: a row or a column of a block.
typedef int32_t Eight __attribute__((vector_size(32)));
typedef int16_t Shorts __attribute__((vector_size(16)));
typedef uint8_t Bytes __attribute__((vector_size(8)));

#if defined(__clang__)
#define NYALA_SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define NYALA_SHUFFLE(a, b, ...) __builtin_shuffle(a, b, Eight{__VA_ARGS__})
#endif

NYALA_INLINE void transpose(Eight (&v)[8]) {
  Eight a[8], b[8];
  for (int i = 0; i < 8; i += 2) {
    a[i] = NYALA_SHUFFLE(v[i], v[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    a[i + 1] = NYALA_SHUFFLE(v[i], v[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (int i = 0; i < 8; i += 4) {
    for (int j = 0; j < 2; ++j) {
      b[i + j] = NYALA_SHUFFLE(a[i + j], a[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      b[i + j + 2] = NYALA_SHUFFLE(a[i + j], a[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
  for (int i = 0; i < 4; ++i) {
    v[i] = NYALA_SHUFFLE(b[i], b[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    v[i + 4] = NYALA_SHUFFLE(b[i], b[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

// Cosines times 2^13, as the standard algorithm has them rounded.
constexpr int32_t k0_298 = 2446, k0_390 = 3196, k0_541 = 4433, k0_765 = 6270, k0_899 = 7373,
                  k1_175 = 9633, k1_501 = 12299, k1_847 = 15137, k1_961 = 16069, k2_053 = 16819,
                  k2_562 = 20995, k3_072 = 25172;
constexpr int kCosineBits = 13;
constexpr int kExtraBits = 2;  // that the first pass keeps

// One pass of the transform of Loeffler, Ligtenberg and Moschytz (1989, "Practical fast 1-D DCT
// algorithms with 11 multiplications"), on eight columns at once.
template <int kShift>
NYALA_INLINE void transform(Eight (&v)[8]) {
  const Eight rotated = (v[2] + v[6]) * k0_541;
  const Eight even2 = rotated - v[6] * k1_847, even3 = rotated + v[2] * k0_765;
  const Eight sum = (v[0] + v[4]) << kCosineBits, difference = (v[0] - v[4]) << kCosineBits;
  const Eight even[4] = {sum + even3, difference + even2, difference - even2, sum - even3};

  const Eight z5 = (v[7] + v[3] + v[5] + v[1]) * k1_175;
  const Eight z1 = (v[7] + v[1]) * -k0_899, z2 = (v[5] + v[3]) * -k2_562;
  const Eight z3 = (v[7] + v[3]) * -k1_961 + z5, z4 = (v[5] + v[1]) * -k0_390 + z5;
  const Eight odd[4] = {v[1] * k1_501 + z1 + z4, v[3] * k3_072 + z2 + z3,
                        v[5] * k2_053 + z2 + z4, v[7] * k0_298 + z1 + z3};

  const int32_t half = 1 << (kShift - 1);
  for (int i = 0; i < 4; ++i) {
    v[i] = (even[i] + odd[i] + half) >> kShift;
    v[7 - i] = (even[i] - odd[i] + half) >> kShift;
  }
}

bool inverse_dct(const int16_t* block, const int32_t* quantizers, uint8_t* out,
                 int64_t row_bytes) {
  Eight v[8], large = {};
  for (int i = 0; i < 8; ++i) {
    Shorts coefficients;
    Eight quantizer;
    __builtin_memcpy(&coefficients, block + 8 * i, sizeof(coefficients));
    __builtin_memcpy(&quantizer, quantizers + 8 * i, sizeof(quantizer));
    v[i] = __builtin_convertvector(coefficients, Eight) * quantizer;
    large |= v[i] ^ v[i] >> 31;  // of a negative number the bits are turned
  }
  transform<kCosineBits - kExtraBits>(v);
  transpose(v);
  transform<kCosineBits + kExtraBits + 3>(v);
  transpose(v);
  for (int i = 0; i < 8; ++i) {
    Eight value = v[i] + 128;
    value = value < 0 ? Eight{} : value;
    value = value > 255 ? Eight{} + 255 : value;
    const Bytes bytes = __builtin_convertvector(value, Bytes);
    __builtin_memcpy(out + i * row_bytes, &bytes, sizeof(bytes));
  }
  int32_t any = 0;
  for (int i = 0; i < 8; ++i) any |= large[i];
  return any < kMostJpegCoefficient;
}

// -- chroma of half the size, and colors ----------------------------------------------------------

// Each sample makes two, a quarter of a sample to its left and right: three parts of it and one of
// the neighbor there.
NYALA_INLINE void widen_row(const uint8_t* __restrict from, int64_t count, uint8_t* __restrict to) {
  const int64_t end = in_jpeg_pieces(count);
  for (int64_t i = 0; i < end; ++i) {
    const int mine = from[i] * 3;
    to[2 * i] = (mine + from[i - 1] + 1) >> 2;
    to[2 * i + 1] = (mine + from[i + 1] + 2) >> 2;
  }
  to[0] = from[0];
  to[2 * count - 1] = from[count - 1];
}

// The same for rows as well: three parts of the near row, one of the far one.
NYALA_INLINE void widen_rows(const uint8_t* __restrict near, const uint8_t* __restrict far,
                             int64_t count, int16_t* __restrict sums, uint8_t* __restrict to) {
  const int64_t end = in_jpeg_pieces(count);
  for (int64_t i = 0; i < end; ++i) sums[i] = near[i] * 3 + far[i];
  for (int64_t i = 0; i < end; ++i) {
    const int mine = sums[i] * 3;
    to[2 * i] = (mine + sums[i - 1] + 8) >> 4;
    to[2 * i + 1] = (mine + sums[i + 1] + 7) >> 4;
  }
  to[0] = (sums[0] * 4 + 8) >> 4;
  to[2 * count - 1] = (sums[count - 1] * 4 + 7) >> 4;
}

NYALA_INLINE int32_t clamped(int32_t value) {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

// Factors of JFIF's colors times 2^16.
constexpr int32_t kRed = 91881, kGreenCb = 22554, kGreenCr = 46802, kBlue = 116130;

void color_row(const JpegRow& s) {
  const uint8_t* chroma[2] = {s.near[0], s.near[1]};
  for (int k = 0; k < 2; ++k) {
    if (s.half_width && s.half_height) {
      widen_rows(s.near[k], s.far[k], s.chroma_width, s.sums, s.chroma[k]);
      chroma[k] = s.chroma[k];
    } else if (s.half_width) {
      widen_row(s.near[k], s.chroma_width, s.chroma[k]);
      chroma[k] = s.chroma[k];
    }
  }
  const uint8_t* __restrict luma = s.luma;
  const uint8_t* __restrict cb = chroma[0];
  const uint8_t* __restrict cr = chroma[1];
  uint32_t* __restrict out = s.out;
  const int64_t end = in_jpeg_pieces(s.width);
  for (int64_t x = 0; x < end; ++x) {
    const int32_t y = luma[x], b = cb[x] - 128, r = cr[x] - 128;
    const int32_t red = clamped(y + ((kRed * r + 32768) >> 16));
    const int32_t green = clamped(y + ((-kGreenCb * b - kGreenCr * r + 32768) >> 16));
    const int32_t blue = clamped(y + ((kBlue * b + 32768) >> 16));
    out[x] = static_cast<uint32_t>(red | green << 8 | blue << 16) | 0xff000000u;
  }
}

void grey_row(const uint8_t* luma, int64_t width, uint32_t* out) {
  for (int64_t x = 0; x < width; ++x) out[x] = luma[x] * 0x010101u | 0xff000000u;
}

}  // namespace

extern const ImageTable table_image = {resize_row, inverse_dct, color_row, grey_row};

}  // namespace NYALA_ISA
}  // namespace nyala
