#include "program_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model_reader.hpp"
#include "names.hpp"

namespace cryptopath {

namespace {

using Kind = Step::Kind;

/// How a kind of step is written: {"call": "open", "path": "file"}.
struct Form {
  const char* verb;       // "call", "library" or "repeat"
  const char* name;       // "open"
  const char* parameter;  // "path", or empty where the name says it all
  const char* argument;   // "file"
  Kind kind;
};

constexpr std::array forms = {
    Form{"call", "open", "path", "file", Kind::open_file},
    Form{"call", "open", "path", "/dev/crypto", Kind::open_crypto},
    Form{"call", "ioctl", "request", "CIOCGSESSION", Kind::create_session},
    Form{"call", "ioctl", "request", "CIOCFSESSION", Kind::free_session},
    Form{"call", "ioctl", "request", "CIOCCRYPT", Kind::crypt},
    Form{"call", "setsockopt", "option", "SO_CRYPT", Kind::set_so_crypt},
    Form{"call", "setsockopt", "option", "SO_CRYPT_NIC", Kind::set_so_crypt_nic},
    Form{"call", "setsockopt", "option", "SO_SNDBUF", Kind::set_send_buffer},
    Form{"call", "read", "", "", Kind::read},
    Form{"call", "write", "", "", Kind::write},
    Form{"call", "sendfile", "", "", Kind::sendfile},
    Form{"call", "close", "path", "file", Kind::close_file},
    Form{"call", "close", "path", "/dev/crypto", Kind::close_crypto},
    Form{"call", "close", "path", "socket", Kind::close_socket},
    Form{"library", "frame", "", "", Kind::frame},
    Form{"library", "seal", "", "", Kind::seal},
    Form{"repeat", "until end of file", "", "", Kind::repeat_until_end_of_file},
};

/// The form that a step has; its names stand in the schema's enumerations, so only their combination can be wrong.
const Form& form_of(const Node& step) {
  std::vector<std::string> arguments;
  std::string parameter;
  for (const Form& form : forms) {
    if (!step.has(form.verb) || step.at(form.verb).text() != form.name) continue;
    parameter = form.parameter;
    if (parameter.empty()) return form;
    if (!step.has(parameter)) continue;
    if (step.at(parameter).text() == form.argument) return form;
    arguments.emplace_back(form.argument);
  }
  if (parameter.empty()) step.reject("also one of the keys \"call\", \"library\", \"repeat\"");
  if (arguments.empty()) step.reject("also the key " + in_quotes(parameter));
  step.at(parameter).reject(expected_name(step.at(parameter).text(), arguments));
}

/// Whether the step opens a session, for which it may say how long a key the process gives.
bool opens_session(const Form& form) { return form.kind == Kind::create_session || form.kind == Kind::set_so_crypt; }

/// The keys that a step of this form has.
std::vector<std::string> keys_of(const Form& form) {
  std::vector<std::string> keys = {form.verb};
  if (*form.parameter != '\0') keys.emplace_back(form.parameter);
  if (form.kind == Kind::set_send_buffer) keys.emplace_back("size");
  if (form.kind == Kind::repeat_until_end_of_file) keys.emplace_back("steps");
  return keys;
}

std::vector<Step> read_steps(const Node& array, std::int64_t& count);

Step read_step(const Node& node, std::int64_t& count) {
  if (++count > limits::steps_per_program) {
    node.reject("a further step", fmt::format("at most {} steps in a program", limits::steps_per_program));
  }
  const Form& form = form_of(node);
  const std::vector<std::string> keys = keys_of(form);
  for (const Node& member : node.children()) {
    if (std::ranges::find(keys, member.key()) != keys.end()) continue;
    if (opens_session(form) && member.key() == "key_length") continue;
    member.reject(fmt::format("the key {} in this step", in_quotes(member.key())), "only " + list_of(keys));
  }
  for (const std::string& key : keys) {
    if (!node.has(key)) node.reject("also the key " + in_quotes(key));
  }
  Step step{.kind = form.kind, .size = {}, .steps = {}, .key_length = {}};
  if (node.has("key_length")) step.key_length = parse_quantity(node.at("key_length"), Bytes(0), limits::largest_buffer);
  if (form.kind == Kind::set_send_buffer) {
    step.size = parse_quantity(node.at("size"), Bytes(1), limits::send_buffer);
  }
  if (form.kind == Kind::repeat_until_end_of_file) step.steps = read_steps(node.at("steps"), count);
  return step;
}

std::vector<Step> read_steps(const Node& array, std::int64_t& count) {
  std::vector<Step> steps;
  for (const Node& node : array.children()) steps.push_back(read_step(node, count));
  return steps;
}

}  // namespace

Program read_program(const Entry& entry) {
  const Node root(entry.document);
  std::int64_t count = 0;
  Program program{.name = entry.name,
                  .description = root.at("description").text(),
                  .protects = root.at("protects").value().get<bool>(),
                  .steps = read_steps(root.at("steps"), count)};
  check_program(program, entry.document);
  return program;
}

}  // namespace cryptopath
