// The machine as text.
#pragma once

#include <string>

#include "cryptopath/machine.hpp"

namespace cryptopath {

/// The graph as the tree of shortest paths from memory, a vertex a line.
std::string machine_tree(const Machine& machine);

/// The routes that data takes by DMA, with the most that each can carry: disk to memory, memory to and from each
/// accelerator, accelerator to NIC without memory, memory to NIC and NIC to wire.
std::string data_routes(const Machine& machine);

}  // namespace cryptopath
