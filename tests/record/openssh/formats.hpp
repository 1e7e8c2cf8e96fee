// The formats that OpenSSH still has, and what it says of a packet that was changed.
#pragma once

#include <fmt/format.h>

#include "../ssh_packets.hpp"
#include "record/handshakes/ssh_algorithm_names.hpp"

namespace cryptopath::test {

inline bool is_without_cipher_or_rc4(const RecordFormat& format) {
  const std::string_view suite = name_of(format.suite);
  return suite.starts_with("null") || suite.starts_with("rc4");
}

/// All but those.
inline std::vector<RecordFormat> openssh_formats() {
  std::vector<RecordFormat> formats = ssh_formats();
  std::erase_if(formats, is_without_cipher_or_rc4);
  return formats;
}

inline std::string described(const RecordFormat& format) {
  const ssh_2::AlgorithmNames names = ssh_2::algorithm_names(format);
  return fmt::format("{} ({}{}{})", name_of(format), names.cipher, names.mac.empty() ? "" : ", ", names.mac);
}

/// The first where MAC and cipher are apart, the second under encrypt-then-MAC and with AEADs.
inline bool mentions_tampering(const std::string& log) {
  return log.find("Corrupted MAC on input") != std::string::npos ||
         log.find("message authentication code incorrect") != std::string::npos;
}

}  // namespace cryptopath::test
