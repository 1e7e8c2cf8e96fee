#include "models.hpp"

#include <algorithm>
#include <string>

#include "cryptopath/algorithm.hpp"
#include "names.hpp"

namespace cryptopath {

namespace {

PciInterface read_pci(const ModelReader& reader) {
  return {.width_bits = static_cast<int>(reader.count("width_bits")), .clock = reader.frequency("clock")};
}

void check_algorithm(const Node& node) {
  if (is_algorithm(node.key())) return;
  node.reject("the unknown algorithm " + in_quotes(node.key()), expected_name(node.key(), all_algorithms()));
}

std::map<std::string, BitsPerSecond> read_engines(const ModelReader& reader) {
  std::map<std::string, BitsPerSecond> engines;
  for (const Node& engine : reader.node().at("engines").children()) {
    check_algorithm(engine);
    engines.emplace(engine.key(), reader.at("engines").rate(engine.key()));
  }
  return engines;
}

}  // namespace

ProcessorModel read_processor(const ModelReader& reader) {
  return {.clock = reader.frequency("clock"),
          .cache = reader.size("cache"),
          .cache_ways = reader.count("cache_ways"),
          .copy = reader.cost_per_byte("copy"),
          .zero = reader.cost_per_byte("zero"),
          .miss_rate = reader.rate("miss_rate")};
}

MemoryModel read_memory(const ModelReader& reader) {
  return {.size = reader.size("size"), .bandwidth = reader.rate("bandwidth")};
}

PciSegmentModel read_segment(const ModelReader& reader) {
  return {.width_bits = static_cast<int>(reader.count("width_bits")),
          .clock = reader.frequency("clock"),
          .burst = reader.size("burst", Bytes(8)),
          .read_overhead = reader.cycles("read_overhead"),
          .write_overhead = reader.cycles("write_overhead")};
}

BridgeModel read_bridge(const ModelReader& reader) { return {.latency = reader.cycles("latency")}; }

DiskModel read_disk(const ModelReader& reader) {
  return {.positioning = reader.time("positioning"),
          .rate = reader.rate("rate"),
          .read_ahead = reader.size("read_ahead", Bytes(512))};
}

WireModel read_wire(const ModelReader& reader) {
  return {.rate = reader.rate("rate"),
          .propagation = reader.time("propagation"),
          .framing = reader.size("framing", Bytes(0)),
          .peer_turnaround = reader.time("peer_turnaround"),
          .peer_receive_window = reader.size("peer_receive_window")};
}

NicModel read_nic(const ModelReader& reader) {
  constexpr Bytes smallest_packet(68);  // every internet module must forward so much (RFC 791, 3.2)
  NicModel model{.pci = read_pci(reader.at("pci")),
                 .transmit_ring = reader.count("transmit_ring"),
                 .receive_ring = reader.count("receive_ring"),
                 .coalesced_packets = reader.count("coalesced_packets"),
                 .coalescing_delay = reader.time("coalescing_delay"),
                 .checksum_offload = reader.flag("checksum_offload"),
                 .maximum_packet = reader.size("maximum_packet", smallest_packet),
                 .engines = {},
                 .setup = {}};
  const Node& nic = reader.node();
  if (nic.has("engines") != nic.has("setup")) {
    nic.reject(nic.has("engines") ? "also the key \"setup\"" : "also the key \"engines\"");
  }
  if (!nic.has("engines")) return model;
  model.engines = read_engines(reader);
  model.setup = reader.time("setup");
  // The host never sees the bytes that the checksum is over.
  if (!model.checksum_offload) nic.at("checksum_offload").at("value").reject("true for a NIC with engines");
  return model;
}

KeyEngineModel read_key_engine(const ModelReader& reader) {
  return {.units = reader.count("units"),
          .commands = reader.count("commands"),
          .modular_exponentiation = reader.time("modular_exponentiation"),
          .largest_modulus = reader.count("largest_modulus"),
          .normalizes = reader.flag("normalizes"),
          .driver_submit = reader.cycles("driver_submit"),
          .driver_complete = reader.cycles("driver_complete")};
}

/// It has one program, whose operation is the one that it works on.
KeyEngineModel read_alu(const ModelReader& reader) {
  return {.units = 1,
          .commands = 1,
          .modular_exponentiation = reader.time("modular_exponentiation"),
          .registers_wide = true,
          .driver_submit = reader.cycles("driver_submit"),
          .driver_complete = reader.cycles("driver_complete")};
}

/// Keys that the accelerators of some drivers have and the others have not.
void check_keys(const Node& card, const std::vector<std::string>& drivers, std::initializer_list<const char*> keys) {
  const std::string& driver = card.at("driver").text();
  const bool needed = std::ranges::find(drivers, driver) != drivers.end();
  for (const char* key : keys) {
    if (card.has(key) == needed) continue;
    if (needed) card.reject("also the key " + in_quotes(key) + ", which " + driver + " needs");
    std::string others;
    for (const std::string& other : drivers) others += (others.empty() ? "" : " or ") + in_quotes(other);
    card.at(key).reject("a key for the driver " + others, "none for " + in_quotes(driver));
  }
}

AcceleratorModel read_accelerator(const ModelReader& reader) {
  const Node& card = reader.node();
  check_keys(card, {"hifn"}, {"source_ring", "destination_ring", "result_ring", "poll_interval", "sessions"});
  check_keys(card, {"ubsec"}, {"packets_per_command", "queue", "packet_bytes", "context_bytes"});
  check_keys(card, {"lofn", "nofn"}, {"alu"});
  check_keys(card, {"hifn", "ubsec"},
             {"command_ring", "command_bytes", "result_bytes", "descriptor_bytes", "fetch_ahead", "setup", "fifo",
              "largest_request", "driver_submit", "driver_complete", "engines"});
  AcceleratorModel model;
  model.driver = card.at("driver").text();
  if (model.driver != "ubsec" && card.has("key_engine")) {
    card.at("key_engine").reject("a key for the driver \"ubsec\"", "none for " + in_quotes(model.driver));
  }
  model.pci = read_pci(reader.at("pci"));
  if (model.driver == "none") return model;
  if (card.has("alu")) {
    model.key_engine = read_alu(reader.at("alu"));
    return model;
  }
  model.command_ring = reader.count("command_ring");
  model.command_bytes = reader.size("command_bytes", Bytes(0));
  model.result_bytes = reader.size("result_bytes", Bytes(0));
  model.descriptor_bytes = reader.size("descriptor_bytes");
  model.fetch_ahead = reader.count("fetch_ahead");
  model.setup = reader.time("setup");
  model.fifo = reader.size("fifo");
  model.largest_request = reader.size("largest_request");
  model.driver_submit = reader.cycles("driver_submit");
  model.driver_complete = reader.cycles("driver_complete");
  model.engines = read_engines(reader);
  if (model.driver == "hifn") {
    model.source_ring = reader.count("source_ring");
    model.destination_ring = reader.count("destination_ring");
    model.result_ring = reader.count("result_ring");
    model.poll_interval = reader.time("poll_interval");
    model.sessions = reader.count("sessions");
  } else {
    model.packets_per_command = reader.count("packets_per_command");
    model.queue = reader.count("queue");
    model.packet_bytes = reader.size("packet_bytes", Bytes(0));
    model.context_bytes = reader.size("context_bytes", Bytes(0));
    if (card.has("key_engine")) model.key_engine = read_key_engine(reader.at("key_engine"));
  }
  return model;
}

KernelModel read_kernel(const ModelReader& reader, Hertz clock) {
  const auto code = [&](const char* key) { return time_at(reader.cycles(key), clock); };
  const double checksum = reader.cycles_per_byte("checksum").value * 1e9 / static_cast<double>(clock.count);
  const KernelModel model{.family = reader.node().at("family").text(),
                          .system_call = reader.time("system_call"),
                          .process_switch = reader.time("process_switch"),
                          .wakeup = code("wakeup"),
                          .interrupt = reader.time("interrupt"),
                          .isa_write = reader.time("isa_write"),
                          .device_register_read = reader.time("device_register_read"),
                          .device_register_write = reader.time("device_register_write"),
                          .file_lookup = code("file_lookup"),
                          .file_read = code("file_read"),
                          .crypto_dispatch = code("crypto_dispatch"),
                          .crypto_callback = code("crypto_callback"),
                          .engine_call = code("engine_call"),
                          .record_framing = code("record_framing"),
                          .kernel_malloc = code("kernel_malloc"),
                          .malloc_free_lists = reader.size("malloc_free_lists"),
                          .malloc_page = code("malloc_page"),
                          .socket_send = code("socket_send"),
                          .tcp_output = code("tcp_output"),
                          .tcp_input = code("tcp_input"),
                          .datagram_output = code("datagram_output"),
                          .checksum = {checksum},
                          .quantum = reader.time("quantum"),
                          .hardclock = reader.time("hardclock"),
                          .hardclock_handler = code("hardclock_handler"),
                          .statclock = reader.time("statclock"),
                          .statclock_handler = reader.time("statclock_handler"),
                          .send_buffer = reader.size("send_buffer", Bytes(1), limits::send_buffer),
                          .send_buffer_limit = reader.size("send_buffer_limit", Bytes(1), limits::send_buffer),
                          .mbuf_cluster = reader.size("mbuf_cluster", Bytes(128), limits::page),
                          .page = reader.size("page", Bytes(512), limits::page),
                          .crypto_request_limit = reader.size("crypto_request_limit"),
                          .crypto_iovecs = reader.size("crypto_iovecs", Bytes(0)),
                          .sendfile_copies = reader.flag("sendfile_copies"),
                          .completion_in_interrupt = reader.flag("completion_in_interrupt")};
  for (const auto& [key, period] :
       {std::pair("quantum", model.quantum), {"hardclock", model.hardclock}, {"statclock", model.statclock}}) {
    if (period.count == 0) reader.node().at(key).at("value").reject("more than 0 ns");
  }
  if (model.send_buffer > model.send_buffer_limit) {
    reader.node()
        .at("send_buffer")
        .at("value")
        .reject("at most send_buffer_limit, " + to_string(model.send_buffer_limit));
  }
  return model;
}

std::map<std::string, SoftwareCipherModel> read_ciphers(const ModelReader& reader) {
  std::map<std::string, SoftwareCipherModel> ciphers;
  for (const Node& transform : reader.node().at("transforms").children()) {
    check_algorithm(transform);
    const ModelReader costs = reader.at("transforms").at(transform.key());
    ciphers.emplace(transform.key(), SoftwareCipherModel{.per_byte = costs.cycles_per_byte("per_byte"),
                                                         .per_record = costs.cycles("per_record")});
  }
  return ciphers;
}

SoftwarePublicKeys read_public_keys(const ModelReader& reader) {
  SoftwarePublicKeys times;
  if (!reader.node().has("public_keys")) return times;
  for (const Node& operation : reader.node().at("public_keys").children()) {
    const ModelReader by_modulus = reader.at("public_keys").at(operation.key());
    for (const Node& modulus : operation.children()) {
      times[operation.key()].emplace(std::stoll(modulus.key()), by_modulus.cycles(modulus.key()));
    }
  }
  return times;
}

}  // namespace cryptopath
