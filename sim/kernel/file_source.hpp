// The bytes of the file that is sent: a real file of the host, or bytes made from a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cryptopath/scenario.hpp"

namespace cryptopath::sim {

class FileSource {
 public:
  /// Opens the file. Throws InputError when it cannot.
  FileSource(const FileToSend& file, std::uint64_t seed);
  ~FileSource();
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  /// Reads exactly [offset, offset + into.size()). May be called from several threads. Throws InputError when the file
  /// has become shorter, or cannot be read.
  void read(std::uint64_t offset, std::span<std::byte> into) const;

 private:
  FileToSend file_;
  std::uint64_t seed_;
  int descriptor_ = -1;
};

}  // namespace cryptopath::sim
