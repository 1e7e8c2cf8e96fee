// What scenarios and machines refer to: models and programs by name, or files of the user's own by path.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "document.hpp"

namespace cryptopath {

/// A kind of file in the data directory.
struct Shelf {
  std::string what;    // "machine", for messages
  std::string folder;  // "models/machines"
  std::string schema;  // "machine"
};

namespace shelves {
inline const Shelf machines{"machine", "models/machines", "machine"};
inline const Shelf accelerators{"accelerator", "models/accelerators", "accelerator"};
inline const Shelf boards{"board", "models/boards", "board"};
inline const Shelf nics{"NIC", "models/nics", "nic"};
inline const Shelf kernels{"kernel", "models/kernels", "kernel"};
inline const Shelf ciphers{"cipher model", "models/ciphers", "cipher"};
inline const Shelf programs{"path", "scenarios/programs", "program"};
}  // namespace shelves

struct Entry {
  std::string name;    // "vpn1201": the file's name without its extension
  const Shelf* shelf;  // that it came from or, for a user's own file, whose format it has
  Document document;   // as its schema wants it
};

/// The names of the files in `folder` that end in `extension`, without it, in order.
std::vector<std::string> names_in(const std::filesystem::path& folder, std::string_view extension);

/// Opens what the text of `reference` names: a file of one of `shelves`, or a path that ends in .json, relative to the
/// folder of the file that the reference stands in. Throws InputError, at the reference for an unknown name or a file
/// that cannot be read, and at the place of the mistake for what is wrong inside.
Entry open_entry(const Node& reference, const std::vector<const Shelf*>& shelves);

}  // namespace cryptopath
