// Protocols and suites as tables: a suite is a row.
#pragma once

#include <cstddef>
#include <string_view>

#include "cryptopath/record.hpp"

namespace cryptopath {

struct ProtocolFormat {
  Protocol protocol;
  std::string_view name;
  Bytes header;
  Bytes largest_plaintext;  // of one record
};

struct SuiteFormat {
  Suite suite;
  Protocol protocol;  // the one that has it
  std::string_view name;
  Bytes explicit_iv;
  Bytes mac;
  Bytes block;  // plaintext, MAC and padding together fill whole blocks; 0 where nothing is padded
  Bytes tag;
  // Secrets, as TrafficKeys holds them.
  Bytes cipher_key;
  Bytes mac_key;
  Bytes implicit_iv;
};

const ProtocolFormat& format_of(Protocol protocol);
const SuiteFormat& format_of(Suite suite);

}  // namespace cryptopath
