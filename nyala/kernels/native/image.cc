#include "resize.h"

#include <new>

// Resizes one image of bytes. `place` is (source height, source width, bytes from row to row, bytes
// of a pixel), the rest as in nyala_jpeg_resize. Returns 0; another number if the arguments do not
// fit.
NYALA_HOST_FUNCTION int nyala_resize_image(const uint8_t* pixels, const int64_t* place,
                                           const int32_t* row_index, const float* row_weight,
                                           const int32_t* column_index, const float* column_weight,
                                           const int64_t* result, float* out) {
  using namespace nyala;
  const int64_t height = place[0], width = place[1], row_bytes = place[2], pixel_bytes = place[3];
  const bool known = pixel_bytes == 1 || pixel_bytes == 3 || pixel_bytes == 4;
  if (!known || row_bytes < width * pixel_bytes) return 1;
  try {
    Resize resize(row_index, row_weight, column_index, column_weight, result, pixel_bytes, out);
    if (!resize.fits(height, width)) return 1;
    resize.run(width, [=](int64_t row) { return pixels + row * row_bytes; });
  } catch (const std::bad_alloc&) {
    return 2;
  }
  return 0;
}
