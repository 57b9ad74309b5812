// A decoder for the usual kind of JPEG file (ITU-T T.81, sequential, Huffman), with the very bits
// of libjpeg's accurate integer transform and smooth chroma. Of any other file, or a broken one, it
// says so, and the caller turns to a library that knows all kinds.
#include "jpeg.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

#include "resize.h"

namespace nyala {
namespace {

// Where the coefficients, which come by rising frequency, stand in a block. Those behind the last
// are for runs of zeros that lead too far.
constexpr uint8_t kReadingOrder[64 + 16] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33,
    40, 48, 41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36,
    29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63};

int word_at(const uint8_t* data) { return data[0] << 8 | data[1]; }

// A number of `count` bits, of which those that begin with 0 are negative.
int32_t signed_number(uint32_t bits, int count) {
  const int32_t value = static_cast<int32_t>(bits);
  return count && value < 1 << (count - 1) ? value - (1 << count) + 1 : value;
}

}  // namespace

// -- Huffman codes --------------------------------------------------------------------------------

bool HuffmanCode::define(const uint8_t* counts, const uint8_t* symbols, int symbol_count) {
  uint8_t values[256] = {};
  std::copy(symbols, symbols + symbol_count, values);
  const bool same = built_ && std::equal(counts, counts + 16, counts_) &&
                    std::equal(values, values + 256, values_);
  if (!same) {
    std::copy(counts, counts + 16, counts_);
    std::copy(values, values + 256, values_);
    built_ = build(counts);
  }
  return defined_ = built_;
}

bool HuffmanCode::build(const uint8_t* counts) {
  std::memset(symbols_, 0, sizeof(symbols_));
  int32_t code = 0, place = 0;
  for (int length = 1; length <= 16; ++length, code <<= 1) {
    offset_[length] = place - code;
    for (int i = 0; i < counts[length - 1]; ++i, ++code, ++place) {
      if (code + 1 >= 1 << length) return false;  // a code of ones alone is not allowed
      if (length > kLookedUp) continue;
      const int shift = kLookedUp - length;
      std::fill_n(symbols_ + (code << shift), 1 << shift, length << 8 | values_[place]);
    }
    after_last_[length] = code << (16 - length);
  }
  after_last_[17] = INT32_MAX;
  add_numbers();
  return true;
}

void HuffmanCode::add_numbers() {
  for (uint32_t bits = 0; bits < 1 << kLookedUp; ++bits) {
    numbers_[bits] = 0;
    const int length = symbols_[bits] >> 8, symbol = symbols_[bits] & 255;
    const int zeros = symbol >> 4, size = symbol & 15;
    if (length == 0 || length + size > kLookedUp) continue;
    if (size > 0) {
      const uint32_t number = bits >> (kLookedUp - length - size) & ((1u << size) - 1);
      const int32_t value = signed_number(number, size);
      numbers_[bits] = static_cast<int32_t>(static_cast<uint32_t>(value) << 16) | zeros << 8 |
                       (length + size);
    } else if (zeros != 15) {
      numbers_[bits] = kEnd << 8 | length;
    }
  }
}

uint16_t HuffmanCode::long_symbol(uint32_t bits) const {
  int length = 1;
  while (static_cast<int32_t>(bits) >= after_last_[length]) ++length;
  if (length > 16) return 0;
  const int32_t place = static_cast<int32_t>(bits >> (16 - length)) + offset_[length];
  return place < 0 || place > 255 ? 0 : static_cast<uint16_t>(length << 8 | values_[place]);
}

// -- headers --------------------------------------------------------------------------------------

void JpegFile::reset() {
  width = height = 0;
  component_count = restart_interval = 0;
  scan = end = nullptr;
  jfif_ = false;
  adobe_transform_ = -1;
  for (int i = 0; i < 4; ++i) {
    dc_codes[i].undefine();
    ac_codes[i].undefine();
    quantizers_defined_[i] = false;
  }
}

bool JpegFile::read_headers(const uint8_t* data, size_t size, bool only_shape) {
  end = data + size;
  if (size < 4 || word_at(data) != 0xffd8) return false;
  for (const uint8_t* at = data + 2; end - at >= 4;) {
    if (at[0] != 0xff) return false;
    const int marker = at[1];
    if (marker == 0xff) {  // fills up
      ++at;
      continue;
    }
    const int64_t length = word_at(at + 2);
    if (length < 2 || length > end - at - 2) return false;
    const uint8_t* body = at + 4;
    const size_t body_size = static_cast<size_t>(length - 2);
    bool good = true;
    if (marker == 0xc0 || marker == 0xc1) {
      good = read_frame(body, body_size);
      if (only_shape) return good;
    } else if (marker == 0xdb) {
      good = read_quantizers(body, body_size);
    } else if (marker == 0xc4) {
      good = only_shape || read_codes(body, body_size);
    } else if (marker == 0xdd) {
      good = body_size == 2;
      if (good) restart_interval = word_at(body);
    } else if (marker == 0xe0) {
      jfif_ = jfif_ || (body_size >= 5 && std::memcmp(body, "JFIF", 5) == 0);
    } else if (marker == 0xee) {
      if (body_size >= 12 && std::memcmp(body, "Adobe", 5) == 0) adobe_transform_ = body[11];
    } else if (marker == 0xda) {
      scan = body + body_size;
      return read_scan(body, body_size) && has_known_colors();
    } else {  // comments and other applications' data; nothing else
      good = marker == 0xfe || (marker > 0xe0 && marker <= 0xef);
    }
    if (!good) return false;
    at += 2 + length;
  }
  return false;
}

bool JpegFile::read_frame(const uint8_t* body, size_t size) {
  if (component_count != 0 || size < 6 || body[0] != 8) return false;
  height = word_at(body + 1);
  width = word_at(body + 3);
  component_count = body[5];
  if (height == 0 || width == 0 || (component_count != 1 && component_count != 3) ||
      size != 6 + 3 * static_cast<size_t>(component_count)) {
    return false;
  }
  for (int i = 0; i < component_count; ++i) {
    const uint8_t* entry = body + 6 + 3 * i;
    components[i] = {entry[0], entry[1] >> 4, entry[1] & 15, entry[2]};
    if (entry[2] > 3) return false;
  }
  JpegComponent& first = components[0];
  if (component_count == 1) {
    first.across = first.down = 1;  // of one component the sampling means nothing
    return true;
  }
  for (int i = 1; i < 3; ++i) {
    if (components[i].across != 1 || components[i].down != 1) return false;
  }
  const bool full = first.across == 1 && first.down == 1;
  const bool halved = first.across == 2 && (first.down == 1 || first.down == 2);
  return full || (halved && width > 4);  // narrower chroma is not smoothed
}

bool JpegFile::read_quantizers(const uint8_t* body, size_t size) {
  for (size_t at = 0; at < size; at += 65) {
    if (size - at < 65 || body[at] > 3) return false;  // one byte each, four tables
    for (int i = 0; i < 64; ++i) quantizers[body[at]][kReadingOrder[i]] = body[at + 1 + i];
    quantizers_defined_[body[at]] = true;
  }
  return true;
}

bool JpegFile::read_codes(const uint8_t* body, size_t size) {
  for (size_t at = 0; at < size;) {
    if (size - at < 17 || (body[at] & 0xef) > 3) return false;
    int count = 0;
    for (int i = 0; i < 16; ++i) count += body[at + 1 + i];
    if (count > 256 || size - at < 17 + static_cast<size_t>(count)) return false;
    const uint8_t* symbols = body + at + 17;
    const bool for_dc = body[at] >> 4 == 0;
    if (for_dc && std::any_of(symbols, symbols + count, [](int size) { return size > 15; })) {
      return false;
    }
    HuffmanCode& code = (for_dc ? dc_codes : ac_codes)[body[at] & 3];
    if (!code.define(body + at + 1, symbols, count)) return false;
    at += 17 + count;
  }
  return true;
}

bool JpegFile::read_scan(const uint8_t* body, size_t size) {
  if (component_count == 0 || size != 4 + 2 * static_cast<size_t>(component_count) ||
      body[0] != component_count) {
    return false;
  }
  for (int i = 0; i < component_count; ++i) {
    JpegComponent& component = components[i];
    component.dc_code = body[2 + 2 * i] >> 4;
    component.ac_code = body[2 + 2 * i] & 15;
    if (body[1 + 2 * i] != component.id || component.dc_code > 3 || component.ac_code > 3 ||
        !dc_codes[component.dc_code].defined() || !ac_codes[component.ac_code].defined() ||
        !quantizers_defined_[component.quantizers]) {
      return false;
    }
  }
  const uint8_t* part = body + 1 + 2 * component_count;
  return part[0] == 0 && part[1] == 63 && part[2] == 0;
}

bool JpegFile::has_known_colors() const {
  if (component_count == 1) return true;
  if (jfif_) return true;
  if (adobe_transform_ >= 0) return adobe_transform_ == 1;
  return components[0].id == 1 && components[1].id == 2 && components[2].id == 3;
}

// -- the scan -------------------------------------------------------------------------------------

namespace {

struct Plane {
  uint8_t* samples;
  int64_t row_bytes;
  int64_t width;  // of the samples that count; the others fill up blocks
  int64_t height;

  const uint8_t* row(int64_t number) const {
    return samples + std::clamp<int64_t>(number, 0, height - 1) * row_bytes;
  }
};

// Memory of a thread that serves one image after another: fresh pages cost as much time as a
// quarter of the decoding.
class Workspace {
 public:
  ~Workspace() {
    if (kept().size() > kMostKept) std::vector<uint8_t>().swap(kept());
  }
  uint8_t* bytes(size_t count) {
    if (kept().size() < count) kept().resize(count);
    return kept().data();
  }

 private:
  static constexpr size_t kMostKept = 16 << 20;
  static std::vector<uint8_t>& kept() {
    thread_local std::vector<uint8_t> bytes;
    return bytes;
  }
};

int64_t parts(int64_t length, int64_t part) { return (length + part - 1) / part; }

class Scan {
 public:
  explicit Scan(const JpegFile& file) : file_(file), bits_(file.scan, file.end) {
    const JpegComponent& first = file.components[0];
    across_ = parts(file.width, 8 * first.across);
    down_ = parts(file.height, 8 * first.down);
    int64_t total = 0, begins[3] = {};
    for (int i = 0; i < file.component_count; ++i) {
      const JpegComponent& component = file.components[i];
      Plane& plane = planes[i];
      plane.row_bytes = across_ * component.across * 8;
      plane.width = parts(file.width * component.across, first.across);
      plane.height = parts(file.height * component.down, first.down);
      begins[i] = total;
      total += plane.row_bytes * down_ * component.down * 8;
    }
    uint8_t* memory = workspace_.bytes(total + 2 * kJpegPiece) + kJpegPiece;
    for (int i = 0; i < file.component_count; ++i) planes[i].samples = memory + begins[i];
  }

  // Decodes all blocks; false if the data is not that of a whole, consistent scan.
  bool decode() {
    int64_t until_restart = file_.restart_interval;
    int restarts = 0;
    for (int64_t row = 0; row < down_; ++row) {
      for (int64_t column = 0; column < across_; ++column) {
        if (file_.restart_interval && until_restart-- == 0) {
          if (!bits_.restart(restarts++ & 7)) return false;
          until_restart = file_.restart_interval - 1;
          dc_[0] = dc_[1] = dc_[2] = 0;
        }
        if (!decode_unit(row, column)) return false;
      }
      if (bits_.overran()) return false;
    }
    return bits_.at_end();
  }

  Plane planes[3] = {};

 private:
  // The blocks of all components that belong together.
  bool decode_unit(int64_t row, int64_t column) {
    for (int i = 0; i < file_.component_count; ++i) {
      const JpegComponent& component = file_.components[i];
      Plane& plane = planes[i];
      for (int y = 0; y < component.down; ++y) {
        for (int x = 0; x < component.across; ++x) {
          const int64_t top = (row * component.down + y) * 8;
          const int64_t left = (column * component.across + x) * 8;
          uint8_t* to = plane.samples + top * plane.row_bytes + left;
          if (!decode_block(component, i, to, plane.row_bytes)) return false;
        }
      }
    }
    return true;
  }

  bool decode_block(const JpegComponent& component, int number, uint8_t* to, int64_t row_bytes) {
    alignas(32) int16_t block[64] = {};
    if (!read_dc(file_.dc_codes[component.dc_code], number)) return false;
    block[0] = static_cast<int16_t>(dc_[number]);
    bool flat = true;
    if (!read_ac(file_.ac_codes[component.ac_code], block, &flat)) return false;
    const int32_t* quantizers = file_.quantizers[component.quantizers];
    if (!flat) return image().inverse_dct(block, quantizers, to, row_bytes);
    const int32_t mean = block[0] * quantizers[0];
    fill(to, row_bytes, mean);
    return std::abs(mean) < kMostJpegCoefficient;
  }

  // What the transform makes of a block with nothing but its mean.
  static void fill(uint8_t* to, int64_t row_bytes, int32_t mean) {
    const int value = std::clamp(((mean * 4 + 16) >> 5) + 128, 0, 255);
    for (int y = 0; y < 8; ++y) std::memset(to + y * row_bytes, value, 8);
  }

  bool read_dc(const HuffmanCode& code, int number) {
    bits_.refill();
    uint16_t found = code.symbol_at(bits_.peek(HuffmanCode::kLookedUp));
    if (found == 0) found = code.long_symbol(bits_.peek(16));
    const int size = found & 255;
    if (found == 0 || size > 11) return false;
    bits_.drop(found >> 8);
    if (size > 0) {
      dc_[number] += signed_number(bits_.peek(size), size);
      bits_.drop(size);
    }
    return dc_[number] >= INT16_MIN && dc_[number] <= INT16_MAX;
  }

  bool read_ac(const HuffmanCode& code, int16_t* block, bool* flat) {
    BitReader bits = bits_;  // in registers
    int k = 1;
    for (; k < 64; ++k) {
      bits.refill();
      const int32_t quick = code.number_at(bits.peek(HuffmanCode::kLookedUp));
      if (quick != 0) {
        bits.drop(quick & 255);
        k += quick >> 8 & 255;
        if (k >= HuffmanCode::kEnd) break;
        block[kReadingOrder[k]] = static_cast<int16_t>(quick >> 16);
        continue;
      }
      uint16_t found = code.symbol_at(bits.peek(HuffmanCode::kLookedUp));
      if (found == 0) found = code.long_symbol(bits.peek(16));
      if (found == 0) return false;
      bits.drop(found >> 8);
      const int zeros = found >> 4 & 15, size = found & 15;
      if (size == 0 && zeros != 15) break;
      k += zeros;
      if (size == 0) continue;
      block[kReadingOrder[k]] = static_cast<int16_t>(signed_number(bits.peek(size), size));
      bits.drop(size);
    }
    bits_ = bits;
    *flat = k == 1 || k == 1 + HuffmanCode::kEnd;
    return true;
  }

  const JpegFile& file_;
  Workspace workspace_;
  BitReader bits_;
  int64_t across_, down_;  // units
  int32_t dc_[3] = {};
};

// The rows of an image, put together from its planes when they are asked for, `count` at a time.
class Rows {
 public:
  Rows(const JpegFile& file, const Plane* planes, int64_t count)
      : file_(file), planes_(planes), count_(count), row_pixels_(in_jpeg_pieces(file.width)),
        numbers_(count, -1), pixels_(count * row_pixels_) {
    const int64_t chroma_width = planes[1].width;
    const int64_t room = in_jpeg_pieces(chroma_width);
    row_.width = file.width;
    row_.chroma_width = chroma_width;
    row_.half_width = file.components[0].across == 2;
    row_.half_height = file.components[0].down == 2;
    chroma_.resize(4 * room + kJpegPiece);
    sums_.resize(room + 2 * kJpegPiece);
    row_.chroma[0] = chroma_.data();
    row_.chroma[1] = chroma_.data() + 2 * room;
    row_.sums = sums_.data() + kJpegPiece;
  }

  const uint8_t* operator()(int64_t number) {
    const int64_t slot = number % count_;
    uint32_t* to = pixels_.data() + slot * row_pixels_;
    if (numbers_[slot] != number) {
      make(number, to);
      numbers_[slot] = number;
    }
    return reinterpret_cast<const uint8_t*>(to);
  }

 private:
  void make(int64_t y, uint32_t* to) {
    const uint8_t* luma = planes_[0].row(y);
    if (file_.component_count == 1) return image().grey_row(luma, file_.width, to);
    const int64_t near = row_.half_height ? y / 2 : y;
    const int64_t far = y % 2 ? near + 1 : near - 1;
    row_.luma = luma;
    for (int k = 0; k < 2; ++k) {
      row_.near[k] = planes_[1 + k].row(near);
      row_.far[k] = planes_[1 + k].row(far);
    }
    row_.out = to;
    image().color_row(row_);
  }

  const JpegFile& file_;
  const Plane* planes_;
  int64_t count_, row_pixels_;
  std::vector<int64_t> numbers_;  // of the rows in `pixels_`
  std::vector<uint32_t> pixels_;
  std::vector<uint8_t> chroma_;
  std::vector<int16_t> sums_;
  JpegRow row_ = {};
};

// Large: not for a thread's stack.
JpegFile& file_of_thread() {
  thread_local std::vector<JpegFile> file(1);
  file[0].reset();
  return file[0];
}

}  // namespace
}  // namespace nyala

// Reads height, width and number of components from a file's headers. Returns 0, or another number
// if `nyala_jpeg_resize` does not know this kind of file.
NYALA_HOST_FUNCTION int nyala_jpeg_shape(const uint8_t* data, size_t size, int64_t* shape) {
  try {
    nyala::JpegFile& file = nyala::file_of_thread();
    if (!file.read_headers(data, size, true)) return 1;
    shape[0] = file.height;
    shape[1] = file.width;
    shape[2] = file.component_count;
  } catch (const std::bad_alloc&) {
    return 2;
  }
  return 0;
}

// Decodes a file whose shape is `height` x `width` and resizes it. `result` is (rows, taps of a
// row, columns, taps of a column, channels, floats from row to row of `out`). Returns 0, or another
// number, `out` being undefined, if the file is of another kind or shape, or broken.
NYALA_HOST_FUNCTION int nyala_jpeg_resize(const uint8_t* data, size_t size, int64_t height,
                                          int64_t width, const int32_t* row_index,
                                          const float* row_weight, const int32_t* column_index,
                                          const float* column_weight, const int64_t* result,
                                          float* out) {
  using namespace nyala;
  try {
    JpegFile& file = file_of_thread();
    Resize resize(row_index, row_weight, column_index, column_weight, result, 4, out);
    if (!file.read_headers(data, size) || file.height != height || file.width != width ||
        !resize.fits(height, width)) {
      return 1;
    }
    Scan scan(file);
    if (!scan.decode()) return 1;
    resize.run(width, Rows(file, scan.planes, resize.span()));
  } catch (const std::bad_alloc&) {
    return 2;
  }
  return 0;
}
