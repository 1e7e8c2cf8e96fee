// Whole runs over protocols in datagrams: records are packets, whoever protects them.
#include <catch2/catch.hpp>

#include "run_path.hpp"

using namespace cryptopath;
using namespace cryptopath::test;
using Catch::Matchers::Contains;

namespace {

const std::vector<std::string> protocols = {"dtls-1.2", "esp-transport", "esp-tunnel"};
const std::vector<std::string> paths = {"library", "traditional", "shortcut"};

Settings settings(const std::string& protocol, const std::string& suite, Settings more = {}) {
  Settings all = {{"/record/protocol", protocol}, {"/record/suite", suite}, {"/file/size", "300 kB"}};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

Counts counts_of(const std::string& path, const Settings& changes) { return run_path(path, changes).counts; }

}  // namespace

TEST_CASE("each record of a datagram protocol is a packet of its own and none is TCP") {
  // 300,000 B in buffers of 8 KiB: 36 of them and one of 5,088 B. Of 1500 B, DTLS with GCM leaves 1500 - 28 - 37 = 1435
  // for plaintext, which is six records a buffer and four in the last. ESP with 3DES leaves 1500 - 20, less 8 + 8 in
  // front and 12 behind: 1448 in whole blocks, with the UDP header and two bytes of trailer: 1438; in a tunnel 1418.
  for (const std::string& path : paths) {
    const Counts dtls = counts_of(path, settings("dtls-1.2", "aes-128-gcm", {{"/payload", "modelled"}}));
    CHECK(dtls.at("datagrams") == 36 * 6 + 4);
    CHECK(dtls.at("records") == 36 * 6 + 4);
    CHECK(dtls.at("tcp_segments") == 0);
    CHECK(dtls.at("tcp_acknowledgements") == 0);
    for (const char* protocol : {"esp-transport", "esp-tunnel"}) {
      const Counts esp = counts_of(path, settings(protocol, "3des-ede-cbc-hmac-sha1", {{"/payload", "modelled"}}));
      CHECK(esp.at("datagrams") == 36 * 6 + 4);
      CHECK(esp.at("tcp_segments") == 0);
    }
  }
}

TEST_CASE("datagrams fill the packets of the card") {
  // 20 MB/s or more of 3DES is not to be had from the card, so that the wire is never the limit; its bytes are.
  const Result result =
      run_path("shortcut", settings("esp-tunnel", "3des-ede-cbc-hmac-sha1",
                                    {{"/payload", "modelled"}, {"/file/size", "14180 B"}, {"/buffer", "14180 B"}}));
  CHECK(result.counts.at("datagrams") == 10);
  CHECK(result.wire.bytes == Bytes(10 * 1476));  // 8 + 8 + 1448 + 12
}

TEST_CASE("every way of protecting datagrams leaves the same wire and the peer reads the file") {
  for (const std::string& protocol : protocols) {
    for (const char* suite : {"aes-128-gcm", "3des-ede-cbc-hmac-sha1"}) {
      const Result first = run_path(paths.front(), settings(protocol, suite));
      CHECK(first.wire.sha256.size() == 64);
      CHECK(first.payload == Bytes(300'000));
      for (const std::string& path : paths) {
        const Result other = run_path(path, settings(protocol, suite));
        INFO(protocol << " " << suite << " " << path);
        CHECK(other.wire.sha256 == first.wire.sha256);
        CHECK(other.wire.plaintext_sha256 == first.wire.plaintext_sha256);
        CHECK_FALSE(other.wire.verified_by.empty());
      }
    }
  }
}

TEST_CASE("datagrams with a modelled payload take the same time and counts as real ones") {
  for (const std::string& protocol : protocols) {
    for (const std::string& path : paths) {
      const Result real = run_path(path, settings(protocol, "3des-ede-cbc-hmac-sha1"));
      const Result modelled = run_path(path, settings(protocol, "3des-ede-cbc-hmac-sha1", {{"/payload", "modelled"}}));
      CHECK(real.elapsed == modelled.elapsed);
      CHECK(real.counts == modelled.counts);
      CHECK(real.wire.bytes == modelled.wire.bytes);
    }
  }
}

TEST_CASE("a path in clear stays TCP beside paths in datagrams") {
  const Counts counts = counts_of("http-sendfile", settings("dtls-1.2", "aes-128-gcm"));
  CHECK(counts.at("datagrams") == 0);
  CHECK(counts.at("tcp_segments") > 0);
}

TEST_CASE("an empty file is no datagram") {
  for (const std::string& path : paths) {
    const Result result = run_path(
        path, settings("esp-transport", "3des-ede-cbc-hmac-sha1", {{"/payload", "modelled"}, {"/file/size", "0 B"}}));
    CHECK(result.counts.at("datagrams") == 0);
    CHECK(result.wire.bytes == Bytes(0));
  }
}

TEST_CASE("more records in a buffer than the card's rings hold is said with what would do") {
  for (const char* path : {"traditional", "shortcut"}) {
    const auto run = [path] {
      run_path(path, settings("dtls-1.2", "3des-ede-cbc-hmac-sha1", {{"/payload", "modelled"}, {"/buffer", "64 KiB"}}));
    };
    CHECK_THROWS_AS(run(), InputError);
    CHECK_THROWS_WITH(run(), Contains("ENOMEM") && Contains("fewer bytes in a call would do"));
  }
}

TEST_CASE("a NIC that enciphers TCP is refused for datagrams by name of the call") {
  // No scenario gets that far, since loading it refuses the protocol.
  RunSpec spec = load_path("nic", settings("tls-1.2", "aes-128-gcm", {{"/payload", "modelled"}}));
  spec.format.protocol = Protocol::dtls_1_2;
  const auto run = [&spec] { run_path(spec); };
  CHECK_THROWS_AS(run(), InputError);
  CHECK_THROWS_WITH(run(), Contains("SO_CRYPT_NIC") && Contains("no datagrams (EOPNOTSUPP)"));
}
