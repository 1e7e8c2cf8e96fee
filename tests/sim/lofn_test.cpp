// lofn(4) and nofn(4): which registers an operation takes, what is refused, and that one is worked on at a time. In the
// example machine an exponentiation of 1024 bits takes 1 us for each bit of the exponent, and reading a register 8 ns.
#include <catch2/catch.hpp>

#include "key_requests.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

HostModels with_alu(const std::string& driver = "lofn") {
  HostModels models;
  const PciInterface pci = models.card.pci;
  models.card = {};
  models.card.driver = driver;
  models.card.pci = pci;
  models.card.key_engine = {.units = 1,
                            .commands = 1,
                            .modular_exponentiation = 1'024'000_ns,
                            .registers_wide = true,
                            .driver_submit = Cycles(0),
                            .driver_complete = Cycles(0)};
  return models;
}

/// Registers read and written in one CIOCKEY: all that the card's bus has to carry.
std::int64_t registers_of(const std::string& driver, std::int64_t bits) {
  const Counts counts = counts_of(with_alu(driver), bits);
  CHECK(counts.at("bus.pci0.bytes") == 4 * counts.at("bus.pci0.transactions"));
  return counts.at("bus.pci0.transactions");
}

/// The microseconds of the crypto thread and of the handlers, for one CIOCKEY.
Numbers times_of(const HostModels& models) {
  const Counts counts = counts_of(models, 1024);
  return {counts.at("cpu.crypto_thread_ns") / 1000, counts.at("cpu.interrupt_ns") / 1000};
}

/// The errors of operations that are dispatched at once, what the bus carried, and the time.
Numbers errors_of(const std::vector<Numbers>& inputs) {
  return in_child([&] {
    ExampleHost host(with_alu());
    Numbers results;
    const auto body = [&]() -> Task<> {
      Thread& thread = host.process.user_context().thread();
      const Context context(host.processor, thread, ProcessorClass::kernel);
      WaitChannel completion("test", Priority::socket);
      std::vector<KeyRequest> requests;
      for (const Numbers& bits : inputs) {
        requests.push_back(request_of(host, bits, 1024));
        requests.back().completion = &completion;
      }
      for (KeyRequest& request : requests) co_await host.framework.crypto_kdispatch(context, request);
      for (const KeyRequest& request : requests) {
        while (!request.done) co_await host.processor.sleep(thread, completion);
        results.push_back(request.error);
      }
    };
    host.run(body());
    check_laws(host);
    results.push_back(host.ledger.snapshot().at("bus.pci0.transactions"));
    results.push_back(host.ended.count / 1000);
    return results;
  });
}

}  // namespace

TEST_CASE("A 6500 takes its numbers and gives its result register by register and moves nothing by DMA") {
  const Counts counts = counts_of(with_alu(), 1024);
  // Four registers of 32 words wiped; three numbers and their lengths; an instruction, the command, the interrupt on.
  constexpr std::int64_t written = 4 * 32 + 3 * (32 + 1) + 3;
  // The status; the result and its length; the registers wiped, the interrupt off.
  constexpr std::int64_t in_handler = 1 + 33 + 4 * 32 + 1;
  CHECK(counts.at("bus.pci0.transactions") == written + in_handler);
  CHECK(counts.at("interrupts") == 1);
  CHECK(counts.at("dma.host_to_device") == 0);
  CHECK(counts.at("dma.device_to_host") == 0);
  CHECK(counts.at("copies.user_to_kernel") == 3);
  CHECK(counts.at("copies.kernel_to_user") == 1);
  CHECK(counts.at("process_switches") == 3);
}

TEST_CASE("A modulus shorter than a register takes shifts and the 7814 reads three registers more") {
  // Two instructions for each number and the result: to the register's top and back.
  CHECK(registers_of("lofn", 1024) == 393);
  CHECK(registers_of("lofn", 512) == 393 + 2 * 4);
  CHECK(registers_of("lofn", 1023) == 393 + 2 * 4);
  // The interrupt enable register before each write to it, and the chip's status before that of the unit.
  CHECK(registers_of("nofn", 1024) == 393 + 3);
  CHECK(registers_of("nofn", 512) == 393 + 3 + 2 * 4);
}

TEST_CASE("The processor pays for each register in the crypto thread and in the handler") {
  HostModels models = with_alu();
  models.kernel.device_register_write = 1_us;
  CHECK(times_of(models) == Numbers{230, 129});
  models.kernel.device_register_write = 0_ns;
  models.kernel.device_register_read = 1_us;
  CHECK(times_of(models) == Numbers{0, 34});
  models = with_alu();
  models.card.key_engine.driver_submit = Cycles(5'000);  // at 1 GHz
  models.card.key_engine.driver_complete = Cycles(3'000);
  CHECK(times_of(models) == Numbers{5, 3});
}

TEST_CASE("lofn and nofn refuse what their registers have no room for with ERANGE or E2BIG") {
  for (const char* driver : {"lofn", "nofn"}) {
    const auto answer = [driver](const Numbers& inputs) {
      return answer_to(with_alu(driver), mod_exp, inputs, {1024});
    };
    CHECK(answer({1024, 1024, 1024}) == "0");
    CHECK(answer({5, 1, 5}) == "0");
    CHECK_THAT(answer({1025, 17, 1025}), starts_with(ERANGE) && Catch::Contains("CRK_MOD_EXP of 1025, 17, 1025 bits"));
    CHECK_THAT(answer({1024, 17, 1025}), starts_with(E2BIG));
    CHECK_THAT(answer({4, 4, 4}), starts_with(ERANGE));
    CHECK_THAT(answer({513, 512, 512}), starts_with(E2BIG));
    CHECK_THAT(answer({512, 513, 512}), starts_with(E2BIG));
    CHECK_THAT(answer({512, 0, 512}), starts_with(ERANGE));
    // Nothing else is registered.
    CHECK_THAT(answer_to(with_alu(driver), mod_exp_crt, {512, 512, 1024, 512, 512, 512}, {1024}), starts_with(ENODEV));
    CHECK_THAT(answer_to(with_alu(driver), KeyAlgorithm::diffie_hellman, {1024, 1024, 1024}, {1024}),
               starts_with(ENODEV));
  }
}

TEST_CASE("A refused operation leaves its registers wiped") {
  CHECK(errors_of({{1025, 17, 1025}}) == Numbers{ERANGE, 128, 0});
  CHECK(errors_of({{1024, 17, 1025}}) == Numbers{E2BIG, 128 + 128, 0});
  CHECK(errors_of({{1024, 1025, 1024}}) == Numbers{E2BIG, 128 + 2 * 33 + 128, 0});
  CHECK(errors_of({{513, 512, 512}}) == Numbers{E2BIG, 128 + 35 + 128, 0});
}

TEST_CASE("One operation is in work and the others wait in the driver whatever their number") {
  const Numbers ends = ends_of(with_alu(), Numbers(100, 64));
  REQUIRE(ends.size() == 101);
  CHECK(ends.back() == 100);  // an interrupt each
  for (std::size_t i = 0; i < 100; ++i) {
    CHECK(ends.at(i) == Approx(static_cast<double>(i + 1) * 64'000).epsilon(0.01));
  }
}

TEST_CASE("The handler starts the next operation and passes over those that are refused") {
  const Numbers results = errors_of({{1024, 100, 1024}, {1025, 100, 1025}, {1024, 100, 1025}, {1024, 200, 1024}});
  // The interrupt is switched on for each of the two, and off after the last.
  CHECK(results == Numbers{0, ERANGE, E2BIG, 0, 2 * 392 + 128 + 256 + 1, 300});
}

TEST_CASE("An interrupt of another card on the line costs a register and ends nothing") {
  for (const char* driver : {"lofn", "nofn"}) {
    const auto numbers = in_child([driver] {
      ExampleHost host(with_alu(driver));
      std::vector<KeyRequest> requests;
      requests.push_back(request_of(host, 1024, 1024));
      Numbers ends;
      const auto raise = [](void* to, std::uint64_t) {
        ExampleHost& at = *static_cast<ExampleHost*>(to);
        at.processor.raise(at.cards.front()->line);
      };
      host.clock.after(500_us, raise, &host);
      host.run(dispatch_keys(host, requests, ends));
      check_laws(host);
      ends.push_back(host.ledger.snapshot().at("bus.pci0.transactions"));
      return ends;
    });
    CHECK(numbers.at(0) / 1000 == 1024);
    CHECK(numbers.at(1) == (driver == std::string("nofn") ? 396 : 393) + 1);
  }
}

TEST_CASE("The ALU takes time with the modulus and with the exponent") {
  CHECK(service_of(with_alu(), 1024, 1024) == 1'024'000);
  CHECK(service_of(with_alu(), 1024, 17) == 17'000);
  CHECK(service_of(with_alu(), 512, 512) == 1'024'000 / 4);
}

TEST_CASE("A card of lofn has no sessions for requests") {
  const std::string error = in_child([]() -> std::string {
    HostModels models = with_alu();
    ExampleHost host(models);
    try {
      host.framework.crypto_newsession(cipher_name, true);
    } catch (const SystemCallError& refused) {
      return std::to_string(refused.error());
    }
    return "0";
  });
  CHECK(error == std::to_string(EINVAL));
}
