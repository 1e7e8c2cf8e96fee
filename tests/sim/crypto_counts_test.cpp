// What a request to /dev/crypto costs in counts, for software and both families of cards, and what it is refused for.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "example_host.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

/// CIOCCRYPT over so much in a session of its own; `counts` are those of the one call.
Task<> crypt_once(ExampleHost& host, std::string algorithm, Bytes size, Counts& counts) {
  co_await host.process.create_session(algorithm);
  const std::vector<CryptoOperation> operations(1, CryptoOperation{size, size, {}});
  const Segment segment{host.memory.allocate(size), 0_B, size};
  const Counts before = host.ledger.snapshot();
  co_await host.process.crypt(operations, segment);
  counts = difference(host.ledger.snapshot(), before);
  co_await host.process.free_session();
}

Counts counts_of_call(const HostModels& models, const std::string& algorithm, Bytes size) {
  const std::string text = in_child([&] {
    ExampleHost host(models);
    Counts counts;
    host.run(crypt_once(host, algorithm, size, counts));
    host.framework.station().check(host.clock.now());
    return nlohmann::json(counts).dump();
  });
  return nlohmann::json::parse(text).get<Counts>();
}

/// System calls, copies between user and kernel, process switches, interrupts, DMA of data; then mode crossings and
/// what the papers count.
Numbers table_of(const HostModels& models, const std::string& algorithm = cipher_name) {
  const Counts counts = counts_of_call(models, algorithm, 8_KiB);
  return {counts.at("system_calls"),
          counts.at("copies.user_to_kernel") + counts.at("copies.kernel_to_user"),
          counts.at("process_switches"),
          counts.at("interrupts"),
          counts.at("dma.host_to_device") + counts.at("dma.device_to_host"),
          counts.at("mode_crossings"),
          counts.at("paper.copies"),
          counts.at("paper.context_switches")};
}

/// What opening a session fails with, or 0.
std::int64_t errno_of_session(const HostModels& models, const std::string& algorithm, bool hardware_only) {
  return in_child([&] {
           ExampleHost host(models);
           try {
             host.framework.crypto_freesession(host.framework.crypto_newsession(algorithm, hardware_only));
           } catch (const SystemCallError& error) {
             return Numbers{error.error()};
           }
           return Numbers{0};
         })
      .at(0);
}

HostModels with_costs() {
  HostModels models;
  models.kernel.system_call = 500_ns;
  models.kernel.process_switch = 1_us;
  models.kernel.wakeup = 500_ns;
  models.kernel.interrupt = 4_us;
  models.kernel.isa_write = 1_us;
  models.kernel.crypto_dispatch = models.kernel.crypto_callback = 500_ns;
  models.card.driver_submit = models.card.driver_complete = Cycles(1000);
  models.processor.copy = {0.7};
  return models;
}

HostModels with_ubsec() {
  HostModels models = with_costs();
  make_ubsec(models.card);
  return models;
}

/// The errno of a request of `size` bytes, and the message.
std::string refusal_of(const HostModels& models, Bytes size, const std::string& algorithm = cipher_name) {
  return in_child([&]() -> std::string {
    ExampleHost host(models);
    Counts counts;
    try {
      host.run(crypt_once(host, algorithm, size, counts));
    } catch (const SystemCallError& error) {
      return std::to_string(error.error()) + " " + error.what();
    }
    return "none";
  });
}

std::string number_of(int error) { return std::to_string(error) + " "; }

}  // namespace

TEST_CASE("A request through a card takes one call and two copies and three switches and one interrupt") {
  CHECK(table_of(with_costs()) == Numbers{1, 2, 3, 1, 2, 2, 2, 4});
  CHECK(table_of(with_ubsec()) == Numbers{1, 2, 3, 1, 2, 2, 2, 4});
}

TEST_CASE("With completion in the interrupt a request takes two switches") {
  for (HostModels models : {with_costs(), with_ubsec()}) {
    models.kernel.completion_in_interrupt = true;
    CHECK(table_of(models) == Numbers{1, 2, 2, 1, 2, 2, 2, 4});
  }
}

TEST_CASE("A request in software takes two switches and no interrupt and no transfer") {
  HostModels models = with_costs();
  models.cards = 0;
  models.ciphers["null"] = {{0}, Cycles(0)};
  CHECK(table_of(models) == Numbers{1, 2, 2, 0, 0, 2, 2, 4});
  CHECK(table_of(models, "null") == Numbers{1, 2, 2, 0, 0, 2, 2, 4});
}

TEST_CASE("hifn reads one register and writes one and ubsec two of each a request") {
  // 400 B is a burst each way. hifn reads the command and the descriptors of command, source, destination and result,
  // and writes the result and these descriptors; ubsec reads the MCR and the context and writes the MCR. Its driver
  // reads the status and writes the MCR's address before, and its handler what hifn's does.
  const auto transactions = [](const HostModels& models) {
    return counts_of_call(models, cipher_name, 400_B).at("bus.pci0.transactions");
  };
  CHECK(transactions(with_costs()) == (1 + 5) + (1 + 5) + 2);
  CHECK(transactions(with_ubsec()) == (1 + 2) + (1 + 1) + 2 + 2);
}

TEST_CASE("A card's refusal reaches the process by name") {
  HostModels models;
  models.card.largest_request = 1000_B;
  CHECK(refusal_of(models, 1000_B) == "none");
  CHECK_THAT(
      refusal_of(models, 1008_B),
      Catch::StartsWith(number_of(EINVAL)) &&
          Catch::Contains("ioctl(CIOCCRYPT) failed: EINVAL (Invalid argument), 1008 B in one request of 1 in the "
                          "call; card0 takes 24 requests at once, if its descriptors last, of up to 1000 B "
                          "each: fewer at once, or fewer bytes in a call would do"));
}

TEST_CASE("A card that the kernel has no driver for is in its slot and nobody asks it") {
  HostModels models;
  models.card.driver = "none";
  models.card.engines.clear();  // as such a model is read
  CHECK(refusal_of(models, 1000_B) == "none");
  const Counts counts = counts_of_call(models, cipher_name, 400_B);
  CHECK(counts.at("interrupts") == 0);
  CHECK(counts.at("dma.host_to_device") == 0);
  CHECK(errno_of_session(models, cipher_name, true) == EINVAL);
}

TEST_CASE("A request above the limit of CIOCCRYPT is E2BIG") {
  HostModels models;
  models.cards = 0;
  models.kernel.crypto_request_limit = 262'140_B;
  CHECK(refusal_of(models, 262'136_B) == "none");
  CHECK_THAT(refusal_of(models, 262'144_B),
             Catch::StartsWith(number_of(E2BIG)) && Catch::Contains("E2BIG") && Catch::Contains("262140 B"));
}

TEST_CASE("A request off the cipher's block is EINVAL and a stream cipher has none") {
  HostModels models;
  models.ciphers["null"] = models.ciphers["aes-128-cbc"] = {{0}, Cycles(0)};
  CHECK(refusal_of(models, 1000_B) == "none");
  CHECK_THAT(refusal_of(models, 1001_B),
             Catch::StartsWith(number_of(EINVAL)) && Catch::Contains("1001 B is no multiple of the block of"));
  CHECK_THAT(refusal_of(models, 1000_B, "aes-128-cbc"), Catch::StartsWith(number_of(EINVAL)));
  CHECK(refusal_of(models, 1001_B, "null") == "none");
}

TEST_CASE("A session that no driver has is EINVAL and so is one in software where that is barred") {
  const auto error_of = [](std::size_t cards, const std::string& algorithm, bool hardware_only) {
    HostModels models;
    models.cards = cards;
    return errno_of_session(models, algorithm, hardware_only);
  };
  CHECK(error_of(0, "aes-128-gcm", false) == EINVAL);
  CHECK(error_of(0, cipher_name, false) == 0);
  CHECK(error_of(0, cipher_name, true) == EINVAL);
  CHECK(error_of(1, cipher_name, true) == 0);
}
