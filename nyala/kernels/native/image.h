// Images on the host: resizing pixels, and the stages of a JPEG decoder that work on pixels.
//
// These functions are called from Python threads through ctypes, which lets go of Python's lock;
// each does its work on the calling thread.
#pragma once

#include <stdint.h>

#include "isa.h"

#define NYALA_HOST_FUNCTION extern "C" __attribute__((visibility("default")))

namespace nyala {

// What makes up each place of a resized axis: `taps` places of the source and their weights.
struct ImageAxis {
  const int32_t* index;
  const float* weight;
  int64_t count;
  int64_t taps;
};

// One row of a resized image: the sum of rows of the source, resized along `columns`.
struct ImageRow {
  const uint8_t* const* rows;
  const float* weights;
  int64_t row_count;
  int64_t pixel_bytes;  // 1, 3 or 4
  ImageAxis columns;
  int64_t first_column;  // of the source: those that are used
  int64_t last_column;
  int64_t channels;  // of the result, at most pixel_bytes
  float* line;       // room for a row of the source and four floats more
  float* out;
};

// Rows of samples are worked on in pieces of so many: no samples are left over for a slow loop.
constexpr int64_t kJpegPiece = 64;
inline int64_t in_jpeg_pieces(int64_t count) {
  return (count + kJpegPiece - 1) / kJpegPiece * kJpegPiece;
}

// A row of an image whose chroma may have half the width and half the height. The image's row lies
// between two of chroma then, a quarter of their distance away from the `near` one. All rows can be
// read, and those that are made written, from one piece before their begin to the end of a piece.
struct JpegRow {
  const uint8_t* luma;
  const uint8_t* near[2];
  const uint8_t* far[2];
  int64_t width;
  int64_t chroma_width;
  bool half_width;
  bool half_height;
  uint8_t* chroma[2];  // for twice `chroma_width` samples each
  int16_t* sums;       // for `chroma_width` numbers
  uint32_t* out;       // red, green, blue, 255
};

constexpr int32_t kMostJpegCoefficient = 1 << 12;

struct ImageTable {
  void (*resize_row)(const ImageRow&);
  // The inverse cosine transform of a block: 64 coefficients in reading order. False if one is so
  // large that no image has it, and decoders differ in what they make of it.
  bool (*inverse_dct)(const int16_t* block, const int32_t* quantizers, uint8_t* out,
                      int64_t row_bytes);
  void (*color_row)(const JpegRow&);
  void (*grey_row)(const uint8_t* luma, int64_t width, uint32_t* out);
};

NYALA_PER_ISA(ImageTable, image)

}  // namespace nyala
