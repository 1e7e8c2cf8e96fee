// Programs that run from their first step to their last, and those that could not.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "workspace.hpp"

using namespace cryptopath;
using namespace cryptopath::literals;
using Kind = Step::Kind;

namespace {

const Workspace workspace;

const std::string open_file = R"({"call": "open", "path": "file"})";
const std::string close_file = R"({"call": "close", "path": "file"})";
const std::string close_socket = R"({"call": "close", "path": "socket"})";
const std::string send_file = R"({"call": "sendfile"})";
const std::string so_crypt = R"({"call": "setsockopt", "option": "SO_CRYPT"})";
const std::string so_crypt_nic = R"({"call": "setsockopt", "option": "SO_CRYPT_NIC"})";
const std::string read_step = R"({"call": "read"})";
const std::string write_step = R"({"call": "write"})";
const std::string crypt_step = R"({"call": "ioctl", "request": "CIOCCRYPT"})";
const std::string frame = R"({"library": "frame"})";
const std::string seal = R"({"library": "seal"})";
const std::string open_crypto = R"({"call": "open", "path": "/dev/crypto"})";
const std::string create_session = R"({"call": "ioctl", "request": "CIOCGSESSION"})";

std::string joined(const std::vector<std::string>& steps) {
  std::string text;
  for (const std::string& step : steps) text += (text.empty() ? "" : ",\n") + step;
  return text;
}

std::string repeat(const std::vector<std::string>& steps) {
  return R"({"repeat": "until end of file", "steps": [)" + joined(steps) + "]}";
}

// The steps stand one a line from line 5 on.
std::string error_of(bool protects, const std::vector<std::string>& steps) {
  return workspace.error_of_program(
      std::string("{\"format\": \"cryptopath-program-1\",\n\"description\": \"a test\",\n") +
      "\"protects\": " + (protects ? "true" : "false") + ",\n\"steps\": [\n" + joined(steps) + "]}");
}

// What is wrong with one repetition in a program that has opened everything.
std::string error_of_repeat(bool protects, const std::vector<std::string>& steps) {
  return error_of(protects, {open_file, open_crypto, create_session, repeat(steps), close_file,
                             R"({"call": "close", "path": "/dev/crypto"})", close_socket});
}

}  // namespace

TEST_CASE("every program of the project loads") {
  int count = 0;
  const std::string with_cards =
      with(valid_scenario, R"("slot1": "vpn1201")", R"("slot1": "vpn1201", "slot2": "inline-tls")");
  for (const auto& entry : std::filesystem::directory_iterator(data_directory() / "scenarios" / "programs")) {
    CAPTURE(entry.path());
    const std::string name = entry.path().stem().string();
    CHECK(workspace.error_of(with(with_cards, R"(["traditional", "shortcut"])", "[\"" + name + "\"]")) == "no error");
    ++count;
  }
  CHECK(count >= 5);
}

TEST_CASE("the steps of a program are read in order") {
  workspace.write("mine.json", valid_program);
  const Program program = workspace.load(with(valid_scenario, "\"shortcut\"", "\"mine.json\"")).runs[1].program;
  CHECK(program.protects);
  CHECK(program.description == "a test");
  std::vector<Kind> kinds;
  for (const Step& step : program.steps) kinds.push_back(step.kind);
  CHECK(kinds == std::vector{Kind::open_file, Kind::open_crypto, Kind::create_session, Kind::repeat_until_end_of_file,
                             Kind::free_session, Kind::close_crypto, Kind::close_file, Kind::close_socket});
  kinds.clear();
  for (const Step& step : program.steps[3].steps) kinds.push_back(step.kind);
  CHECK(kinds == std::vector{Kind::read, Kind::frame, Kind::crypt, Kind::write});
}

TEST_CASE("a path can be added by a file alone") {
  workspace.write("mine.json", with(valid_program, open_file,
                                    R"({"call": "setsockopt", "option": "SO_SNDBUF", "size": "64 KiB"},)" + open_file));
  const Scenario scenario = workspace.load(with(valid_scenario, "\"shortcut\"", "\"mine.json\""));
  const Program& program = scenario.runs.at(1).program;
  CHECK(program.name == "mine");
  CHECK(program.description == "a test");
  CHECK(program.steps.at(0).kind == Kind::set_send_buffer);
  CHECK(program.steps.at(0).size == 64_KiB);
}

TEST_CASE("each way of protecting is a program") {
  CHECK(error_of_repeat(true, {read_step, frame, crypt_step, write_step}) == "no error");
  CHECK(error_of(true, {open_file, repeat({read_step, seal, write_step}), close_file, close_socket}) == "no error");
  CHECK(error_of(true, {open_file, so_crypt, repeat({read_step, write_step}), close_file, close_socket}) == "no error");
  CHECK(error_of(true, {so_crypt, open_file, send_file, close_file, close_socket}) == "no error");
  CHECK(error_of(false, {open_file, repeat({read_step, write_step}), close_socket, close_file}) == "no error");
  CHECK(error_of(false, {open_file, send_file, close_socket, close_file}) == "no error");
}

TEST_CASE("a step that is no call is refused") {
  CHECK(workspace.error_of_program(with(valid_program, R"({"call": "read"})", R"({"call": "reed"})")) ==
        R"(program.json:10: /steps/3/steps/0/call: found "reed", expected "read")");
  CHECK(workspace.error_of_program(with(valid_program, R"("CIOCCRYPT")", R"("CIOCRYPT")")) ==
        R"(program.json:12: /steps/3/steps/2/request: found "CIOCRYPT", expected "CIOCCRYPT")");
  CHECK(workspace.error_of_program(with(valid_program, R"({"call": "read"})", R"({"cal": "read"})")) ==
        R"(program.json:10: /steps/3/steps/0/cal: found the unknown key "cal", expected "call")");
  CHECK(
      workspace.error_of_program(with(valid_program, R"({"call": "read"})", R"("read")")) ==
      R"(program.json:10: /steps/3/steps/0: found "read", expected an object with members from "call", "key_length", )"
      R"("library", "option", "path", "repeat", "request", "size", "steps")");
  CHECK(workspace.error_of_program(with(valid_program, R"({"call": "read"})", "{}")) ==
        R"(program.json:10: /steps/3/steps/0: found an empty object, expected also one of the keys "call", )"
        R"("library", "repeat")");
}

TEST_CASE("a step has the keys of its call and no others") {
  CHECK(workspace.error_of_program(with(valid_program, R"({"call": "open", "path": "file"})", R"({"call": "open"})")) ==
        R"(program.json:6: /steps/0: found an object with "call", expected also the key "path")");
  CHECK(workspace.error_of_program(with(valid_program, R"({"call": "read"})", R"({"call": "read", "path": "file"})")) ==
        R"(program.json:10: /steps/3/steps/0/path: found the key "path" in this step, expected only "call")");
  CHECK(workspace.error_of_program(
            with(valid_program, R"({"call": "read"})", R"({"call": "read", "library": "frame"})")) ==
        R"(program.json:10: /steps/3/steps/0/library: found the key "library" in this step, expected only "call")");
  CHECK(workspace.error_of_program(
            with(valid_program, R"({"call": "open", "path": "file"})", R"({"call": "open", "path": "socket"})")) ==
        R"(program.json:6: /steps/0/path: found "socket", expected one of "file", "/dev/crypto")");
  CHECK(error_of(false, {R"({"call": "setsockopt", "option": "SO_SNDBUF"})", open_file, send_file}) ==
        R"(program.json:5: /steps/0: found an object with "call", "option", expected also the key "size")");
  CHECK(error_of(false, {R"({"repeat": "until end of file"})"}) ==
        R"(program.json:5: /steps/0: found an object with "repeat", expected also the key "steps")");
}

TEST_CASE("a send buffer is a size that the kernel allows") {
  const auto sized = [](const std::string& size) {
    return error_of(false, {R"({"call": "setsockopt", "option": "SO_SNDBUF", "size": ")" + size + "\"}", open_file,
                            send_file, close_file, close_socket});
  };
  CHECK(sized("256 KiB") == "no error");
  CHECK(sized("1 MiB") ==
        R"(program.json:5: /steps/0/size: found "1 MiB", expected at most 256 KiB, the kernel's limit)");
  CHECK(sized("0 B") == R"(program.json:5: /steps/0/size: found "0 B", expected at least 1 B)");
  CHECK(sized("64") ==
        R"(program.json:5: /steps/0/size: found "64", which has no unit, expected a size such as "8 KiB")");
}

TEST_CASE("a step that opens a session may give a key that the kernel refuses and no other but the suite's") {
  const auto keyed = [](const std::string& length) {
    return with(valid_program, R"("CIOCGSESSION")", R"("CIOCGSESSION", "key_length": ")" + length + "\"");
  };
  CHECK(workspace.error_of_program(keyed("7 B")) == "no error");
  CHECK(workspace.error_of_program(keyed("24 B")) == "no error");
  CHECK(
      workspace.error_of_program(with(valid_program, R"("CIOCCRYPT")", R"("CIOCCRYPT", "key_length": "7 B")")) ==
      R"(program.json:12: /steps/3/steps/2/key_length: found the key "key_length" in this step, expected only "call", )"
      R"("request")");
  workspace.write("program.json", keyed("5 B"));
  const std::string rc4 = with(with(valid_scenario, "3des-ede-cbc-hmac-sha1", "rc4-hmac-sha1"),
                               R"(["traditional", "shortcut"])", R"(["program.json"])");
  CHECK(workspace.error_of(rc4) == R"(program.json:8: /steps/2/key_length: found "5 B" for rc4-hmac-sha1, expected )"
                                   "16 B, or a length that the kernel refuses");
  const Scenario scenario =
      workspace.load(with(valid_scenario, R"(["traditional", "shortcut"])",
                          "[\"" +
                              workspace
                                  .write("mine.json", with(with(valid_program, R"("request": "CIOCGSESSION")",
                                                                R"("request": "CIOCGSESSION", "key_length": "9 B")"),
                                                           "a test", "another"))
                                  .filename()
                                  .string() +
                              "\"]"));
  CHECK(scenario.runs.at(0).program.steps.at(2).key_length == 9_B);
}

TEST_CASE("what is used is open and what is open is closed") {
  CHECK(error_of(false, {send_file, open_file, close_file, close_socket}) ==
        "program.json:5: /steps/0: found sendfile, expected the file opened before");
  CHECK(error_of(false, {repeat({read_step, write_step}), close_socket}) ==
        "program.json:5: /steps/0/steps/0: found read, expected the file opened before");
  CHECK(error_of(false, {open_file, send_file, close_socket}) ==
        R"(program.json:4: /steps: found a program that leaves the file open, expected {"call": "close", "path": )"
        R"("file"} as one of its last steps)");
  CHECK(error_of(false, {open_file, send_file, close_file}) ==
        R"(program.json:4: /steps: found a program that leaves the socket open, expected {"call": "close", "path": )"
        R"("socket"} as one of its last steps)");
  CHECK(error_of(false, {open_file, open_crypto, send_file, close_file, close_socket}) ==
        R"(program.json:4: /steps: found a program that leaves /dev/crypto open, expected {"call": "close", "path": )"
        R"("/dev/crypto"} as one of its last steps)");
  CHECK(error_of(false, {open_file, open_file}) ==
        "program.json:6: /steps/1: found a second open of the file, expected one");
  CHECK(error_of(false, {close_file}) ==
        "program.json:5: /steps/0: found close of the file, which is not open, expected it opened before");
  CHECK(error_of(false, {open_file, close_socket, send_file}) ==
        "program.json:7: /steps/2: found sendfile to a closed socket, expected it before the socket is closed");
  CHECK(error_of(false, {open_file, close_socket, repeat({read_step, write_step})}) ==
        "program.json:8: /steps/2/steps/1: found write to a closed socket, expected it before the socket is closed");
  CHECK(error_of(true, {close_socket, so_crypt}) ==
        "program.json:6: /steps/1: found SO_CRYPT on a closed socket, expected it before the socket is closed");
  CHECK(error_of(true, {close_socket, R"({"call": "setsockopt", "option": "SO_SNDBUF", "size": "8 KiB"})"}) ==
        "program.json:6: /steps/1: found SO_SNDBUF on a closed socket, expected it before the socket is closed");
}

TEST_CASE("CIOCCRYPT needs a session and a frame") {
  CHECK(error_of(true, {open_file, repeat({read_step, frame, crypt_step, write_step})}) ==
        "program.json:8: /steps/1/steps/2: found CIOCCRYPT, expected a session, by CIOCGSESSION, before");
  CHECK(error_of(true, {create_session}) ==
        "program.json:5: /steps/0: found CIOCGSESSION, expected /dev/crypto opened before");
  CHECK(error_of(true, {open_crypto, create_session, create_session}) ==
        "program.json:7: /steps/2: found a second CIOCGSESSION, expected one session at a time");
  CHECK(error_of(true, {open_crypto, R"({"call": "ioctl", "request": "CIOCFSESSION"})"}) ==
        "program.json:6: /steps/1: found CIOCFSESSION, expected a session, by CIOCGSESSION, before");
  CHECK(error_of_repeat(true, {read_step, crypt_step, write_step}) ==
        "program.json:9: /steps/3/steps/1: found CIOCCRYPT, expected a frame before");
}

TEST_CASE("data is protected exactly once") {
  CHECK(error_of_repeat(true, {read_step, write_step}) ==
        "program.json:9: /steps/3/steps/1: found write of unprotected data, expected frame and CIOCCRYPT, or seal, or "
        "SO_CRYPT before");
  CHECK(error_of_repeat(true, {read_step, frame, write_step}) ==
        "program.json:10: /steps/3/steps/2: found write of what is framed and not enciphered, expected CIOCCRYPT "
        "before");
  CHECK(error_of_repeat(true, {read_step, seal, frame, write_step}) ==
        "program.json:10: /steps/3/steps/2: found frame, expected a read, and no other frame or seal, before");
  CHECK(error_of_repeat(true, {read_step, frame, seal, write_step}) ==
        "program.json:10: /steps/3/steps/2: found seal, expected a read, and no frame or other seal, before");
  CHECK(error_of_repeat(true, {read_step, frame, crypt_step, crypt_step, write_step}) ==
        "program.json:11: /steps/3/steps/3: found CIOCCRYPT, expected a frame before");
  CHECK(error_of(true, {open_file, so_crypt, repeat({read_step, seal, write_step})}) ==
        "program.json:9: /steps/2/steps/2: found write of protected data to a socket with SO_CRYPT, expected one "
        "protection");
  CHECK(error_of(true, {open_file, send_file}) ==
        "program.json:6: /steps/1: found sendfile of unprotected data, expected SO_CRYPT before");
  CHECK(error_of(true, {so_crypt, so_crypt}) == "program.json:6: /steps/1: found a second SO_CRYPT, expected one");
  CHECK(error_of(true, {open_file, repeat({read_step, seal, write_step}), so_crypt}) ==
        "program.json:9: /steps/2: found SO_CRYPT after data was sent, expected it before");
}

TEST_CASE("a NIC protects as the kernel does and neither twice nor both") {
  CHECK(error_of(true, {so_crypt_nic, so_crypt}) == "program.json:6: /steps/1: found a second SO_CRYPT, expected one");
  CHECK(error_of(true, {so_crypt, so_crypt_nic}) ==
        "program.json:6: /steps/1: found a second SO_CRYPT_NIC, expected one");
  CHECK(error_of(true, {open_file, so_crypt_nic, repeat({read_step, seal, write_step})}) ==
        "program.json:9: /steps/2/steps/2: found write of protected data to a socket with SO_CRYPT, expected one "
        "protection");
  CHECK(error_of(false, {so_crypt_nic}) ==
        R"(program.json:5: /steps/0: found SO_CRYPT_NIC in a program that does not protect, )"
        R"(expected "protects": true, or no such step)");
}

TEST_CASE("a suite that the NIC has no engine for is refused where the NIC would encipher") {
  const std::string on_nic = with(valid_scenario, "\"traditional\"", "\"nic\"");
  const std::string with_nic = with(on_nic, R"("slot1": "vpn1201")", R"("slot1": "vpn1201", "slot2": "inline-tls")");
  CHECK(workspace.error_of(with_nic) == "no error");
  // The card that has an engine does not help the NIC.
  CHECK(workspace.error_of(on_nic) ==
        R"(scenario.json:9: /record/suite: found "3des-ede-cbc-hmac-sha1", which path "nic" has the NIC encipher, )"
        "expected a NIC that has engines: the machine's has none");
  CHECK(workspace.error_of(with(with_nic, "3des-ede-cbc-hmac-sha1", "aes-256-gcm")) ==
        R"(scenario.json:9: /record/suite: found "aes-256-gcm", which path "nic" has the NIC encipher, )"
        R"(expected a suite that the machine's NIC has an engine for: "3des-ede-cbc-hmac-sha1", "aes-128-gcm")");
}

TEST_CASE("a protocol in datagrams is refused where the NIC would encipher") {
  const std::string with_nic = with(with(valid_scenario, "\"traditional\"", "\"nic\""), R"("slot1": "vpn1201")",
                                    R"("slot1": "vpn1201", "slot2": "inline-tls")");
  for (const char* protocol : {"dtls-1.2", "esp-transport", "esp-tunnel"}) {
    CHECK(workspace.error_of(with(with_nic, "tls-1.2", protocol)) ==
          fmt::format(R"(scenario.json:9: /record/protocol: found "{}", which path "nic" has the NIC encipher, )"
                      R"(expected a protocol over TCP: "tls-1.0", "tls-1.1", "tls-1.2", "tls-1.3", "ssh-2")",
                      protocol));
    // Who enciphers by themselves may have it.
    CHECK(workspace.error_of(with(valid_scenario, "tls-1.2", protocol)) == "no error");
  }
}

TEST_CASE("a program that does not protect uses no protection") {
  CHECK(error_of(false, {so_crypt}) ==
        R"(program.json:5: /steps/0: found SO_CRYPT in a program that does not protect, )"
        R"(expected "protects": true, or no such step)");
  CHECK(error_of_repeat(false, {read_step, frame}) ==
        R"(program.json:9: /steps/3/steps/1: found frame in a program that does not protect, )"
        R"(expected "protects": true, or no such step)");
  CHECK(error_of_repeat(false, {read_step, seal}) ==
        R"(program.json:9: /steps/3/steps/1: found seal in a program that does not protect, )"
        R"(expected "protects": true, or no such step)");
  CHECK(error_of_repeat(false, {read_step, crypt_step}) ==
        R"(program.json:9: /steps/3/steps/1: found CIOCCRYPT in a program that does not protect, )"
        R"(expected "protects": true, or no such step)");
}

TEST_CASE("a repeat reads once and writes what it read") {
  CHECK(error_of(false, {open_file, repeat({write_step})}) ==
        "program.json:6: /steps/1/steps/0: found write, expected a read before");
  CHECK(error_of(false, {open_file, repeat({read_step})}) ==
        "program.json:6: /steps/1: found a repeat that drops what it read, expected a write after the read");
  CHECK(error_of(false, {open_file, repeat({read_step, write_step, read_step, write_step})}) ==
        "program.json:8: /steps/1/steps/2: found a second read in a repeat, expected one");
  CHECK(error_of(false, {open_file, repeat({read_step, repeat({read_step})})}) ==
        "program.json:7: /steps/1/steps/1: found a repeat inside a repeat, expected one level");
  CHECK(error_of(false, {open_file, repeat({send_file})}) ==
        "program.json:6: /steps/1/steps/0: found this step inside a repeat, expected only read, frame, seal, "
        "CIOCCRYPT and write there");
  CHECK(error_of(false, {open_file, repeat({})}) ==
        "program.json:6: /steps/1/steps: found an array of 0, expected an array of at least 1 elements");
}

TEST_CASE("the file is sent exactly once") {
  CHECK(error_of(false, {open_file, close_file, close_socket}) ==
        "program.json:4: /steps: found a program that sends nothing, expected a sendfile, or a repeat with read and "
        "write");
  CHECK(error_of(false, {open_file, send_file, send_file}) ==
        "program.json:7: /steps/2: found a second transfer of the file, expected one sendfile or one repeat");
  CHECK(error_of(false, {open_file, read_step}) ==
        "program.json:6: /steps/1: found this step outside a repeat, expected read, frame, seal, CIOCCRYPT and write "
        "inside one");
}

TEST_CASE("a transform that nobody in the machine can run is refused") {
  workspace.write("ciphers.json", R"({"format": "cryptopath-cipher-1", "description": "only null", "transforms": {
    "null": {"per_byte": {"value": "0 cycles/B", "estimated": "for a test"},
             "per_record": {"value": "0 cycles", "estimated": "for a test"}}}})");
  nlohmann::json machine = data_file("models/machines/poweredge-2650.json");
  machine["ciphers"] = "ciphers.json";
  workspace.write("machine.json", machine.dump());
  const std::string scenario = with(valid_scenario, "\"poweredge-2650\"", "\"machine.json\"");
  CHECK(workspace.error_of(scenario) == "no error");  // the card can
  CHECK(workspace.error_of(with(scenario, "3des-ede-cbc-hmac-sha1", "aes-128-gcm")) ==
        R"(scenario.json:9: /record/suite: found "aes-128-gcm", which path "traditional" needs, expected a suite that )"
        "the machine's cipher model or one of its cards has");
  CHECK(workspace.error_of(with(scenario, "\"traditional\"", "\"library\"")) ==
        R"(scenario.json:9: /record/suite: found "3des-ede-cbc-hmac-sha1", which path "library" runs in software, )"
        "expected a suite that the machine's cipher model has");
  CHECK(workspace.error_of(with(scenario, "\"traditional\"", "\"http-sendfile\"")) == "no error");
}
