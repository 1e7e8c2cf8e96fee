#include "capture/connection.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <string>

#include "octets.hpp"

using namespace cryptopath;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

using Octets = std::vector<std::byte>;

std::size_t big_endian(std::span<const std::byte> bytes) {
  std::size_t value = 0;
  for (const std::byte byte : bytes) value = value << 8 | std::to_integer<std::size_t>(byte);
  return value;
}

/// A packet of a capture, taken apart.
struct Captured {
  std::int64_t time;
  std::span<const std::byte> packet;

  std::size_t at(std::size_t offset, std::size_t size) const { return big_endian(packet.subspan(offset, size)); }
  bool from_sender() const { return at(12, 4) == 0xc0000201; }
  std::size_t protocol() const { return at(9, 1); }
  std::size_t source_port() const { return at(20, 2); }
  std::size_t destination_port() const { return at(22, 2); }
  std::size_t sequence() const { return at(24, 4); }
  std::size_t acknowledgement() const { return at(28, 4); }
  std::string flags() const {
    const std::size_t bits = at(33, 1);
    return std::string(bits & 2 ? "S" : "") + (bits & 1 ? "F" : "") + (bits & 16 ? "A" : "");
  }
  std::size_t window() const { return at(34, 2); }
  std::span<const std::byte> tcp_payload() const { return packet.subspan(20 + at(32, 1) / 16 * 4); }
};

struct Capture {
  Octets file;
  std::vector<Captured> packets;
  std::vector<Captured> closing;  // after the run's end
};

/// The run ends after 900 ms.
Capture capture(const CapturedConnection& connection, const std::vector<Flight>& handshake,
                const std::function<void(ConnectionCapture&)>& run = {}, const Octets& close_notify = {}) {
  Capture result;
  ConnectionCapture writer(connection, handshake, [&](std::span<const std::byte> bytes) {
    result.file.insert(result.file.end(), bytes.begin(), bytes.end());
  });
  if (run) run(writer);
  writer.ended(900_ms, close_notify);
  const auto number = [&](std::size_t offset) {
    std::int64_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = value << 8 | std::to_integer<std::int64_t>(result.file[offset + i]);
    return value;
  };
  for (std::size_t offset = 0; offset < result.file.size();) {
    const auto size = static_cast<std::size_t>(number(offset + 8));
    const std::int64_t time = number(offset) * 1'000'000'000 + number(offset + 4);
    (time > 1'900'000'000 ? result.closing : result.packets)
        .push_back({time, std::span(result.file).subspan(offset + 16, size)});
    offset += 16 + size;
  }
  return result;
}

constexpr CapturedConnection tls{Protocol::tls_1_2, 0, 1500_B, 16_KiB};
constexpr CapturedConnection ssh{Protocol::ssh_2, 0, 1500_B, 16_KiB};

/// "receiver SA 7": who, flags, and how many bytes.
std::vector<std::string> summary(const std::vector<Captured>& packets) {
  std::vector<std::string> lines;
  for (const Captured& each : packets) {
    lines.push_back((each.from_sender() ? "sender " : "receiver ") + each.flags() + " " +
                    std::to_string(each.tcp_payload().size()));
  }
  return lines;
}

/// The times of packets from `begin` on.
std::vector<std::int64_t> times(const std::vector<Captured>& packets, std::int64_t begin) {
  std::vector<std::int64_t> times;
  for (const Captured& each : packets) times.push_back(each.time - begin);
  return times;
}

/// Each end counts its bytes without a gap and acknowledges nothing that has not been sent.
void check_numbers(const Capture& capture) {
  std::vector<Captured> packets = capture.packets;
  packets.insert(packets.end(), capture.closing.begin(), capture.closing.end());
  std::array<std::size_t, 2> next{};
  for (const Captured& each : packets) {
    const std::string flags = each.flags();
    std::size_t& own = next.at(each.from_sender());
    if (flags[0] == 'S') own = each.sequence();
    CHECK(each.sequence() == own);
    own += each.tcp_payload().size() + (flags[0] == 'S' || flags[0] == 'F' ? 1 : 0);
    if (flags.back() == 'A') CHECK(each.acknowledgement() <= next.at(!each.from_sender()));
  }
}

}  // namespace

TEST_CASE("a connection opens and its handshake is cut into segments a millisecond apart") {
  const std::vector<Flight> flights = {{false, numbered(200)}, {true, numbered(3000)}, {false, numbered(50)}};
  const Capture result = capture(tls, flights);
  CHECK(summary(result.packets) == std::vector<std::string>{"receiver S 0", "sender SA 0", "receiver A 0",
                                                            "receiver A 200", "sender A 1460", "sender A 1460",
                                                            "sender A 80", "receiver A 50"});
  check_numbers(result);
  for (std::size_t i = 0; i < result.packets.size(); ++i) {
    CHECK(result.packets[i].time == static_cast<std::int64_t>(i) * 1'000'000);
  }
  Octets flight;
  for (std::size_t i = 4; i < 7; ++i) {
    const auto piece = result.packets[i].tcp_payload();
    flight.insert(flight.end(), piece.begin(), piece.end());
  }
  CHECK(flight == flights[1].bytes);
}

TEST_CASE("the receiver acknowledges a handshake that the sender has ended") {
  const Capture result = capture(tls, {{false, numbered(10)}, {true, numbered(20)}});
  REQUIRE(summary(result.packets).back() == "receiver A 0");
  const Captured& flight = result.packets[result.packets.size() - 2];
  CHECK(result.packets.back().acknowledgement() == flight.sequence() + 20);
}

TEST_CASE("a run's packets come a second after their simulated times and the receiver finishes after its end") {
  const Capture result = capture(ssh, {{false, numbered(10)}}, [](ConnectionCapture& wire) {
    wire.sent(5_us, numbered(1460), false);
    wire.sent(17_us, numbered(100, 1460), true);
    wire.acknowledged(90_us, 1561_B);
  });
  const std::vector<Captured> run(result.packets.begin() + 4, result.packets.end());
  CHECK(summary(run) == std::vector<std::string>{"sender A 1460", "sender FA 100", "receiver A 0"});
  CHECK(times(run, 1'000'000'000) == std::vector<std::int64_t>{5'000, 17'000, 90'000});
  CHECK(run[0].acknowledgement() == result.packets[3].sequence() + 10);
  CHECK(run[2].acknowledgement() == run[0].sequence() + 1561);
  CHECK(hexadecimal(run[1].tcp_payload()) == hexadecimal(numbered(100, 1460)));
  CHECK(summary(result.closing) == std::vector<std::string>{"receiver FA 0", "sender A 0"});
  CHECK(times(result.closing, 1'900'000'000) == std::vector<std::int64_t>{1'000'000, 2'000'000});
  CHECK(result.closing[1].acknowledgement() == result.closing[0].sequence() + 1);
  check_numbers(result);
}

TEST_CASE("after a run over TLS the sender's close_notify comes and is acknowledged and then both ends finish") {
  const Octets close_notify = numbered(31, 7);
  const Capture result = capture(
      tls, {{false, numbered(10)}},
      [](ConnectionCapture& wire) {
        wire.sent(5_us, numbered(1460), false);
        wire.sent(17_us, numbered(100, 1460), true);
        wire.acknowledged(90_us, 1561_B);
      },
      close_notify);
  const std::vector<Captured> run(result.packets.begin() + 4, result.packets.end());
  CHECK(summary(run) == std::vector<std::string>{"sender A 1460", "sender A 100", "receiver A 0"});
  CHECK(run[2].acknowledgement() == run[0].sequence() + 1560);
  CHECK(summary(result.closing) == std::vector<std::string>{"sender A 31", "receiver A 0", "sender FA 0",
                                                            "receiver A 0", "receiver FA 0", "sender A 0"});
  CHECK(times(result.closing, 1'900'000'000) ==
        std::vector<std::int64_t>{1'000'000, 2'000'000, 3'000'000, 4'000'000, 5'000'000, 6'000'000});
  CHECK(hexadecimal(result.closing[0].tcp_payload()) == hexadecimal(close_notify));
  CHECK(result.closing[1].acknowledgement() == run[0].sequence() + 1560 + 31);
  CHECK(result.closing[3].acknowledgement() == run[0].sequence() + 1560 + 32);
  check_numbers(result);
}

TEST_CASE("a FIN that goes alone ahead of close_notify leaves no packet in the run") {
  const Capture result = capture(
      tls, {},
      [](ConnectionCapture& wire) {
        wire.sent(5_us, numbered(1460), false);
        wire.acknowledged(90_us, 1460_B);
        wire.sent(95_us, {}, true);
        wire.acknowledged(99_us, 1461_B);
      },
      numbered(31));
  const std::vector<Captured> run(result.packets.begin() + 3, result.packets.end());
  CHECK(summary(run) == std::vector<std::string>{"sender A 1460", "receiver A 0"});
  CHECK(result.closing.size() == 6);
  check_numbers(result);
}

TEST_CASE("sequence numbers wrap at four gigabytes") {
  const Capture result =
      capture(tls, {}, [](ConnectionCapture& wire) { wire.acknowledged(1_us, Bytes((std::int64_t{1} << 32) + 5)); });
  CHECK(result.packets.back().acknowledgement() == result.packets[1].sequence() + 6);
}

TEST_CASE("a window beyond 65535 is scaled as the SYNs say") {
  CapturedConnection wide = tls;
  wide.receive_window = 256_KiB;
  const Capture result = capture(wide, {});
  CHECK(result.packets[0].window() == 65535);
  CHECK(result.packets[0].at(47, 1) == 3);  // the option's last byte: 2^3 * 32768 = 256 KiB
  CHECK(result.packets[2].window() == 32768);
  const Capture narrow = capture(tls, {});
  CHECK(narrow.packets[0].at(47, 1) == 0);
  CHECK(narrow.packets[2].window() == 16384);
}

TEST_CASE("each protocol has its port and each run its own at the receiver") {
  const auto ports = [](Protocol protocol, std::uint16_t number) {
    const Capture result = capture({protocol, number, 1500_B, 16_KiB}, {},
                                   [](ConnectionCapture& wire) { wire.sent(0_ns, numbered(50), false); });
    const Captured& last = result.packets.back();
    CHECK(last.from_sender());
    return std::pair(last.source_port(), last.destination_port());
  };
  CHECK(ports(Protocol::none, 0) == std::pair<std::size_t, std::size_t>(80, 40001));
  CHECK(ports(Protocol::ssh_2, 1) == std::pair<std::size_t, std::size_t>(22, 40002));
  CHECK(ports(Protocol::tls_1_3, 2) == std::pair<std::size_t, std::size_t>(443, 40003));
  CHECK(ports(Protocol::dtls_1_2, 3) == std::pair<std::size_t, std::size_t>(4433, 40004));
}

TEST_CASE("datagrams need no opening and DTLS closes with one") {
  const auto run = [](ConnectionCapture& wire) { wire.sent(7_us, numbered(1000), true); };
  const Capture dtls = capture({Protocol::dtls_1_2, 0, 1500_B, 16_KiB}, {{false, numbered(100)}, {true, numbered(60)}},
                               run, numbered(40, 5));
  REQUIRE(dtls.packets.size() == 3);
  CHECK_FALSE(dtls.packets[0].from_sender());
  CHECK(dtls.packets[2].protocol() == 17);
  CHECK(dtls.packets[2].time == 1'000'007'000);
  CHECK(hexadecimal(dtls.packets[2].packet.subspan(28)) == hexadecimal(numbered(1000)));
  REQUIRE(dtls.closing.size() == 1);
  CHECK(dtls.closing[0].from_sender());
  CHECK(dtls.closing[0].time == 1'901'000'000);
  CHECK(hexadecimal(dtls.closing[0].packet.subspan(28)) == hexadecimal(numbered(40, 5)));

  const Capture esp = capture({Protocol::esp_tunnel, 0, 1500_B, 16_KiB}, {}, run);
  REQUIRE(esp.packets.size() == 1);
  CHECK(esp.packets[0].protocol() == 50);
  CHECK(hexadecimal(esp.packets[0].packet.subspan(20)) == hexadecimal(numbered(1000)));
  CHECK(esp.closing.empty());
}

TEST_CASE("a handshake that would reach into the run is a fault") {
  // With the opening before it and an acknowledgement behind it, a thousand packets.
  CHECK_NOTHROW(capture(tls, std::vector<Flight>(996, {true, numbered(1)})));
  CHECK_THROWS_AS(capture(tls, std::vector<Flight>(997, {true, numbered(1)})), Fault);
}
