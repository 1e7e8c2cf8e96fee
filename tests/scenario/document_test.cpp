// What is no acceptable JSON, whatever the schema says.
#include <catch2/catch.hpp>

#include "workspace.hpp"

namespace {
const Workspace workspace;
std::string error_of(std::string_view text) { return workspace.error_of(text); }
}  // namespace

TEST_CASE("a syntax error has its line and the pointer of where it is") {
  CHECK(error_of("") == R"(scenario.json:1: "": found end of input, expected '[', '{', or a literal)");
  CHECK(error_of("\n\n") == R"(scenario.json:2: "": found end of input, expected '[', '{', or a literal)");
  CHECK(error_of("{\n\"a\": 1,\n\"b\" 2\n}") == "scenario.json:3: /b: found number literal, expected ':'");
  CHECK(error_of("{\n\"a\": [1,\n 2,\n]}") == "scenario.json:4: /a/1: found ']', expected '[', '{', or a literal");
  CHECK(error_of("{\"a\": 1\n}\nx") == R"(scenario.json:3: "": found invalid literal, expected end of input)");
  CHECK(error_of("{\"a\": tru}") == "scenario.json:1: /a: found invalid literal, expected JSON");
  CHECK(error_of("{\"a\": 1e999}") == "scenario.json:1: /a: found number overflow parsing '1e999', expected JSON");
  CHECK(error_of("{\"a\": \"\n\"}") ==
        "scenario.json:1: /a: found invalid string: control character U+000A (LF) must be escaped to \\\\u000A or "
        "\\\\n, expected JSON");
  CHECK(error_of("{\"a\": \"\xff\"}") ==
        "scenario.json:1: /a: found invalid string: ill-formed UTF-8 byte, expected JSON");
}

TEST_CASE("bytes after a NUL are not passed over") {
  using namespace std::string_literals;
  CHECK(error_of(valid_scenario + "\0 and more"s) ==
        "scenario.json:16: found a NUL byte, expected JSON, which is text");
  CHECK(error_of("{\n\"a\": \"\0\"\n}"s) == "scenario.json:2: found a NUL byte, expected JSON, which is text");
}

TEST_CASE("a line is counted at the value and not at what follows it") {
  CHECK(error_of("{\n\"seed\": -3\n\n\n,\n\"format\": 1\n}") ==
        R"(scenario.json:6: /format: found 1, expected "cryptopath-scenario-1")");
  CHECK(error_of(with(valid_scenario, "\"seed\": 7,\n", "\"seed\": -3\n\n\n,\n")) ==
        "scenario.json:13: /seed: found -3, expected an integer of 0 to 9007199254740991");
}

TEST_CASE("a key that stands twice in an object is refused with both lines") {
  CHECK(error_of(with(valid_scenario, "\"seed\": 7,", "\"seed\": 7,\n  \"title\": \"Another\",")) ==
        R"(scenario.json:14: /title: found the key "title" a second time, expected it only once: )"
        "it stands in line 3 already");
  CHECK(error_of(with(valid_scenario, "{\"size\": \"10 MB\",", "{\"size\": \"10 MB\", \"size\": \"1 MB\",")) ==
        R"(scenario.json:7: /file/size: found the key "size" a second time, expected it only once: )"
        "it stands in line 7 already");
}

TEST_CASE("the same key in two objects is no duplicate") {
  CHECK(error_of("{\"a\": {\"b\": 1}, \"b\": {\"b\": 1}}").find("second time") == std::string::npos);
}

TEST_CASE("nesting and size of a file are limited") {
  CHECK(error_of(std::string(100'000, '[')) ==
        "scenario.json:1: /0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/"
        "0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0: found an array or object inside too many others, expected at most 64 "
        "levels");
  CHECK(error_of("{\"title\": \"" + std::string(5000, 'a') + "\"}") ==
        "scenario.json:1: /title: found a text of 5000 bytes, expected at most 4096");
  CHECK(error_of("{\"" + std::string(300, 'a') + "\": 1}") ==
        R"(scenario.json:1: "": found a key of 300 bytes, expected at most 256)");
  std::string many = "[0";
  for (int i = 0; i < 60'000; ++i) many += ",0";
  CHECK(error_of(many + "]") == "scenario.json:1: /49999: found more than 50000 values, expected a file with fewer");
  CHECK(error_of(std::string(5 << 20, ' ')) == "scenario.json: found a larger file, expected JSON of at most 4 MiB");
}

TEST_CASE("what is no file that can be read is refused by name") {
  const auto error_of_file = [](const std::filesystem::path& file) -> std::string {
    try {
      cryptopath::load_scenario(file);
    } catch (const cryptopath::InputError& error) {
      return error.what();
    }
    return "no error";
  };
  CHECK(error_of_file("no/such.json") == "no/such.json: found no such file, expected a JSON file");
  CHECK(error_of_file("no\nsuch.json") == "no\\nsuch.json: found no such file, expected a JSON file");
  CHECK(error_of_file("/") == "/: found a directory, expected a JSON file");
  CHECK(error_of_file("/dev/null") == "/dev/null: found a device, pipe or socket, expected a JSON file");
  CHECK(error_of_file("/proc/self/mem") ==
        "/proc/self/mem: found a file that cannot be read (Input/output error), expected a JSON file");
}

TEST_CASE("text that would spoil a terminal or a result is refused and shown escaped") {
  CHECK(error_of(with(valid_scenario, "A test", "A\\u001b[31m test")) ==
        R"(scenario.json:3: /title: found "A\x1b[31m test", expected printable text)");
  CHECK(error_of(with(valid_scenario, "\"slot1\"", "\"slot\\n1\"")) ==
        R"(scenario.json:5: /cards/slot\n1: found the key "slot\n1", expected printable text)");
}
