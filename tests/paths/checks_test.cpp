// That each run is checked everywhere: a result names what was checked, and here is what a machine demands.
#include <algorithm>
#include <catch2/catch.hpp>

#include "run_path.hpp"

using namespace cryptopath;
using namespace cryptopath::test;
using Catch::Matchers::Contains;

namespace {

using Names = std::vector<std::string>;

/// Which of the machine's vertices have one of the models, in the machine's order.
template <class... Models>
Names named(const Machine& machine, const std::string& prefix) {
  Names names;
  for (const Vertex& vertex : machine.vertices()) {
    if ((std::holds_alternative<Models>(vertex.data) || ...)) names.push_back(prefix + vertex.name);
  }
  return names;
}

Names demanded(const RunSpec& run) {
  Names names = {"station crypto framework",
                 "sum of the processor's classes",
                 "bytes accepted by the socket",
                 "bytes received",
                 "bytes sent",
                 "bytes of records"};
  const auto add = [&names](const Names& more) { names.insert(names.end(), more.begin(), more.end()); };
  add(named<MemoryModel, PciSegmentModel, WireModel>(*run.machine, "bus "));
  add(named<AcceleratorModel, DiskModel>(*run.machine, "station "));
  // A card in a slot may be a second NIC: one sends, the first.
  names.push_back(named<NicModel>(*run.machine, "station ").at(0));
  if (run.program.name == "nic") names.push_back(names.back() + ".engine");
  if (run.payload == Payload::real) names.emplace_back("bytes read by the peer");
  std::sort(names.begin(), names.end());
  return names;
}

std::string fault_of(const RunSpec& run) {
  try {
    run_path(run);
  } catch (const Fault& fault) {
    return fault.what();
  }
  return "no fault";
}

/// A run of `steps` without bytes, which nobody has read for sense, as a scenario's programs are.
RunSpec run_of(std::vector<Step> steps, bool protects) {
  RunSpec run = load_path("http-read-write", {{"/file/size", "100 kB"}, {"/payload", "modelled"}});
  run.program.protects = protects;
  run.program.steps = std::move(steps);
  return run;
}

Step step(Step::Kind kind, std::vector<Step> steps = {}) { return {kind, Bytes(0), std::move(steps)}; }

}  // namespace

TEST_CASE("every run is checked at each station and bus of its machine and for every sum that is conserved") {
  const std::string path = GENERATE("traditional", "shortcut", "library", "nic", "http-read-write", "http-sendfile");
  const std::string payload = GENERATE("real", "modelled");
  const std::string cache = GENERATE("hot", "cold");
  const RunSpec run = load_path(path, {{"/file/size", "100 kB"}, {"/payload", payload}, {"/file/cache", cache}});
  Names checked = run_path(run).checked;
  std::sort(checked.begin(), checked.end());
  CHECK(checked == demanded(run));
}

TEST_CASE("a program that sends another file than it opened is a fault of the run") {
  using Kind = Step::Kind;
  const Step all = step(Kind::repeat_until_end_of_file, {step(Kind::read), step(Kind::write)});
  const auto between = [](std::vector<Step> steps) {
    steps.insert(steps.begin(), step(Kind::open_file));
    steps.push_back(step(Kind::close_file));
    steps.push_back(step(Kind::close_socket));
    return steps;
  };
  CHECK(fault_of(run_of(between({all}), false)) == "no fault");
  CHECK_THAT(fault_of(run_of(between({step(Kind::read), step(Kind::write)}), false)),
             Contains("the socket has not accepted the whole file"));
  CHECK_THAT(fault_of(run_of(between({all, step(Kind::write)}), false)),
             Contains("the socket has not accepted the whole file"));
  CHECK_THAT(fault_of(run_of(between({all}), true)), Contains("the wire does not end where its last record does"));
}

TEST_CASE("a peer that loses a byte or reads another one is a fault of the run") {
  /// Reads as the peer that it has taken the place of, but for the last byte of its first record.
  class FaultyPeer final : public Peer {
   public:
    FaultyPeer(std::unique_ptr<Peer> peer, bool loses) : peer_(std::move(peer)), loses_(loses) {}
    void receive(std::span<const std::byte> wire, std::vector<std::byte>& plaintext) override {
      peer_->receive(wire, plaintext);
      if (done_ || plaintext.empty()) return;
      done_ = true;
      if (loses_) {
        plaintext.pop_back();
      } else {
        plaintext.back() ^= std::byte{1};
      }
    }
    bool closed() const override { return peer_->closed(); }
    std::string name() const override { return "faulty"; }

   private:
    std::unique_ptr<Peer> peer_;
    bool loses_;
    bool done_ = false;
  };
  const bool loses = GENERATE(true, false);
  const RunSpec run = load_path("shortcut", {{"/file/size", "5 kB"}});
  const std::string fault = in_child([&run, loses] {
    Session session = handshake(run.format, run.seed);
    session.peer = std::make_unique<FaultyPeer>(std::move(session.peer), loses);
    try {
      simulate(run, std::move(session));
    } catch (const Fault& found) {
      return std::string(found.what());
    }
    return std::string("no fault");
  });
  CHECK_THAT(fault, Contains(loses ? "faulty accepted 4999 bytes" : "differs at byte 4999"));
}
