// Why a protocol has no record of a suite.
#pragma once

#include <span>
#include <vector>

#include "cryptopath/record_format.hpp"

namespace cryptopath::test {

struct Absence {
  std::vector<Protocol> protocols;
  std::vector<Suite> suites;  // that none of them has
  const char* why;
};
std::span<const Absence> absences();

}  // namespace cryptopath::test
