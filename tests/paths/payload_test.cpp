// Real and modelled payload, and the wire that real ones leave.
#include <unistd.h>

#include <algorithm>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "run_path.hpp"

using namespace cryptopath;
using namespace cryptopath::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

const std::vector<std::string> all_paths = {"traditional", "shortcut",        "library",
                                            "nic",         "http-read-write", "http-sendfile"};

Settings with_gcm(Settings settings) {
  settings.emplace_back("/record/suite", "aes-128-gcm");
  return settings;
}

}  // namespace

TEST_CASE("a modelled payload takes the same time and counts as a real one") {
  for (const std::string& path : all_paths) {
    for (const char* size : {"0 B", "1 B", "100001 B"}) {
      const Settings settings = {{"/file/size", size}, {"/buffer", "5000 B"}};
      Settings modelled = settings;
      modelled.emplace_back("/payload", "modelled");
      const Result with_bytes = run_path(path, settings);
      const Result without = run_path(path, modelled);
      INFO(path << ", " << size);
      CHECK(with_bytes.elapsed == without.elapsed);
      CHECK(with_bytes.counts == without.counts);
      CHECK(with_bytes.wire.bytes == without.wire.bytes);
      CHECK(with_bytes.utilization == without.utilization);
      CHECK(with_bytes.latency.p99 == without.latency.p99);
      CHECK(without.wire.verified_by.empty());
    }
  }
}

TEST_CASE("library and kernel and card and NIC leave the identical wire and real peers read the file from it") {
  const Settings settings = {{"/file/size", "200 kB"}, {"/buffer", "20000 B"}};
  const Result library = run_path("library", settings);
  const Result kernel_and_card = run_path("shortcut", settings);
  const Result user_and_card = run_path("traditional", settings);
  const Result nic = run_path("nic", settings);
  CHECK(library.wire.sha256 == kernel_and_card.wire.sha256);
  CHECK(library.wire.sha256 == user_and_card.wire.sha256);
  CHECK(library.wire.sha256 == nic.wire.sha256);
  CHECK_THAT(library.wire.verified_by, StartsWith("GnuTLS 3."));

  const Result sealed_in_kernel = run_path("shortcut", with_gcm(settings));
  const Result sealed_in_library = run_path("library", with_gcm(settings));
  CHECK(sealed_in_kernel.wire.sha256 == sealed_in_library.wire.sha256);
  CHECK(run_path("nic", with_gcm(settings)).wire.sha256 == sealed_in_library.wire.sha256);
  CHECK(sealed_in_kernel.wire.sha256 != library.wire.sha256);
  CHECK_THAT(sealed_in_kernel.wire.verified_by, StartsWith("OpenSSL 3."));

  const Result in_clear = run_path("http-sendfile", settings);
  CHECK(in_clear.wire.sha256 == library.wire.plaintext_sha256);
}

TEST_CASE("a run ends only when the peer has taken its close_notify for the end of the connection") {
  /// Takes close_notify for anything but the end.
  class DeafPeer final : public Peer {
   public:
    explicit DeafPeer(std::unique_ptr<Peer> peer) : peer_(std::move(peer)) {}
    void receive(std::span<const std::byte> wire, std::vector<std::byte>& plaintext) override {
      peer_->receive(wire, plaintext);
    }
    std::string name() const override { return "deaf"; }

   private:
    std::unique_ptr<Peer> peer_;
  };
  for (const char* path : {"traditional", "shortcut", "library", "nic"}) {
    const RunSpec run = load_path(path, with_gcm({{"/file/size", "20 kB"}}));
    const std::string end = in_child([&run] {
      Session session = handshake(run.format, run.seed);
      session.peer = std::make_unique<DeafPeer>(std::move(session.peer));
      try {
        simulate(run, std::move(session));
      } catch (const Fault& fault) {
        return std::string(fault.what());
      }
      return std::string("no fault");
    });
    CHECK_THAT(end, Contains("deaf does not take the connection for closed"));
  }
}

TEST_CASE("a run says how far it is in rising steps up to the size of the file") {
  const RunSpec run = load_path("shortcut", {{"/file/size", "1 MB"}, {"/payload", "modelled"}});
  const Numbers reported = in_child([&run] {
    Numbers bytes;
    simulate(run, {}, [&bytes](Bytes done) { bytes.push_back(done.count); });
    return bytes;
  });
  CHECK(reported.size() >= 50);
  CHECK(reported.size() <= 101);
  CHECK(std::ranges::adjacent_find(reported, std::greater_equal<>()) == reported.end());
  CHECK(reported.back() == 1'000'000);
}

TEST_CASE("another seed gives other keys and so another wire") {
  const Settings settings = {{"/file/size", "10 kB"}};
  Settings reseeded = settings;
  reseeded.emplace_back("/seed", "2");
  CHECK(run_path("shortcut", settings).wire.sha256 == run_path("shortcut", settings).wire.sha256);
  CHECK(run_path("shortcut", settings).wire.sha256 != run_path("shortcut", reseeded).wire.sha256);
}

TEST_CASE("a file that shrinks while it is read ends the run with one line") {
  const auto file = std::filesystem::temp_directory_path() / ("shrinking-" + std::to_string(::getpid()));
  std::ofstream(file, std::ios::binary) << std::string(300'000, 'a');
  Overrides overrides;
  overrides.file = file;
  const RunSpec run = load_scenario(data_directory() / "scenarios/shortcut/transfer.json", overrides).runs.at(1);
  std::filesystem::resize_file(file, 100'000);
  try {
    run_path(run);
    FAIL("the run did not notice");
  } catch (const InputError& error) {
    CHECK_THAT(error.what(), Contains("shrank while it was read") && Contains("300000 B") && !Contains("\n"));
  }
  std::filesystem::remove(file);
}

TEST_CASE("a run that outlasts its simulated time ends with one line") {
  try {
    run_path("shortcut", {{"/time_limit", "20 ms"}, {"/file/size", "1 MB"}});
    FAIL("the run did not end");
  } catch (const InputError& error) {
    CHECK_THAT(error.what(), Contains("20 ms of simulated time") && !Contains("\n"));
  }
}

TEST_CASE("what the kernel refuses names its errno") {
  const auto message = [](const std::string& path, const Settings& settings) -> std::string {
    try {
      run_path(path, settings);
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  };
  // Thirteen records at once need more descriptors than the card's rings have; software has no rings.
  const Settings large = {{"/buffer", "200 KiB"}, {"/file/size", "300 KiB"}};
  CHECK_THAT(message("shortcut", large), Contains("ENOMEM"));
  CHECK_THAT(message("shortcut", with_gcm(large)), Contains("EMSGSIZE"));
  CHECK_THAT(message("traditional", {{"/buffer", "300 KiB"}, {"/file/size", "300 KiB"}}), Contains("E2BIG"));
  CHECK_THAT(message("nic", large), Contains("EMSGSIZE"));
}
