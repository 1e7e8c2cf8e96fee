#include "captures.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "../../capture/tshark.hpp"
#include "../../result/scratch_folder.hpp"
#include "../../shell.hpp"
#include "capture/connection.hpp"
#include "des_session.hpp"

namespace cryptopath::test {

namespace {

constexpr Bytes ethernet_payload{1500};
constexpr std::size_t longest_segment = 1460;

const ByteVector plaintext = pattern(3000, 11);

/// The plaintext in records of several sizes, and one more that is changed.
std::vector<ByteVector> wire_of(const RecordFormat& format, const TrafficKeys& keys) {
  const std::vector<std::size_t> sizes = {1000, 1, 1400, 64, 15, 520, 100};
  ByteVector all = plaintext;
  all.resize(all.size() + sizes.back(), std::byte{0x55});
  std::vector<ByteVector> records = sealed_records(format, keys, all, sizes);
  REQUIRE(records.size() == sizes.size());
  records.back()[records.back().size() / 2] ^= std::byte{0x40};
  return records;
}

/// Connections, one after the other, in one capture.
class Capture {
 public:
  /// `number` makes the receiver's port.
  void add(std::size_t number, const RecordFormat& format, const Session& session) {
    const CapturedConnection connection{format.protocol, static_cast<std::uint16_t>(number), ethernet_payload,
                                        Bytes(65535)};
    ByteVector packets;
    ConnectionCapture capture(connection, session.handshake, [&packets](std::span<const std::byte> bytes) {
      packets.insert(packets.end(), bytes.begin(), bytes.end());
    });
    Nanoseconds time{0};
    for (const ByteVector& record : wire_of(format, session.sender)) {
      for (std::span<const std::byte> rest = record; !rest.empty();) {
        const bool whole = in_datagrams(format.protocol) || rest.size() <= longest_segment;
        const auto payload = rest.first(whole ? rest.size() : longest_segment);
        capture.sent(time, payload, false);
        rest = rest.subspan(payload.size());
        time = time + Nanoseconds(1000);
      }
    }
    capture.finish();
    std::span<const std::byte> rest = packets;
    sequence_.add([&rest](std::span<std::byte> into) {
      const auto piece = rest.first(std::min(rest.size(), into.size()));
      std::ranges::copy(piece, into.begin());
      rest = rest.subspan(piece.size());
      return piece.size();
    });
  }
  const std::string& file() const { return file_; }

 private:
  std::string file_;
  PcapSequence sequence_{[this](std::span<const std::byte> bytes) { file_ += as_string(bytes); }};
};

/// What tshark makes of one conversation.
struct Found {
  std::string plaintext;
  bool records = false;   // it sees them for what they are
  int not_authentic = 0;  // of ESP, whose packets it deciphers also where it says so
};

/// A cell, where what has been found bears one out.
Cell cell_of(const Found& found, const std::string& why_not) {
  CHECK(found.records);
  if (found.plaintext.empty()) return {"", why_not};
  CHECK((found.plaintext == as_string(plaintext)));
  return {"yes", ""};
}

Cell stream_cell(const RecordFormat& format, const Session& session, const Found& found) {
  if (format.protocol == Protocol::ssh_2) {
    CHECK(session.handshake.empty());
    return cell_of(found, "reads SSH from a captured key exchange on, and none is captured here");
  }
  Cell cell = cell_of(found, "sees the records and does not decipher them");
  if (format.suite == Suite::des_cbc_hmac_sha1) {
    cell.note = "no library makes the handshake: the test has put DES into one that GnuTLS made with 3DES";
  }
  return cell;
}

class Captures {
 public:
  explicit Captures(std::span<const RecordFormat> formats) : formats_(formats) {
    for (std::size_t i = 0; i < formats.size(); ++i) {
      const bool des = is_tls(formats[i]) && formats[i].suite == Suite::des_cbc_hmac_sha1;
      sessions_.push_back(des ? des_session(formats[i], i) : handshake(formats[i], i));
    }
  }

  std::vector<Cell> cells() const {
    std::map<std::size_t, Found> found = in_streams_and_dtls();
    found.merge(in_esp());
    std::vector<Cell> cells;
    for (std::size_t i = 0; i < formats_.size(); ++i) {
      INFO(name_of(formats_[i]));
      cells.push_back(is_esp(formats_[i]) ? esp_cell(i, found[i]) : stream_cell(formats_[i], sessions_[i], found[i]));
    }
    return cells;
  }

 private:
  std::map<std::size_t, Found> in_streams_and_dtls() const {
    Capture capture;
    std::string key_log;
    for (std::size_t i = 0; i < formats_.size(); ++i) {
      if (is_esp(formats_[i])) continue;
      capture.add(i, formats_[i], sessions_[i]);
      key_log += sessions_[i].key_log;
    }
    const auto keys = write_file(folder_ / "keys", key_log);
    const Tshark tshark(write_file(folder_ / "streams.pcap", capture.file()), folder_.path(),
                        {"-o", "tls.keylog_file:" + keys.string(), "-d", "tls.port==443,data", "-d",
                         "udp.port==4433,dtls", "-d", "dtls.port==4433,data"});
    std::map<std::size_t, Found> found;
    for (const auto& row : tshark.rows({"tcp.dstport", "udp.dstport", "data.data", "ssh.payload", "tls.app_data",
                                        "dtls.app_data", "ssh.encrypted_packet"},
                                       "ip.src == 192.0.2.1")) {
      Found& conversation = found[std::stoul(row[0] + row[1]) - endpoints::receiver.port];
      conversation.plaintext += from_hexadecimal(row[2] + row[3]);
      if (!(row[4] + row[5] + row[6]).empty()) conversation.records = true;
    }
    return found;
  }

  std::map<std::size_t, Found> in_esp() const {
    Capture capture;
    std::map<std::string, std::size_t> by_association;
    std::vector<std::string> options = {"-o", "esp.enable_encryption_decode:TRUE",
                                        "-o", "esp.enable_authentication_check:TRUE",
                                        "-d", "udp.port==4433,data"};
    for (std::size_t i = 0; i < formats_.size(); ++i) {
      if (!is_esp(formats_[i])) continue;
      capture.add(i, formats_[i], sessions_[i]);
      by_association[fmt::format("0x{:08x}", sessions_[i].sender.association)] = i;
      if (!sessions_[i].key_log.empty()) options.insert(options.end(), {"-o", association_row(sessions_[i].key_log)});
    }
    const Tshark tshark(write_file(folder_ / "esp.pcap", capture.file()), folder_.path(), options);
    std::map<std::size_t, Found> found;
    for (const auto& row : tshark.rows({"esp.spi", "esp.icv_good", "esp.icv_bad", "data.data"}, "esp")) {
      Found& conversation = found[by_association.at(row[0])];
      conversation.records = true;
      if (row[2] == "1") ++conversation.not_authentic;
      if (row[1] == "1") conversation.plaintext += from_hexadecimal(row[3]);
    }
    return found;
  }

  static std::string association_row(std::string key_log) {
    REQUIRE(key_log.ends_with('\n'));
    key_log.pop_back();
    return "uat:esp_sa:" + key_log;
  }

  Cell esp_cell(std::size_t i, const Found& found) const {
    const Cell cell = cell_of(found, "has no such cipher for ESP");
    CHECK(found.not_authentic == (cell.proven() ? 1 : 0));
    if (cell.proven()) return cell;
    CHECK(sessions_[i].key_log.empty());
    // The name that later versions of Wireshark have, and what one for CCM would be.
    const std::string cipher = formats_[i].suite == Suite::chacha20_poly1305 ? "ChaCha20 with Poly1305 [RFC7634]"
                                                                             : "AES-CCM with 16 octet ICV [RFC4309]";
    const Tshark tshark(write_file(folder_ / "empty.pcap", Capture().file()), folder_.path(),
                        {"-o", "uat:esp_sa:\"IPv4\",\"*\",\"*\",\"*\",\"" + cipher + "\",\"\",\"NULL\",\"\""});
    CHECK_THROWS_WITH(tshark.count("esp"), Catch::Matchers::Contains("invalid value: " + cipher));
    return cell;
  }

  std::span<const RecordFormat> formats_;
  std::vector<Session> sessions_;
  ScratchFolder folder_;
};

}  // namespace

std::vector<Cell> tshark_cells(std::span<const RecordFormat> formats) { return Captures(formats).cells(); }

std::string tshark_release() {
  const std::string version = run_in_shell("tshark --version 2>/dev/null").output;
  const std::size_t begin = version.find(") ") + 2;  // "TShark (Wireshark) 4.0.17 ..."
  return "tshark " + version.substr(begin, version.find('.', version.find('.', begin) + 1) - begin);
}

}  // namespace cryptopath::test
