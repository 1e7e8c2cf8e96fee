#include "model_reader.hpp"

#include <fmt/format.h>

namespace cryptopath {

template <class Unit>
Unit parse_quantity(const Node& node, Unit least, Unit most) {
  const Unit quantity = [&node] {
    try {
      return parse<Unit>(node.text());
    } catch (const UnitError& error) {
      throw InputError(
          fmt::format("{}: {}: {}", node.document().place(node.pointer()), to_string(node.pointer()), error.what()));
    }
  }();
  if (quantity < least) node.reject(fmt::format("at least {}", to_string(least)));
  if (quantity > most) node.reject(fmt::format("at most {}", to_string(most)));
  return quantity;
}
template Bytes parse_quantity(const Node&, Bytes, Bytes);
template Nanoseconds parse_quantity(const Node&, Nanoseconds, Nanoseconds);

Node ModelReader::number(const std::string& key) const {
  const Node number = object_.at(key);
  const Node value = number.at("value");
  for (const Node& member : number.children()) {
    if (member.key() == "value") continue;
    const std::string text = value.value().is_string() ? value.text() : value.value().dump();
    numbers_->push_back({object_.document().name(), to_string(number.pointer()), text, member.key(), member.text()});
  }
  return value;
}

// The bounds keep every time that a simulation computes within 64 bits: 1 MiB at the slowest rate, or at the highest
// cost, takes less than 2^62 ns.
Bytes ModelReader::size(const std::string& key, Bytes least, Bytes most) const {
  return parse_quantity(number(key), least, most);
}
Nanoseconds ModelReader::time(const std::string& key) const {
  return parse_quantity(number(key), Nanoseconds(0), limits::simulated_time);
}
BitsPerSecond ModelReader::rate(const std::string& key) const {
  return parse_quantity(number(key), BitsPerSecond(1'000), BitsPerSecond(1'000'000'000'000'000));
}
Hertz ModelReader::frequency(const std::string& key) const {
  return parse_quantity(number(key), Hertz(1'000'000), Hertz(1'000'000'000'000));
}
Cycles ModelReader::cycles(const std::string& key) const {
  return parse_quantity(number(key), Cycles(0), Cycles(1'000'000'000));
}
NanosecondsPerByte ModelReader::cost_per_byte(const std::string& key) const {
  return parse_quantity(number(key), NanosecondsPerByte{0}, NanosecondsPerByte{1e6});
}
CyclesPerByte ModelReader::cycles_per_byte(const std::string& key) const {
  return parse_quantity(number(key), CyclesPerByte{0}, CyclesPerByte{1e6});
}
std::int64_t ModelReader::count(const std::string& key) const { return number(key).value().get<std::int64_t>(); }
bool ModelReader::flag(const std::string& key) const { return number(key).value().get<bool>(); }

}  // namespace cryptopath
