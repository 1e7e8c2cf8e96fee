// Public-key operations: what CIOCKEY costs in counts and is refused for, which driver serves it, and the time that the
// units of a chip take. In the example machine an exponentiation with a modulus of 1024 bits takes 1 us for each bit of
// the exponent.
#include <catch2/catch.hpp>

#include "key_requests.hpp"
#include "user/public_key.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

HostModels with_keys(std::int64_t units = 2) {
  HostModels models;
  make_ubsec(models.card);
  models.card.command_bytes = 36_B;
  models.card.descriptor_bytes = 12_B;
  models.card.result_bytes = 4_B;
  models.card.key_engine = {.units = units,
                            .commands = units + 1,
                            .modular_exponentiation = 1'024'000_ns,
                            .largest_modulus = 2048,
                            .driver_submit = Cycles(0),
                            .driver_complete = Cycles(0)};
  return models;
}

/// Of 1024 bits: 36 B of command, a context of 136, a descriptor of 12 and operands of 128 and of `exponent` bits in,
/// and 128 and 4 B out, each byte a nanosecond.
std::int64_t moved(std::int64_t exponent = 1024) { return 36 + 136 + 12 + 128 + exponent / 8 + 128 + 4; }

/// How many operations a card has done.
std::int64_t served(const ExampleHost& host, std::size_t card) {
  std::int64_t operations = 0;
  const KeyEngine& keys = host.cards[card]->device.key_engine();
  for (std::size_t unit = 0; unit < keys.units(); ++unit) operations += keys.figures(unit).completions;
  return operations;
}

/// What CIOCKEY of 1024 bits returns.
Task<> exponentiate(ExampleHost& host, KeyAlgorithm algorithm, int& error) {
  const bool crt = algorithm == mod_exp_crt;
  const Numbers inputs = crt ? Numbers{512, 512, 1024, 512, 512, 512} : Numbers{1024, 1024, 1024};
  const Numbers outputs = {1024};
  error = 0;
  try {
    co_await ask_for(host, algorithm, inputs, outputs);
  } catch (const SystemCallError& refused) {
    error = refused.error();
  }
}

}  // namespace

TEST_CASE("A public-key operation takes one call and a copy for each number and three switches and one interrupt") {
  HostModels models = with_keys();
  models.kernel.process_switch = models.kernel.wakeup = 1_us;
  const Counts counts = counts_of(models, 512);
  CHECK(counts.at("system_calls") == 1);
  CHECK(counts.at("mode_crossings") == 2);
  CHECK(counts.at("copies.user_to_kernel") == 3);
  CHECK(counts.at("copies.kernel_to_user") == 1);
  CHECK(counts.at("copied_bytes.user_to_kernel") == 3 * 64);
  CHECK(counts.at("copied_bytes.kernel_to_user") == 64);
  CHECK(counts.at("copies.arguments") == 2);  // struct crypt_kop in and, with the status, out
  CHECK(counts.at("process_switches") == 3);
  CHECK(counts.at("wakeups") == 3);
  CHECK(counts.at("interrupts") == 1);
  CHECK(counts.at("crypto_requests") == 1);
  CHECK(counts.at("dma.host_to_device") == 1);
  CHECK(counts.at("dma.device_to_host") == 1);
  CHECK(counts.at("dma_bytes.host_to_device") == 2 * 64);
  CHECK(counts.at("dma_bytes.device_to_host") == 64);
  // In: command, context, the exponent's descriptor and one burst of operands. Out: one burst and the command's flags.
  // Status and address by the driver, status and acknowledgement by its handler.
  CHECK(counts.at("bus.pci0.transactions") == 4 + 2 + 2 + 2);
}

TEST_CASE("With completion in the interrupt a public-key operation takes two switches") {
  HostModels models = with_keys();
  models.kernel.completion_in_interrupt = true;
  CHECK(counts_of(models, 512).at("process_switches") == 2);
}

TEST_CASE("CIOCKEY without a card that has public keys is ENODEV") {
  HostModels none = with_keys();
  none.cards = 0;
  const Numbers inputs = {1024, 1024, 1024};
  CHECK_THAT(answer_to(none, mod_exp, inputs, {1024}), starts_with(ENODEV) &&
                                                           Catch::Contains("ioctl(CIOCKEY) failed: ENODEV") &&
                                                           Catch::Contains("CRK_MOD_EXP of 1024, 1024, 1024 bits"));
  CHECK_THAT(answer_to({}, mod_exp, inputs, {1024}), starts_with(ENODEV));  // hifn
  CHECK_THAT(answer_to(with_keys(0), mod_exp, inputs, {1024}), starts_with(ENODEV));
  CHECK(answer_to(with_keys(), mod_exp, inputs, {1024}) == "0");
  // The driver has exponentiations only.
  CHECK_THAT(answer_to(with_keys(), KeyAlgorithm::diffie_hellman, inputs, {1024}), starts_with(ENODEV));
  CHECK_THAT(answer_to(with_keys(), KeyAlgorithm::dsa_sign, {160, 1024, 160, 1024, 160}, {160, 160}),
             starts_with(ENODEV));
}

TEST_CASE("CIOCKEY with another number of parameters than the operation has is EINVAL and with too many EFBIG") {
  CHECK_THAT(answer_to(with_keys(), mod_exp, {1024, 1024}, {1024}),
             starts_with(EINVAL) && Catch::Contains("with 2 parameters and 1 results"));
  CHECK_THAT(answer_to(with_keys(), mod_exp, {1024, 1024, 1024}, {}), starts_with(EINVAL));
  CHECK_THAT(answer_to(with_keys(), KeyAlgorithm::dsa_verify, {160, 1024, 160, 1024, 1024, 160, 160}, {8}),
             starts_with(EINVAL));
  CHECK_THAT(answer_to(with_keys(), mod_exp, {8, 8, 8, 8, 8, 8, 8, 8}, {8}), starts_with(EFBIG));
}

TEST_CASE("ubsec refuses numbers that the chip is too small for with E2BIG and a result without room with ERANGE") {
  CHECK(answer_to(with_keys(), mod_exp, {2048, 2048, 2048}, {2048}) == "0");
  CHECK_THAT(answer_to(with_keys(), mod_exp, {2049, 17, 2049}, {2049}), starts_with(E2BIG));
  CHECK_THAT(answer_to(with_keys(), mod_exp, {1024, 1025, 1024}, {1024}), starts_with(E2BIG));
  CHECK_THAT(answer_to(with_keys(), mod_exp, {1025, 1024, 1024}, {1024}), starts_with(E2BIG));
  CHECK_THAT(answer_to(with_keys(), mod_exp, {1024, 1024, 1024}, {1023}), starts_with(ERANGE));
  HostModels small = with_keys();
  small.card.key_engine.largest_modulus = 1024;  // as chips before the 5820
  CHECK_THAT(answer_to(small, mod_exp, {1025, 17, 1025}, {1025}), starts_with(E2BIG));
  const Numbers halves = {512, 512, 1024, 512, 512, 512};
  CHECK(answer_to(small, mod_exp_crt, halves, {1024}) == "0");
  CHECK_THAT(answer_to(small, mod_exp_crt, {513, 512, 1024, 512, 512, 512}, {1536}), starts_with(E2BIG));
  CHECK_THAT(answer_to(small, mod_exp_crt, {512, 512, 1024, 512, 513, 512}, {1024}), starts_with(E2BIG));
  CHECK_THAT(answer_to(small, mod_exp_crt, halves, {1023}), starts_with(E2BIG));
}

TEST_CASE("An exponentiation takes time with its exponent and the square of its modulus and with CRT a quarter") {
  const auto service = [](std::int64_t modulus, std::int64_t exponent, std::int64_t times = 1) {
    return service_of(with_keys(), modulus, exponent, times);
  };
  CHECK(service(1024, 1024) == 1'024'000);
  CHECK(service(1024, 17) == 17'000);
  CHECK(service(512, 512) == 1'024'000 / 8);
  CHECK(service(2048, 2048) == 1'024'000 * 8);
  CHECK(service(512, 512, 2) == 1'024'000 / 4);
}

TEST_CASE("One operation takes its transfers and its time in a unit") {
  CHECK(ends_of(with_keys(), {1024}).at(0) == 1'024'000 + moved() + 2 * 8);  // and the status, read twice in 8 ns
}

TEST_CASE("A chip that does not normalize takes an exponent to be as long as the modulus") {
  HostModels models = with_keys();
  models.card.key_engine.normalizes = false;
  const Numbers ends = ends_of(models, {17});
  CHECK(ends.at(0) == 1'024'000 + moved() + 2 * 8);
  // Of 600 bits, shifted to 768: the chip works on as many as the modulus has, and gets a place of 768 for each number.
  const Counts counts = counts_of(models, 600);
  CHECK(counts.at("dma_bytes.host_to_device") == 2 * 96);
  CHECK(counts_of(with_keys(), 600).at("dma_bytes.host_to_device") == 96 + 75);
}

TEST_CASE("As many operations run at once as the chip has units") {
  // Status and address of each come before the next is handed over.
  const auto rough = [](const HostModels& models, std::size_t count) {
    Numbers ends = ends_of(models, Numbers(count, 1024));
    CHECK(ends.back() == static_cast<std::int64_t>(count));  // an interrupt an operation
    ends.pop_back();
    for (std::int64_t& end : ends) end /= 100'000;
    return ends;
  };
  CHECK(rough(with_keys(1), 4) == Numbers{10, 20, 30, 40});
  CHECK(rough(with_keys(2), 4) == Numbers{10, 10, 20, 20});
  CHECK(rough(with_keys(4), 4) == Numbers{10, 10, 10, 10});
}

TEST_CASE("Operations beyond what the chip holds wait in the driver and none is refused") {
  const Numbers ends = ends_of(with_keys(), Numbers(100, 64));
  REQUIRE(ends.size() == 101);
  CHECK(ends.back() == 100);
  // Two units work on fifty each without a pause: a command stands behind them in the chip.
  CHECK(ends.at(99) == Approx(50 * (64'000 + moved(64))).epsilon(0.01));
}

TEST_CASE("ubsec takes results in the order of its commands and one that ended early waits") {
  const Numbers ends = ends_of(with_keys(), {1024, 100});
  CHECK(ends.at(0) > 1'024'000);
  CHECK(ends.at(1) == ends.at(0));
  CHECK(ends.at(2) == 2);
  const Numbers other_way = ends_of(with_keys(), {100, 1024});
  CHECK(other_way.at(0) < 110'000);
  CHECK(other_way.at(1) > 1'024'000);
}

TEST_CASE("The first driver that has an operation serves all of them until it leaves") {
  const auto numbers = in_child([] {
    HostModels models = with_keys();
    models.cards = 2;
    ExampleHost host(models);
    const auto dispatch = [&host](int count) -> Task<> {
      std::vector<KeyRequest> requests;
      for (int i = 0; i < count; ++i) requests.push_back(request_of(host, 512, 17));
      Numbers ends;
      co_await dispatch_keys(host, requests, ends);
    };
    Numbers result;
    const auto both = [&]() -> Task<> {
      co_await dispatch(6);
      result = {served(host, 0), served(host, 1)};
      host.framework.crypto_unregister_all(host.cards[0]->driver->id());
      co_await dispatch(4);
      result.insert(result.end(), {served(host, 0), served(host, 1)});
    };
    host.run(both());
    check_laws(host);
    return result;
  });
  CHECK(numbers == Numbers{6, 0, 6, 4});
}

TEST_CASE("An operation that a driver unregisters goes to the next that has it and its other algorithms stay") {
  const auto numbers = in_child([] {
    HostModels models = with_keys();
    models.cards = 2;
    ExampleHost host(models);
    const auto session = host.framework.crypto_newsession(cipher_name);
    Numbers result;
    const auto body = [&]() -> Task<> {
      for (std::size_t card = 0; card <= host.cards.size(); ++card) {
        for (const KeyAlgorithm algorithm : {mod_exp, mod_exp_crt}) {
          int error = 0;
          co_await exponentiate(host, algorithm, error);
          result.insert(result.end(), {error, served(host, 0), served(host, 1)});
        }
        if (card < host.cards.size()) host.framework.crypto_unregister(host.cards[card]->driver->id(), mod_exp);
      }
    };
    host.run(body());
    check_laws(host);
    result.push_back(session->driver == host.cards[1]->driver.get());
    return result;
  });
  // Errno and what each card has done, of an exponentiation and one with CRT: with both cards, without the first one's
  // exponentiation, without any.
  CHECK(numbers == Numbers{0, 1, 0, 0, 2, 0, 0, 2, 1, 0, 3, 1, ENODEV, 3, 1, 0, 4, 1, 1});
}

TEST_CASE("An operation in work when the driver unregisters it is done and the next one finds no driver") {
  const auto numbers = in_child([] {
    ExampleHost host(with_keys());
    host.tasks.start([](ExampleHost& at) -> Task<> {
      co_await at.clock.delay(500_us);  // of more than 1024
      at.framework.crypto_unregister(at.cards.front()->driver->id(), mod_exp);
    }(host));
    Numbers result;
    host.run([](ExampleHost& at, Numbers& into) -> Task<> {
      for (int i = 0; i < 2; ++i) {
        int error = 0;
        co_await exponentiate(at, mod_exp, error);
        into.insert(into.end(), {error, at.clock.now() > 1000_us, served(at, 0)});
      }
    }(host, result));
    check_laws(host);
    return result;
  });
  CHECK(numbers == Numbers{0, 1, 1, ENODEV, 1, 1});
}

TEST_CASE("The crypto thread serves both kinds of request side by side") {
  const auto numbers = in_child([] {
    ExampleHost host(with_keys());
    const std::unique_ptr<CryptoSession> session = host.framework.crypto_newsession(cipher_name);
    std::vector<CryptoRequest> requests;
    for (int i = 0; i < 12; ++i) requests.push_back(make_request(host, *session, 8_KiB));
    std::vector<KeyRequest> keys;
    for (int i = 0; i < 4; ++i) keys.push_back(request_of(host, 1024, 300));
    Numbers ends;
    const auto body = [&]() -> Task<> {
      Thread& thread = host.process.user_context().thread();
      const Context context(host.processor, thread, ProcessorClass::kernel);
      WaitChannel completion("test", Priority::socket);
      for (KeyRequest& key : keys) {
        key.completion = &completion;
        co_await host.framework.crypto_kdispatch(context, key);
      }
      co_await dispatch_all(host, requests);
      ends.push_back(host.clock.now().count);
      for (KeyRequest& key : keys) {
        while (!key.done) co_await host.processor.sleep(thread, completion);
      }
      ends.push_back(host.clock.now().count);
    };
    host.run(body());
    check_laws(host);
    host.cards.front()->device.station().check(host.clock.now());
    ends.push_back(host.ledger.total(Act::crypto_requests));
    return ends;
  });
  CHECK(numbers.at(0) == Approx(12 * 81'920).epsilon(0.02));  // the packets' engine works as if it were alone
  CHECK(numbers.at(1) == Approx(12 * 81'920).epsilon(0.02));  // within which the keys, 300 us twice, are done too
  CHECK(numbers.at(2) == 16);
}

TEST_CASE("One interrupt for both queues serves both") {
  const auto numbers = in_child([] {
    HostModels models = with_keys();
    models.card.driver_submit = Cycles(500'000);  // 500 us, in which the thread holds the card's interrupts off
    ExampleHost host(models);
    const std::unique_ptr<CryptoSession> session = host.framework.crypto_newsession(cipher_name);
    std::vector<CryptoRequest> requests;
    for (int i = 0; i < 2; ++i) requests.push_back(make_request(host, *session, 1_KiB));
    KeyRequest key = request_of(host, 1024, 100);
    const auto body = [&]() -> Task<> {
      Thread& thread = host.process.user_context().thread();
      WaitChannel completion("test", Priority::socket);
      key.completion = &completion;
      co_await host.framework.crypto_kdispatch(Context(host.processor, thread, ProcessorClass::kernel), key);
      co_await dispatch_all(host, requests);
      while (!key.done) co_await host.processor.sleep(thread, completion);
    };
    host.run(body());
    check_laws(host);
    return Numbers{host.ledger.total(Act::crypto_requests), host.ledger.total(Act::interrupts)};
  });
  // The first request and the key are done while the second request is handed over.
  CHECK(numbers == Numbers{3, 2});
}

TEST_CASE("The numbers of an operation lie one behind the other in memory that they fill") {
  for (const PublicKeyOperation operation : {PublicKeyOperation::rsa_sign, PublicKeyOperation::dsa_verify}) {
    const auto [calls, memory] = engine_calls({operation, 1024, true, Cycles(0)});
    Bytes end;
    for (const KeyCall& call : calls) {
      for (const auto* parameters : {&call.inputs, &call.outputs}) {
        for (const KeyCall::Parameter& parameter : *parameters) {
          CHECK(parameter.offset == end);
          end += bytes_of(parameter.bits);
        }
      }
    }
    CHECK(memory == end);
  }
}
