// From a program's file to a Program that a process can run from its first step to its last.
#pragma once

#include "cryptopath/scenario.hpp"
#include "document.hpp"
#include "library.hpp"

namespace cryptopath {

/// Throws InputError for steps that are no calls, and for what check_program() refuses.
Program read_program(const Entry& entry);

/// Throws InputError, at the step or else at the program, for one that makes no sense: what is used is not open or not
/// closed again, data that is overwritten or written unprotected or protected twice, nothing sent.
void check_program(const Program& program, const Document& document);

/// Throws InputError for what this kernel refuses: a send buffer larger than its limit.
void check_program(const Program& program, const Document& document, const KernelModel& kernel);

/// Throws InputError for a key that the kernel would take and that is not the suite's: no record could be read.
void check_key_lengths(const Program& program, const Document& document, std::string_view suite);

}  // namespace cryptopath
