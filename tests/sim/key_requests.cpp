#include "key_requests.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cryptopath::test {

using namespace cryptopath::sim;
using namespace cryptopath::literals;

namespace {

KeyParameter parameter_of(ExampleHost& host, std::int64_t bits) {
  return {bits, {host.memory.allocate(bytes_of(bits)), 0_B, bytes_of(bits)}};
}

}  // namespace

KeyCall call_of(ExampleHost& host, KeyAlgorithm algorithm, const Numbers& inputs, const Numbers& outputs) {
  KeyCall call{algorithm, {}, {}};
  for (const std::int64_t bits : inputs) call.inputs.push_back(parameter_of(host, bits));
  for (const std::int64_t bits : outputs) call.outputs.push_back(parameter_of(host, bits));
  return call;
}

KeyRequest request_of(ExampleHost& host, std::int64_t modulus, std::int64_t exponent) {
  const KeyCall call = call_of(host, mod_exp, {modulus, exponent, modulus}, {modulus});
  KeyRequest request;
  request.algorithm = mod_exp;
  request.inputs = call.inputs;
  request.outputs = call.outputs;
  return request;
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
    const KeyCall call = call_of(host, mod_exp, {bits, bits, bits}, {bits});
    host.run([](ExampleHost& at, const KeyCall& what, Counts& into) -> Task<> {
      const Counts before = at.ledger.snapshot();
      co_await at.process.key(what);
      into = difference(at.ledger.snapshot(), before);
    }(host, call, counts));
    check_laws(host);
    return nlohmann::json(counts).dump();
  });
  return nlohmann::json::parse(text).get<Counts>();
}

std::string answer_to(const HostModels& models, KeyAlgorithm algorithm, const Numbers& inputs, const Numbers& outputs) {
  return in_child([&]() -> std::string {
    ExampleHost host(models);
    const KeyCall call = call_of(host, algorithm, inputs, outputs);
    try {
      host.run([](ExampleHost& at, const KeyCall& what) -> Task<> { co_await at.process.key(what); }(host, call));
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
