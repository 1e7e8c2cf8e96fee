// Public-key operations of the example host: in the kernel, or as CIOCKEY of its process.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "example_host.hpp"
#include "in_child.hpp"

namespace cryptopath::test {

inline constexpr KeyAlgorithm mod_exp = KeyAlgorithm::modular_exponentiation;
inline constexpr KeyAlgorithm mod_exp_crt = KeyAlgorithm::modular_exponentiation_crt;

/// Of an exponentiation with such numbers.
sim::KeyRequest request_of(ExampleHost& host, const Numbers& inputs, std::int64_t result);
/// A base as long as the modulus, to an exponent.
sim::KeyRequest request_of(ExampleHost& host, std::int64_t modulus, std::int64_t exponent);

/// CIOCKEY, of numbers that lie one behind the other.
sim::Task<> ask_for(ExampleHost& host, KeyAlgorithm algorithm, const Numbers& inputs, const Numbers& outputs);

/// Dispatches all at once, in the kernel, and notes when each is done.
sim::Task<> dispatch_keys(ExampleHost& host, std::vector<sim::KeyRequest>& requests, Numbers& ends);

void check_laws(ExampleHost& host);

/// When each of so many exponentiations of 1024 and `exponents` bits is done, and the interrupts.
Numbers ends_of(const HostModels& models, const Numbers& exponents);

/// The counts of one CIOCKEY, of an exponentiation of so many bits throughout.
Counts counts_of(const HostModels& models, std::int64_t bits);

/// "0", or the errno of a CIOCKEY and what is said about it.
std::string answer_to(const HostModels& models, KeyAlgorithm algorithm, const Numbers& inputs, const Numbers& outputs);

inline auto starts_with(int error) { return Catch::StartsWith(std::to_string(error) + " "); }

/// The time of an operation in a unit of the card.
std::int64_t service_of(const HostModels& models, std::int64_t modulus, std::int64_t exponent, std::int64_t times = 1);

}  // namespace cryptopath::test
