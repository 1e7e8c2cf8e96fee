// What scenarios and workloads have in common: a file with settings from the command line, a machine and its kernel.
#pragma once

#include <string>
#include <vector>

#include "cryptopath/scenario.hpp"
#include "document.hpp"
#include "machine_file.hpp"

namespace cryptopath {

/// Reads `file`, applies every --set, checks it against schemas/SCHEMA.schema.json and fills in the defaults.
Document read_with_settings(const std::filesystem::path& file, const std::string& schema, const Overrides& overrides);

/// What `root` says of the host: the kernel, payload, seed and limit that stand in it, on `machine`. Adds the kernel's
/// numbers to `numbers`.
HostSpec read_host(const Node& root, const LoadedMachine& machine, std::vector<SourcedNumber>& numbers);

}  // namespace cryptopath
