// A process of its own for each piece of a test that needs a clock: SimGrid's engine exists once a process.
//
// The child only computes; assertions are the parent's. What the child throws comes out of in_child() again, and a
// child that crashes, leaks (under AddressSanitizer) or does not end within ten minutes is a std::runtime_error.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

namespace cryptopath::test {

/// What most children hand back.
using Numbers = std::vector<std::int64_t>;

/// Runs `body` in a child and returns what it returned. InputError and Fault keep their types.
std::string text_from_child(const std::function<std::string()>& body);

std::string to_text(const Numbers& numbers);
Numbers to_numbers(const std::string& text);

/// The same for a body that returns text or numbers.
template <class Body>
auto in_child(Body body) {
  if constexpr (std::is_convertible_v<std::invoke_result_t<Body>, std::string>) {
    return text_from_child(body);
  } else {
    return to_numbers(text_from_child([&body] { return to_text(body()); }));
  }
}

}  // namespace cryptopath::test
