#include "example_host.hpp"

namespace cryptopath::test {

using namespace sim;
using namespace literals;

Machine example_machine(const HostModels& models) {
  std::vector<Vertex> vertices = {{"cpu0", "", models.processor},   {"memory", "", models.memory},
                                  {"bridge", "", BridgeModel{}},    {"pci0", "", models.card_segment},
                                  {"pci1", "", models.nic_segment}, {"nic0", "", models.nic},
                                  {"wire", "", models.wire},        {"disk0", "", models.disk}};
  std::vector<Connection> connections = {{"cpu0", "bridge"}, {"memory", "bridge"}, {"bridge", "pci0"},
                                         {"bridge", "pci1"}, {"pci1", "nic0"},     {"nic0", "wire"},
                                         {"disk0", "pci1"}};
  for (std::size_t i = 0; i < models.cards; ++i) {
    const std::string name = "card" + std::to_string(i);
    vertices.push_back({name, "", models.card, models.card_interrupt});
    connections.push_back({"pci0", name});
  }
  return Machine("example", std::move(vertices), connections);
}

HostModels::HostModels() {
  constexpr PciInterface pci{64, 125_MHz};
  kernel.quantum = 100_ms;
  kernel.hardclock = 10_ms;
  kernel.statclock = 7812500_ns;
  kernel.send_buffer = 16_KiB;
  kernel.send_buffer_limit = 256_KiB;
  kernel.mbuf_cluster = 2_KiB;
  kernel.page = 4_KiB;
  kernel.crypto_request_limit = 262'140_B;
  processor = {1000_MHz, 512_KiB, 8, {0}, {0}, 64000_Mbit_s};
  memory = {1024_MiB, 64000_Mbit_s};
  card_segment = nic_segment = {pci.width_bits, pci.clock, 512_B, Cycles(0), Cycles(0)};
  card.driver = "hifn";
  card.pci = nic.pci = pci;
  card.command_ring = card.result_ring = 24;
  card.source_ring = card.destination_ring = 80;
  card.fifo = 500_B;
  card.fetch_ahead = 1;
  card.sessions = 10;
  card.largest_request = 65'532_B;
  card.engines[cipher_name] = 800_Mbit_s;  // a tenth of a byte a nanosecond
  nic.transmit_ring = nic.receive_ring = 512;
  nic.coalesced_packets = 1;
  nic.checksum_offload = true;
  nic.maximum_packet = 1500_B;
  wire.rate = 1000_Mbit_s;
  wire.peer_receive_window = 64_KiB;
  disk = {8_ms, 400_Mbit_s, 64_KiB};
  ciphers[cipher_name] = {{100}, Cycles(1000)};
}

void make_ubsec(AcceleratorModel& card) {
  card.driver = "ubsec";
  card.command_ring = 1;
  card.source_ring = card.destination_ring = card.result_ring = no_limit;
  card.packets_per_command = 5;
  card.queue = 60;
  card.sessions = no_limit;
}

ExampleHost::Card::Card(ExampleHost& host, VertexIndex vertex)
    : device(host.clock, host.ledger, host.interconnect, host.cache, host.machine, vertex, host.models.real_bytes, 1),
      driver(make_driver(host.kernel, host.framework, device)),
      line(device.name(), [this] { return driver->on_interrupt(); }) {}

ExampleHost::ExampleHost(HostModels given) : models(std::move(given)), machine(example_machine(models)) {
  for (std::size_t i = 0; i < models.cards; ++i) {
    Card& card = *cards.emplace_back(std::make_unique<Card>(*this, machine.find("card" + std::to_string(i))));
    card.device.on_interrupt([this, &card] { processor.raise(card.line); });
  }
  if (models.crypto_processor) {
    crypto_processor = std::make_unique<CryptoProcessor>(kernel, framework, models.ciphers);
  }
  buses.seal();
  nic.on_interrupt([this] { processor.raise(nic_line); });
  disk.on_interrupt([this] { processor.raise(disk_line); });
}

Task<> ExampleHost::live(Task<> body) {
  co_await process.begin();
  co_await body;
  process.exit();
  ended = clock.now();
}

void ExampleHost::run(Task<> body) {
  tasks.start(framework.run_thread());  // waits for the processor until the run begins
  tasks.start(live(std::move(body)));
  run_devices();
}

void ExampleHost::run_devices() {
  processor.start(tasks);
  tasks.start(nic.fetch_packets());
  tasks.start(nic.transmit());
  tasks.start(nic.encipher());
  tasks.start(nic.receive_acknowledgements());
  tasks.start(nic.store_acknowledgements());
  tasks.start(disk.serve());
  if (crypto_processor) tasks.start(crypto_processor->work());
  for (const auto& card : cards) {
    tasks.start(card->device.fetch_operations());
    tasks.start(card->device.run_engine());
    tasks.start(card->device.store_results());
    KeyEngine& keys = card->device.key_engine();
    for (std::size_t unit = 0; unit < keys.units(); ++unit) tasks.start(keys.work(unit));
  }
  clock.run(Nanoseconds(3'600'000'000'000));
  processor.settle();
}

CryptoRequest make_request(ExampleHost& host, CryptoSession& session, Bytes size, std::int64_t segments) {
  CryptoRequest request;
  request.session = &session;
  request.processed = size;
  for (std::int64_t i = 0; i < segments; ++i) {
    const Bytes piece(size.count * (i + 1) / segments - size.count * i / segments);
    request.source.push_back({host.memory.allocate(piece), 0_B, piece});
  }
  return request;
}

Task<> dispatch_all(ExampleHost& host, std::vector<CryptoRequest>& requests) {
  Thread& thread = host.process.user_context().thread();
  const Context context(host.processor, thread, ProcessorClass::kernel);
  WaitChannel completion("test", Priority::socket);
  for (CryptoRequest& request : requests) {
    request.completion = &completion;
    co_await host.framework.crypto_dispatch(context, request);
  }
  for (const CryptoRequest& request : requests) {
    while (!request.done) co_await host.processor.sleep(thread, completion);
  }
}

Task<> dispatch_some(ExampleHost& host, CryptoSession& session, int count) {
  std::vector<CryptoRequest> requests;
  for (int i = 0; i < count; ++i) requests.push_back(make_request(host, session, 1_KiB));
  co_await dispatch_all(host, requests);
  for (const CryptoRequest& request : requests) ensure(request.error == 0, "a request has failed");
}

}  // namespace cryptopath::test
