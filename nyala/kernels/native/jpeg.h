// Reading a JPEG file's headers and entropy-coded data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace nyala {

// A Huffman code of the file.
class HuffmanCode {
 public:
  static constexpr int kLookedUp = 12;  // bits

  // From the number of codes of each length (1 to 16) and their symbols; false if they are too many.
  bool define(const uint8_t* counts, const uint8_t* symbols, int symbol_count);
  // Forgets the definition, but not the tables: most files have the very same codes.
  void undefine() { defined_ = false; }

  // What the next bits begin with: length of the code << 8 | symbol; 0 if it is longer.
  uint16_t symbol_at(uint32_t bits) const { return symbols_[bits]; }
  // The same with the number that follows the code: number << 16 | zeros before it << 8 | all bits
  // (kEnd zeros for the end of a block); 0 if these are more bits.
  int32_t number_at(uint32_t bits) const { return numbers_[bits]; }
  static constexpr int kEnd = 255;

  // A code that is longer: from the next 16 bits to length << 8 | symbol, 0 for none.
  uint16_t long_symbol(uint32_t bits) const;

  bool defined() const { return defined_; }

 private:
  bool build(const uint8_t* counts);
  void add_numbers();

  bool defined_ = false, built_ = false;
  uint8_t counts_[16];
  uint16_t symbols_[1 << kLookedUp];
  int32_t numbers_[1 << kLookedUp];
  int32_t after_last_[18];  // of each length, as 16 bits: beyond the codes of that length
  int32_t offset_[17];      // from a code to the place of its symbol
  uint8_t values_[256];
};

// The bits of a scan. Behind its end there are zeros; `overran` tells whether they were used.
class BitReader {
 public:
  BitReader(const uint8_t* data, const uint8_t* end) : next_(data), end_(end) {}

  // Makes sure of at least 32 bits.
  void refill() {
    if (count_ >= 32) return;
    if (end_ - next_ >= 8) {
      uint64_t eight;
      std::memcpy(&eight, next_, sizeof(eight));
      eight = __builtin_bswap64(eight);
      const bool marked = ((~eight - 0x0101010101010101) & eight & 0x8080808080808080) != 0;
      if (!marked) {  // no byte is 255
        const int bytes = (64 - count_) / 8;
        bits_ |= eight >> count_;
        // What does not fill a byte comes again the next time, with the same bits.
        count_ += 8 * bytes;
        next_ += bytes;
        return;
      }
    }
    refill_bytewise();
  }
  uint32_t peek(int count) const { return static_cast<uint32_t>(bits_ >> (64 - count)); }
  void drop(int count) {
    bits_ <<= count;
    count_ -= count;
  }
  bool overran() const { return count_ < padding_; }

  // Whether the marker that ends an image comes next.
  bool at_end() const {
    const uint8_t* at = next_;
    while (end_ - at >= 2 && at - next_ < 8 && (at[0] != 0xff || at[1] == 0)) ++at;
    return end_ - at >= 2 && at[0] == 0xff && at[1] == 0xd9;
  }

  // Goes on behind the restart marker that comes next; false if there is none.
  bool restart(int number) {
    if (overran()) return false;
    if (end_ - next_ < 2 || next_[0] != 0xff || next_[1] != 0xd0 + number) return false;
    next_ += 2;
    bits_ = 0;
    count_ = padding_ = 0;
    return true;
  }

 private:
  void refill_bytewise() {
    // Bits beyond the count may be there already, the same ones.
    bits_ &= count_ ? ~uint64_t{0} << (64 - count_) : 0;
    while (count_ <= 56) {
      uint64_t byte = 0;
      if (next_ < end_ && (*next_ != 0xff || (next_ + 1 < end_ && next_[1] == 0))) {
        byte = *next_;
        next_ += byte == 0xff ? 2 : 1;
      } else {
        padding_ += 8;
      }
      bits_ |= byte << (56 - count_);
      count_ += 8;
    }
  }

  const uint8_t* next_;
  const uint8_t* end_;
  uint64_t bits_ = 0;
  int count_ = 0;
  int padding_ = 0;
};

struct JpegComponent {
  int id, across, down, quantizers;  // `across` and `down`: samples for one of the smallest part
  int dc_code = 0, ac_code = 0;
};

// A file of one scan with Huffman codes and samples of 8 bits, grey or YCbCr, chroma of full size,
// half the width, or half the width and height: what cameras and most programs write.
class JpegFile {
 public:
  // Reads up to the scan, or to the shape; false if the file is of another kind or contradicts
  // itself.
  bool read_headers(const uint8_t* data, size_t size, bool only_shape = false);

  // Forgets a file, so that the next one can be read.
  void reset();

  int64_t width = 0, height = 0;
  int component_count = 0;
  JpegComponent components[3];
  int32_t quantizers[4][64];  // in reading order
  HuffmanCode dc_codes[4], ac_codes[4];
  int restart_interval = 0;
  const uint8_t* scan = nullptr;
  const uint8_t* end = nullptr;

 private:
  bool read_frame(const uint8_t* body, size_t size);
  bool read_quantizers(const uint8_t* body, size_t size);
  bool read_codes(const uint8_t* body, size_t size);
  bool read_scan(const uint8_t* body, size_t size);
  bool has_known_colors() const;

  bool quantizers_defined_[4] = {};
  bool jfif_ = false;
  int adobe_transform_ = -1;
};

}  // namespace nyala
