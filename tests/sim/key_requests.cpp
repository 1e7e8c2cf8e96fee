#include "key_requests.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cryptopath::test {

using namespace cryptopath::sim;
using namespace cryptopath::literals;

namespace {

KeyParameter parameter_of(ExampleHost& host, std::int64_t bits) { return {bits, host.memory.allocate(bytes_of(bits))}; }

}  // namespace

Task<> ask_for(ExampleHost& host, KeyAlgorithm algorithm, const Numbers& inputs, const Numbers& outputs) {
  KeyCall call{algorithm, {}, {}};
  Bytes size;
  const auto append = [&size](const Numbers& numbers, std::vector<KeyCall::Parameter>& to) {
    for (const std::int64_t bits : numbers) {
      to.push_back({bits, size});
      size += bytes_of(bits);
    }
  };
  append(inputs, call.inputs);
  append(outputs, call.outputs);
  co_await host.process.key(call, host.memory.allocate(size));
}

KeyRequest request_of(ExampleHost& host, const Numbers& inputs, std::int64_t result) {
  KeyRequest request;
  request.algorithm = mod_exp;
  for (const std::int64_t bits : inputs) request.inputs.push_back(parameter_of(host, bits));
  request.outputs.push_back(parameter_of(host, result));
  return request;
}

KeyRequest request_of(ExampleHost& host, std::int64_t modulus, std::int64_t exponent) {
  return request_of(host, Numbers{modulus, exponent, modulus}, modulus);
}

Task<> dispatch_keys(ExampleHost& host, std::vector<KeyRequest>& requests, Numbers& ends) {
  Thread& thread = host.process.user_context().thread();
  const Context context(host.processor, thread, ProcessorClass::kernel);
  WaitChannel completion("test", Priority::socket);
  for (KeyRequest& request : requests) {
    request.completion = &completion;
    co_await host.framework.crypto_kdispatch(context, request);
  }
  ends.assign(requests.size(), 0);
  while (std::ranges::count(ends, 0) > 0) {
    co_await host.processor.sleep(thread, completion);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (requests[i].done && ends[i] == 0) ends[i] = host.clock.now().count;
      ensure(requests[i].error == 0, "a public-key operation has failed");
    }
  }
}

void check_laws(ExampleHost& host) {
  host.framework.station().check(host.clock.now());
  for (const auto& card : host.cards) {
    const KeyEngine& keys = card->device.key_engine();
    for (std::size_t unit = 0; unit < keys.units(); ++unit) check(keys.figures(unit), host.clock.now());
  }
}

Numbers ends_of(const HostModels& models, const Numbers& exponents) {
  return in_child([&] {
    ExampleHost host(models);
    std::vector<KeyRequest> requests;
    for (const std::int64_t exponent : exponents) requests.push_back(request_of(host, 1024, exponent));
    Numbers ends;
    host.run(dispatch_keys(host, requests, ends));
    check_laws(host);
    ends.push_back(host.ledger.total(Act::interrupts));
    return ends;
  });
}

Counts counts_of(const HostModels& models, std::int64_t bits) {
  const std::string text = in_child([&] {
    ExampleHost host(models);
    Counts counts;
    host.run([](ExampleHost& at, const Numbers& inputs, const Numbers& outputs, Counts& into) -> Task<> {
      const Counts before = at.ledger.snapshot();
      co_await ask_for(at, mod_exp, inputs, outputs);
      into = difference(at.ledger.snapshot(), before);
    }(host, {bits, bits, bits}, {bits}, counts));
    check_laws(host);
    return nlohmann::json(counts).dump();
  });
  return nlohmann::json::parse(text).get<Counts>();
}

std::string answer_to(const HostModels& models, KeyAlgorithm algorithm, const Numbers& inputs, const Numbers& outputs) {
  return in_child([&]() -> std::string {
    ExampleHost host(models);
    try {
      host.run(ask_for(host, algorithm, inputs, outputs));
    } catch (const SystemCallError& error) {
      return std::to_string(error.error()) + " " + error.what();
    }
    return "0";
  });
}

std::int64_t service_of(const HostModels& models, std::int64_t modulus, std::int64_t exponent, std::int64_t times) {
  return in_child([&] {
           ExampleHost host(models);
           const KeyOperation operation{{}, {}, 0_B, modulus, exponent, times, nullptr};
           return Numbers{host.cards.front()->device.key_engine().service(operation).count};
         })
      .at(0);
}

}  // namespace cryptopath::test
