// What the command line changes in a scenario.
#pragma once

#include "cryptopath/scenario.hpp"
#include "document.hpp"

namespace cryptopath {

/// Applies every --set. Throws InputError for what is no pointer, or one whose parent does not exist.
void apply_settings(Document& scenario, const Overrides& overrides);

/// Each --set as it was given.
std::vector<std::string> texts_of(const Overrides& overrides);

/// Puts the path of --file, if there is one, in the place of the path and size that `scenario`, which its schema has
/// checked, names itself.
void apply_file(Document& scenario, const Overrides& overrides);

}  // namespace cryptopath
