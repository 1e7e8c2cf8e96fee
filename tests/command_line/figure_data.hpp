// A data directory with figures of its own, and the program on it.
#pragma once

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "../result/scratch_folder.hpp"
#include "cryptopath/scenario.hpp"
#include "process.hpp"

/// The data directory of the programs that the test starts. Its figures are "rates", of two cells, and "paths".
class DataFolder {
 public:
  DataFolder() {
    const std::filesystem::path data = cryptopath::data_directory();
    for (const char* part : {"models", "schemas", "scenarios", "plots/templates"}) {
      std::filesystem::create_directories((folder_ / part).parent_path());
      std::filesystem::copy(data / part, folder_ / part, std::filesystem::copy_options::recursive);
    }
    std::filesystem::copy(data / "plots" / "figure.gnuplot", folder_ / "plots");
    ::setenv("CRYPTOPATH_DATA", folder_.path().c_str(), 1);
    write("workload.json", R"({"format": "cryptopath-workload-1", "title": "t", "machine": "poweredge-2650",
      "cards": {"slot1": "vpn1201"}, "algorithm": "3des-ede-cbc-hmac-sha1", "threads": [1], "requests": ["64 B"],
      "warm_up": "1 ms", "duration": "5 ms"})");
    write("plots/rates.json", R"({"format": "cryptopath-figure-1", "title": "Rates", "source": "a test",
      "published": "rates.csv", "scenario": "../workload.json",
      "x": {"name": "request_bytes", "label": "request", "points": [
        {"x": "64", "set": {"/requests": ["64 B"]}}, {"x": "8192", "set": {"/requests": ["8 KiB"]}}]},
      "panels": [{"template": "grouped-bars", "label": "throughput", "unit": "Mbit/s", "series": [
        {"name": "one thread", "value": {"of": ["/throughput_mbit_s"]}}]}],
      "statements": [{"says": "Large requests are faster", "of": {"series": "one thread", "x": "8192"},
        "per": {"series": "one thread", "x": "64"}, "at_least": 1}]})");
    write("plots/rates.csv",
          "figure,series,x_name,x,y,unit,source\nrates,one thread,request_bytes,8192,50,Mbit/s,made\n");
    write("plots/paths.json", R"({"format": "cryptopath-figure-1", "title": "Paths", "source": "a test",
      "scenario": "../scenarios/shortcut/transfer.json", "set": {"/payload": "modelled", "/file/size": "64 KiB"},
      "x": {"name": "", "label": "file", "points": [{"x": "64 KiB"}]},
      "panels": [{"template": "table", "label": "copies", "unit": "copies", "series": [
        {"name": "traditional", "value": {"of": ["/counts/paper.copies"], "run": "traditional"}},
        {"name": "shortcut", "value": {"of": ["/counts/paper.copies"], "run": "shortcut"}}]}]})");
  }
  ~DataFolder() { ::unsetenv("CRYPTOPATH_DATA"); }
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  void write(const std::string& name, const std::string& text) const { write_file(folder_ / name, text); }
  void replace(const std::string& name, const std::string& before, const std::string& after) const {
    std::string text = read_file(folder_ / name);
    const auto at = text.find(before);
    REQUIRE(at != std::string::npos);
    write(name, text.replace(at, before.size(), after));
  }
  void remove(const std::string& name) const { std::filesystem::remove(folder_ / name); }

 private:
  ScratchFolder folder_;
};

inline Outcome figure(const std::vector<std::string>& words, const ScratchFolder& out,
                      const Redirections& redirections = {}) {
  std::vector<std::string> all = {"figure"};
  all.insert(all.end(), words.begin(), words.end());
  all.insert(all.end(), {"--out", out.path().string()});
  return run_cryptopath(all, redirections);
}

/// When a file was last written: another run writes it anew.
inline std::timespec written(const std::filesystem::path& file) {
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  return status.st_mtim;
}

inline bool same(const std::timespec& a, const std::timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}
