// Peers in programs of their own, which print what they have opened of each format: the scripts in tests/record/peers
// and the test with OpenSSH's server.
#pragma once

#include <map>

#include "cell.hpp"

namespace cryptopath::test {

/// scapy's cells for ESP, and asyncssh's, paramiko's and sshd's for SSH, by the format's name.
std::map<std::string, Cell> program_cells();

}  // namespace cryptopath::test
