// The papers' formulas, as tests of what the runs counted.
#include <catch2/catch.hpp>

#include "run_path.hpp"

using namespace cryptopath;
using namespace cryptopath::test;

namespace {

struct Sizes {
  std::int64_t file;
  std::int64_t buffer;
  std::int64_t buffers() const { return (file + buffer - 1) / buffer; }
};

Result run_sizes(const std::string& path, Sizes sizes) {
  return run_path(path, {{"/payload", "modelled"},
                         {"/file/size", std::to_string(sizes.file) + " B"},
                         {"/buffer", std::to_string(sizes.buffer) + " B"}});
}

void check_traditional(Sizes sizes) {
  const Result run = run_sizes("traditional", sizes);
  INFO("file " << sizes.file << " B, buffer " << sizes.buffer << " B");
  CHECK(run.payload.count == sizes.file);
  CHECK(run.counts.at("paper.copies") == 4 * sizes.buffers());
  CHECK(run.counts.at("paper.context_switches") == 8 * sizes.buffers());
  CHECK(run.counts.at("paper.dma") == 3 * sizes.buffers());
  CHECK(run.counts.at("copies.kernel_to_user") == 2 * sizes.buffers());
  CHECK(run.counts.at("copies.user_to_kernel") == 2 * sizes.buffers());
}

void check_shortcut(Sizes sizes) {
  const Result run = run_sizes("shortcut", sizes);
  INFO("file " << sizes.file << " B, buffer " << sizes.buffer << " B");
  CHECK(run.payload.count == sizes.file);
  CHECK(run.counts.at("paper.copies") == 0);
  CHECK(run.counts.at("paper.context_switches") == 2);
  CHECK(run.counts.at("paper.dma") == 3 * sizes.buffers());
  CHECK(run.counts.at("copies.arguments") == 4);  // SO_SNDBUF's value, SO_CRYPT's and both keys
}

void check_nic(Sizes sizes) {
  const Result run = run_sizes("nic", sizes);
  INFO("file " << sizes.file << " B, buffer " << sizes.buffer << " B");
  CHECK(run.payload.count == sizes.file);
  CHECK(run.counts.at("paper.copies") == 0);
  CHECK(run.counts.at("paper.context_switches") == 2);
  CHECK(run.counts.at("paper.dma") == sizes.buffers());
  CHECK(run.counts.at("crypto_requests") == 0);
  CHECK(run.counts.at("copies.arguments") == 4);  // as with SO_CRYPT
  // Nothing but records passes the bus, each once, and the headers of a FIN that goes alone.
  const std::int64_t alone = run.counts.at("dma.host_to_device") - run.counts.at("records");
  CHECK((alone == 0 || alone == 1));
  CHECK(run.counts.at("dma_bytes.host_to_device") == run.wire.bytes.count + alone * (14 + 40));
}

std::vector<std::int64_t> files_around(std::int64_t buffer) {
  return {0, 1, buffer - 1, buffer, buffer + 1, 10 * buffer, 10 * buffer + 1};
}

const std::vector<std::int64_t> buffers = {64, 100, 256, 1000, 1448, 4096, 8192, 16384, 16385, 65536};

}  // namespace

TEST_CASE("the traditional path copies four times a buffer and crosses eight times") {
  for (const std::int64_t buffer : buffers) {
    for (const std::int64_t file : files_around(buffer)) check_traditional({file, buffer});
  }
}

TEST_CASE("the shortcut never copies between user and kernel and crosses twice") {
  for (const std::int64_t buffer : buffers) {
    for (const std::int64_t file : files_around(buffer)) check_shortcut({file, buffer});
  }
}

TEST_CASE("with the cipher on the NIC data never are copied by the user and cross DMA once a buffer") {
  for (const std::int64_t buffer : buffers) {
    for (const std::int64_t file : files_around(buffer)) check_nic({file, buffer});
  }
}

TEST_CASE("plain paths cross DMA once a buffer and copy twice or never") {
  for (const std::int64_t file : files_around(8192)) {
    const Sizes sizes{file, 8192};
    const Result by_write = run_sizes("http-read-write", sizes);
    CHECK(by_write.counts.at("paper.copies") == 2 * sizes.buffers());
    CHECK(by_write.counts.at("paper.context_switches") == 4 * sizes.buffers());
    CHECK(by_write.counts.at("paper.dma") == sizes.buffers());
    const Result by_sendfile = run_sizes("http-sendfile", sizes);
    CHECK(by_sendfile.counts.at("paper.copies") == 0);
    CHECK(by_sendfile.counts.at("paper.context_switches") == 2);
    CHECK(by_sendfile.counts.at("paper.dma") == sizes.buffers());
  }
}

TEST_CASE("every byte passes the card twice and the NIC once") {
  const Sizes sizes{10 * 8192 + 1, 8192};
  const Result run = run_sizes("shortcut", sizes);
  // Ethernet, IP and TCP headers go to the NIC with each packet, the last of which is the FIN alone or with data.
  const std::int64_t packets = run.counts.at("dma.host_to_device") - sizes.buffers();
  CHECK(run.counts.at("dma_bytes.host_to_device") == 2 * run.wire.bytes.count + packets * (14 + 40));
  const std::int64_t acknowledgements = run.counts.at("dma.device_to_host") - sizes.buffers();
  CHECK(run.counts.at("dma_bytes.device_to_host") == run.wire.bytes.count + acknowledgements * (14 + 40));
}

TEST_CASE("a request through the card takes three process switches and wakeups and one interrupt of the card") {
  const Result one = run_sizes("shortcut", {8192, 8192});
  const Result many = run_sizes("shortcut", {11 * 8192, 8192});
  const auto for_ten_buffers = [&](const char* name) { return many.counts.at(name) - one.counts.at(name); };
  CHECK(for_ten_buffers("process_switches") == 3 * 10);
  CHECK(for_ten_buffers("wakeups") == 3 * 10);
  CHECK(for_ten_buffers("crypto_requests") == 1 * 10);
}
