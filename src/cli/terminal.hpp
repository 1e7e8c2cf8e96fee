// Standard output and standard error.
#pragma once

#include <cstddef>
#include <string_view>

namespace cryptopath {

/// Writes all of `text` to the file descriptor (STDOUT_FILENO, STDERR_FILENO). Throws InputError where that fails (a
/// full disk behind standard output); into a pipe that nobody reads any more the program ends by SIGPIPE, as usual.
void write_to(int descriptor, std::string_view text);

bool is_terminal(int descriptor);
/// A terminal that understands colour, and a user who has not set NO_COLOR.
bool wants_colour(int descriptor);
/// Columns of the terminal, 80 where it does not say.
std::size_t terminal_width(int descriptor);

}  // namespace cryptopath
