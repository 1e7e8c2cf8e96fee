// What SSH calls the formats.
#pragma once

#include <string>

#include "cryptopath/record_format.hpp"

namespace cryptopath::ssh_2 {

/// What SSH calls a format's cipher and MAC. An AEAD has no MAC of its own: `mac` is empty.
struct AlgorithmNames {
  std::string cipher;
  std::string mac;
};

AlgorithmNames algorithm_names(const RecordFormat& format);

}  // namespace cryptopath::ssh_2
