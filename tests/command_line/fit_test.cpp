// What the program makes of a fit: published rates are those that known numbers give, and the models start from others.
#include <sys/resource.h>

#include <fmt/format.h>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "../result/scratch_folder.hpp"
#include "cryptopath/result.hpp"
#include "cryptopath/scenario.hpp"
#include "process.hpp"
#include "result/human.hpp"

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using nlohmann::json;
using Words = std::vector<std::string>;
namespace fs = std::filesystem;

namespace {

constexpr const char* card_file = "models/accelerators/vpn1201.json";
constexpr const char* kernel_file = "models/kernels/openbsd-3.3.json";

std::string with(std::string text, const std::string& before, const std::string& after) {
  const auto at = text.find(before);
  REQUIRE(at != std::string::npos);
  return text.replace(at, before.size(), after);
}

/// The data directory of the programs that the test starts, which holds workloads and a fit too.
class DataFolder {
 public:
  DataFolder() {
    const fs::path data = cryptopath::data_directory();
    for (const char* part : {"models", "schemas"}) fs::copy(data / part, folder_ / part, fs::copy_options::recursive);
    ::setenv("CRYPTOPATH_DATA", folder_.path().c_str(), 1);
    // A request of 64 B takes the card's set-up for the most part, one of 8 KiB its engine. 17 B the kernel refuses.
    write_workload("small", "[\"64 B\", \"17 B\"]", "10 ms");
    write_workload("large", "[\"8 KiB\"]", "100 ms");
    write("fit.json", R"({
  "format": "cryptopath-fit-1",
  "title": "Two numbers of a card",
  "workloads": ["small.json", "large.json"],
  "free": [
    {"model": "accelerators/vpn1201", "pointer": "/engines/3des-ede-cbc-hmac-sha1", "from": "40 Mbit/s", "to": "150 Mbit/s"},
    {"model": "accelerators/vpn1201", "pointer": "/setup", "from": "5 us", "to": "100 us"}
  ]
}
)");
    set_numbers("90 Mbit/s", "20 us");
    write_table("small", 64, rate("small", "64 B"));
    write_table("large", 8192, rate("large", "8 KiB"));
  }
  ~DataFolder() { ::unsetenv("CRYPTOPATH_DATA"); }
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  void set_numbers(const std::string& engine, const std::string& setup) {
    std::string text = original_;
    const auto set = [&text](const std::string& indentation, const std::string& name, const std::string& value) {
      const std::string key = fmt::format("{}\"{}\": {{\n", indentation, name);
      const auto at = text.find(key);
      REQUIRE(at != std::string::npos);
      text.replace(
          at + key.size(), text.find('}', at) - at - key.size(),
          fmt::format("{0}  \"value\": {1},\n{0}  \"estimated\": \"by a test\"\n{0}", indentation, json(value).dump()));
    };
    set("  ", "setup", setup);
    set("    ", "3des-ede-cbc-hmac-sha1", engine);
    write(card_file, text);
  }
  void write(const std::string& name, const std::string& text) const { write_file(folder_ / name, text); }
  std::string read(const std::string& name) const { return read_file(folder_ / name); }
  std::string path(const std::string& name) const { return folder_ / name; }

  double rate(const std::string& workload, const std::string& request, int seed = 1) const {
    const Outcome outcome = run_cryptopath({"run", path(workload + ".json"), "--set", "/requests=[\"" + request + "\"]",
                                            "--set", fmt::format("/seed={}", seed), "--json", path("result.json")});
    INFO(outcome.error);
    REQUIRE(outcome.exit_status() == 0);
    const json run = json::parse(read("result.json")).at("runs").at(0);
    return run.at("throughput_mbit_s");
  }
  Outcome fit(const Words& options = {}) const {
    Words words = {"fit", path("fit.json")};
    words.insert(words.end(), options.begin(), options.end());
    return run_cryptopath(words);
  }
  void write_table(const std::string& name, int size, double rate) const {
    write(name + ".csv", fmt::format("figure,series,x_name,x,y,unit,source\n"
                                     "table,8 threads,request_bytes,{},{},Mbit/s,made\n",
                                     size, rate));
  }

 private:
  void write_workload(const std::string& name, const std::string& requests, const std::string& duration) const {
    const json workload = {{"format", "cryptopath-workload-1"},
                           {"title", name},
                           {"machine", "poweredge-2650"},
                           {"cards", {{"slot1", "vpn1201"}}},
                           {"algorithm", "3des-ede-cbc-hmac-sha1"},
                           {"threads", {8}},
                           {"requests", json::parse(requests)},
                           {"warm_up", "2 ms"},
                           {"duration", duration},
                           {"published", name + ".csv"}};
    write(name + ".json", workload.dump());
    write_table(name, 1, 1);
  }
  ScratchFolder folder_;
  std::string original_ = read_file(cryptopath::data_directory() / card_file);
};

/// The words of the line of `text` that starts with `label`, behind that.
Words words_of_line(const std::string& text, const std::string& label) {
  const auto at = text.find(label);
  if (at == std::string::npos) return {};
  std::istringstream line(text.substr(at + label.size(), text.find('\n', at) - at - label.size()));
  return {std::istream_iterator<std::string>(line), {}};
}

/// Files cannot grow beyond it while it lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);  // which the program inherits, and gets EFBIG
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

}  // namespace

TEST_CASE("a fit finds the numbers that rates were made with and writes them back with their origin") {
  DataFolder data;
  data.set_numbers("60 Mbit/s", "50 us");
  const std::string before = data.read(card_file);
  const std::string kernel = data.read(kernel_file);
  const Outcome outcome = data.fit({"--evaluations", "90"});
  INFO(outcome.output);
  INFO(outcome.error);
  REQUIRE(outcome.exit_status() == 0);
  CHECK(outcome.error.empty());
  const json card = json::parse(data.read(card_file));
  const std::string engine = card.at("engines").at("3des-ede-cbc-hmac-sha1").at("value");
  const std::string setup = card.at("setup").at("value");
  CHECK(static_cast<double>(cryptopath::parse<cryptopath::BitsPerSecond>(engine).count) == Approx(90e6).epsilon(0.01));
  CHECK(static_cast<double>(cryptopath::parse<cryptopath::Nanoseconds>(setup).count) == Approx(20e3).epsilon(0.01));

  // All else is byte for byte as it was.
  const std::string origin =
      fmt::format("to small.csv 8 threads 64; large.csv 8 threads 8192; by cryptopath fit {} --evaluations 90",
                  data.path("fit.json"));
  std::string expected = before;
  const json old_card = json::parse(before);
  const auto changed = [&](const std::string& indentation, const json& old_number, const std::string& value) {
    expected = with(expected,
                    fmt::format("{0}\"value\": {1},\n{0}\"estimated\": {2}", indentation, old_number.at("value").dump(),
                                old_number.at("estimated").dump()),
                    fmt::format("{0}\"value\": \"{1}\",\n{0}\"fitted\": \"{2}\"", indentation, value, origin));
  };
  changed("    ", old_card.at("setup"), setup);
  changed("      ", old_card.at("engines").at("3des-ede-cbc-hmac-sha1"), engine);
  CHECK(data.read(card_file) == expected);
  CHECK(data.read(kernel_file) == kernel);

  // What is printed is what the written files give.
  CHECK_THAT(outcome.output, Contains("Two numbers of a card\n") && Contains("written: " + data.path(card_file)));
  CHECK_THAT(outcome.output, Contains("large.csv, Mbit/s\n") && Contains("median 0."));
  const Words small = words_of_line(outcome.output, "8 threads, 64 B");
  const Words large = words_of_line(outcome.output, "8 threads, 8 KiB");
  REQUIRE(small.size() == 7);
  REQUIRE(large.size() == 7);
  CHECK(small[4] == cryptopath::rounded(data.rate("small", "64 B")));
  CHECK(large[4] == cryptopath::rounded(data.rate("large", "8 KiB")));
  const Words first = words_of_line(outcome.output, "/setup");
  CHECK(first == Words{"50", "us", setup.substr(0, setup.find(' ')), "us", "5", "us", "100", "us"});
}

TEST_CASE("a dry run of a fit writes nothing and finds the same on any number of processors") {
  DataFolder data;
  data.set_numbers("60 Mbit/s", "50 us");
  const std::string before = data.read(card_file);
  const Outcome one = data.fit({"--evaluations", "8", "--dry-run", "--jobs", "1"});
  REQUIRE(one.exit_status() == 0);
  CHECK_THAT(one.output, EndsWith("after 8 evaluations\na dry run: nothing is written\n"));
  CHECK(data.read(card_file) == before);
  CHECK(data.fit({"--evaluations", "8", "--dry-run", "--jobs", "3"}).output == one.output);
}

TEST_CASE("a fit that finds nothing better writes nothing") {
  DataFolder data;
  const std::string before = data.read(card_file);
  const Outcome outcome = data.fit({"--evaluations", "2"});
  CHECK(outcome.exit_status() == 0);
  CHECK_THAT(outcome.output, EndsWith("no better than before: nothing is written\n"));
  CHECK(data.read(card_file) == before);
}

TEST_CASE("a fit with several seeds takes the mean of their rates") {
  DataFolder data;
  data.set_numbers("90 Mbit/s", "23 us");  // so that seeds 1 and 2 differ
  for (const auto& [table, size, request] : {std::tuple("small", 64, "64 B"), std::tuple("large", 8192, "8 KiB")}) {
    const double first = data.rate(table, request, 1);
    const double second = data.rate(table, request, 2);
    data.write_table(table, size, (first + second) / 2);
  }
  const auto misfit = [&data] {
    return words_of_line(data.fit({"--evaluations", "1", "--dry-run"}).output, "misfit").at(3);
  };
  CHECK(misfit() != "0.00");
  data.write("fit.json", with(data.read("fit.json"), "\"workloads\"", "\"seeds\": 2, \"workloads\""));
  CHECK(misfit() == "0.00");
}

TEST_CASE("a fit says which numbers ended at a bound") {
  DataFolder data;
  data.set_numbers("60 Mbit/s", "20 us");
  data.write("fit.json", with(data.read("fit.json"), "150 Mbit/s", "80 Mbit/s"));
  const Outcome outcome = data.fit({"--evaluations", "25", "--dry-run"});
  CHECK_THAT(outcome.output,
             Contains("\n/engines/3des-ede-cbc-hmac-sha1 of accelerators/vpn1201 is at its bound, 80 Mbit/s\n"));
  CHECK_THAT(outcome.output, !Contains("/setup of"));
}

TEST_CASE("models that cannot all be written are all left as they were") {
  DataFolder data;
  data.set_numbers("60 Mbit/s", "50 us");
  data.write("fit.json",
             with(data.read("fit.json"), "  ]",
                  R"(, {"model": "kernels/openbsd-3.3", "pointer": "/isa_write", "from": "600 ns", "to": "900 ns"}])"));
  const std::string card = data.read(card_file);
  // The larger of the two, whatever stands in them.
  const std::string kernel = data.read(kernel_file) + std::string(card.size(), '\n');
  data.write(kernel_file, kernel);
  Outcome outcome;
  {
    const FileSizeLimit limit(card.size() + 400);
    outcome = data.fit({"--evaluations", "6"});
  }
  CHECK(outcome.exit_status() == 2);
  CHECK(outcome.output.empty());
  CHECK(outcome.error == "cryptopath: cannot write " + data.path(kernel_file) + ": File too large\n");
  CHECK(data.read(card_file) == card);
  CHECK(data.read(kernel_file) == kernel);
}

TEST_CASE("a fit does not overwrite a model that was edited in the meantime") {
  DataFolder data;
  data.set_numbers("60 Mbit/s", "50 us");
  Process process({"fit", data.path("fit.json"), "--evaluations", "12", "--jobs", "1"});
  process.wait_for_children(1);
  data.set_numbers("61 Mbit/s", "50 us");
  const std::string edited = data.read(card_file);
  const Outcome outcome = process.wait();
  CHECK(outcome.exit_status() == 2);
  CHECK(lines_in(outcome.error) == 1);
  CHECK_THAT(outcome.error, Contains("found another text than when the fit began"));
  CHECK(data.read(card_file) == edited);
}

TEST_CASE("bad input of a fit is one line and status 2") {
  DataFolder data;
  const auto refusal = [&data](const Words& options = {}) {
    const Outcome outcome = data.fit(options);
    CHECK(outcome.exit_status() == 2);
    CHECK(outcome.output.empty());
    CHECK(lines_in(outcome.error) == 1);
    return outcome.error;
  };
  CHECK_THAT(refusal({"--evaluations", "0"}), Contains("--evaluations"));
  const std::string fit = data.read("fit.json");
  // Rates of nothing are found when the fit begins, not when the search comes to its bounds.
  data.write("fit.json", with(fit, "40 Mbit/s", "1 bit/s"));
  CHECK_THAT(refusal(), Contains("vpn1201.json:") && Contains("found \"1 bit/s\", expected at least 1 kbit/s"));
  data.write("fit.json", with(fit, "vpn1201", "vpn1202"));
  CHECK_THAT(refusal(), Contains("fit.json:6: /free/0/model: found the unknown model"));
}

TEST_CASE("a fit shows its progress on a terminal and is validated") {
  DataFolder data;
  data.set_numbers("60 Mbit/s", "50 us");
  Redirections to_terminal;
  to_terminal.error_to_terminal = true;
  const Outcome outcome =
      run_cryptopath({"fit", data.path("fit.json"), "--evaluations", "4", "--dry-run"}, to_terminal);
  CHECK(outcome.exit_status() == 0);
  CHECK_THAT(outcome.error, Contains("about 0 s left   evaluation 4, best misfit "));
  CHECK_THAT(run_cryptopath({"validate", data.path("fit.json")}).output,
             EndsWith("fit.json: good, 2 numbers to fit\n"));
}
