// From a machine's file and the cards that a scenario plugs into it to a Machine.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cryptopath/scenario.hpp"
#include "document.hpp"

namespace cryptopath {

struct LoadedMachine {
  std::shared_ptr<const Machine> machine;
  Hertz clock;                                                  // of its processor
  std::map<std::string, SoftwareCipherModel> software_ciphers;  // on its processor
  SoftwarePublicKeys software_public_keys;                      // likewise
  std::set<std::string> hardware_transforms;                    // that some card of it has an engine for
  std::set<std::string> nic_transforms;                         // that the NIC at the wire has an engine for
  Bytes memory;
};

/// Opens the machine that `reference` names, puts `cards` (an object: slot to card) into its slots, and checks that
/// data can travel between memory and each device. A NIC card takes the wire from the built-in NIC. Of a board, the
/// bridge takes the slot's place; behind it are the board's segment, BOARD.pci, and its chips, BOARD.CHIP. Adds what it
/// reads to `numbers`. Throws InputError.
LoadedMachine load_machine(const Node& reference, const Node& cards, std::vector<SourcedNumber>& numbers);

}  // namespace cryptopath
