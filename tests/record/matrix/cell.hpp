// What one peer makes of one format: a cell of the matrix.
#pragma once

#include <string>

#include "../sealed_stream.hpp"

namespace cryptopath::test {

struct Cell {
  std::string text;  // "yes", or who has; empty where it cannot be
  std::string note;  // why it cannot be, or with what reserve it is

  bool proven() const { return !text.empty(); }
  bool operator==(const Cell&) const = default;
};

inline bool is_tls(const RecordFormat& format) {
  return format.protocol >= Protocol::tls_1_0 && format.protocol <= Protocol::dtls_1_2;
}
inline bool is_esp(const RecordFormat& format) {
  return format.protocol == Protocol::esp_transport || format.protocol == Protocol::esp_tunnel;
}
inline bool is_ssh(const RecordFormat& format) { return format.protocol == Protocol::ssh_2; }

}  // namespace cryptopath::test
