// What every run is checked for when it has ended. The figures come from different places of the world; here they must
// agree.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cryptopath/wire_verifier.hpp"
#include "engine/bus.hpp"
#include "engine/station.hpp"

namespace cryptopath::sim {

struct RunFigures {
  Nanoseconds elapsed;
  std::vector<StationFigures> stations;
  std::vector<BusFigures> buses;
  Nanoseconds processor_classes;  // their sum
};

struct TransferFigures {
  Bytes file;
  Bytes accepted;  // of the file, by the socket
  Bytes sent;      // of the stream
  Bytes records;   // that were made, headers and all; the file, where it is sent in clear
  Bytes received;  // by the peer
};

/// What was checked and held, in words: "station vpn1201", "bus pci1", "sum of the processor's classes". Each check
/// adds itself, so that a check that is no longer made is missed by whoever reads the result.
using Checks = std::vector<std::string>;

/// Throws Fault unless the operational laws hold at every station, each bus carried what is accounted for and no more
/// than it can, and the processor's classes sum to the elapsed time. Returns the busy share of each bus and station, by
/// name: a result is made of nothing unchecked.
std::map<std::string, double> checked_shares(const RunFigures& run, Checks& checks);

/// Throws Fault unless every byte of the file went into the socket and to the peer.
void check(const TransferFigures& transfer, Checks& checks);

/// Returns `report`, and throws Fault unless the peer read what was sent and found the file's bytes in it.
const WireReport& checked(const WireReport& report, Bytes sent, Bytes file, Checks& checks);

}  // namespace cryptopath::sim
