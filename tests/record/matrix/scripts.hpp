// The peers in Python: what the scripts in tests/record/peers print of each format.
#pragma once

#include <map>

#include "cell.hpp"

namespace cryptopath::test {

/// scapy's cells for ESP, and asyncssh's and paramiko's for SSH, by the format's name.
std::map<std::string, Cell> script_cells();

}  // namespace cryptopath::test
