#include "captures.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "../../capture/capture_file.hpp"
#include "../../capture/tshark.hpp"
#include "../../result/scratch_folder.hpp"
#include "../../shell.hpp"
#include "des_session.hpp"
#include "record/handshakes/handshake.hpp"
#include "record/handshakes/ssh_algorithm_names.hpp"

namespace cryptopath::test {

namespace {

constexpr Bytes ethernet_payload{1500};
constexpr std::size_t longest_segment = 1460;

const std::vector<std::size_t> sizes = {1000, 1, 1400, 64, 15, 520, 100};  // of records; the last one is changed

/// What all but the last hold. Each record begins with a number from 192 on: of an SSH message with such a number,
/// a local extension (RFC 4250, 4.1.2), tshark shows all that follows.
const ByteVector plaintext = [] {
  ByteVector bytes = pattern(3000, 11);
  for (std::size_t record = 0, at = 0; at < bytes.size(); at += sizes[record++]) bytes[at] |= std::byte{192};
  return bytes;
}();

/// The plaintext in records of several sizes, and one more that is changed.
std::vector<ByteVector> wire_of(const RecordFormat& format, const TrafficKeys& keys) {
  ByteVector all = plaintext;
  all.resize(all.size() + sizes.back(), std::byte{0xd5});
  std::vector<ByteVector> records = sealed_records(format, keys, all, sizes);
  REQUIRE(records.size() == sizes.size());
  records.back()[records.back().size() / 2] ^= std::byte{0x40};
  return records;
}

/// Adds a connection; `number` makes the receiver's port.
void add(CaptureFile& capture, std::size_t number, const RecordFormat& format, const Session& session) {
  std::vector<ByteVector> packets;
  for (const ByteVector& record : wire_of(format, session.sender)) {
    for (std::span<const std::byte> rest = record; !rest.empty();) {
      const bool whole = in_datagrams(format.protocol) || rest.size() <= longest_segment;
      const auto payload = rest.first(whole ? rest.size() : longest_segment);
      packets.emplace_back(payload.begin(), payload.end());
      rest = rest.subspan(payload.size());
    }
  }
  capture.add({format.protocol, static_cast<std::uint16_t>(number), ethernet_payload, Bytes(65535)}, session.handshake,
              packets);
}

/// What tshark makes of one conversation.
struct Found {
  std::string plaintext;
  bool records = false;  // it sees them for what they are
  // Of ESP and SSH, whose packets it deciphers also where it says that they are not authentic.
  std::size_t not_authentic = 0;
  std::string plaintext_not_authentic;
};

/// A cell, where what has been found bears one out.
Cell cell_of(const Found& found, const std::string& why_not) {
  CHECK(found.records);
  if (found.plaintext.empty()) return {"", why_not};
  CHECK((found.plaintext == as_string(plaintext)));
  return {"yes", ""};
}

Cell tls_cell(const RecordFormat& format, const Found& found) {
  Cell cell = cell_of(found, "sees the records and does not decipher them");
  if (format.suite == Suite::des_cbc_hmac_sha1) {
    cell.note =
        "neither OpenSSL nor GnuTLS makes the handshake (NSS does, and is no peer here): the test has put DES into one "
        "that GnuTLS made with 3DES";
  }
  return cell;
}

class Captures {
 public:
  explicit Captures(std::span<const RecordFormat> formats) : formats_(formats) {
    for (std::size_t i = 0; i < formats.size(); ++i) {
      const bool des = is_tls(formats[i]) && formats[i].suite == Suite::des_cbc_hmac_sha1;
      sessions_.push_back(des                  ? des_session(formats[i], i)
                          : is_ssh(formats[i]) ? ssh_handshake(formats[i], i)
                                               : handshake(formats[i], i));
    }
  }

  std::vector<Cell> cells() {
    std::map<std::size_t, Found> found = in_tls();
    found.merge(in_esp());
    found.merge(in_ssh());
    std::vector<Cell> cells;
    for (std::size_t i = 0; i < formats_.size(); ++i) {
      INFO(name_of(formats_[i]));
      cells.push_back(is_esp(formats_[i])   ? esp_cell(i, found[i])
                      : is_ssh(formats_[i]) ? ssh_cell(formats_[i], found[i])
                                            : tls_cell(formats_[i], found[i]));
    }
    return cells;
  }

 private:
  /// The connections of the formats that are `such`, with their key logs, in files of this name.
  Tshark tshark_of(const std::string& name, bool (*such)(const RecordFormat&), const std::string& key_log_option,
                   std::vector<std::string> options) const {
    CaptureFile capture;
    std::string key_log;
    for (std::size_t i = 0; i < formats_.size(); ++i) {
      if (!such(formats_[i])) continue;
      add(capture, i, formats_[i], sessions_[i]);
      key_log += sessions_[i].key_log;
    }
    const auto keys = write_file(folder_ / (name + ".keys"), key_log);
    options.insert(options.end(), {"-o", key_log_option + ':' + keys.string()});
    return {write_file(folder_ / (name + ".pcap"), capture.bytes()), folder_.path(), options};
  }

  std::map<std::size_t, Found> in_tls() const {
    const Tshark tshark =
        tshark_of("tls", is_tls, "tls.keylog_file",
                  {"-d", "tls.port==443,data", "-d", "udp.port==4433,dtls", "-d", "dtls.port==4433,data"});
    std::map<std::size_t, Found> found;
    for (const auto& row : tshark.rows({"tcp.dstport", "udp.dstport", "data.data", "tls.app_data", "dtls.app_data"},
                                       "ip.src == 192.0.2.1")) {
      Found& conversation = found[std::stoul(row[0] + row[1]) - endpoints::receiver.port];
      conversation.plaintext += from_hexadecimal(row[2]);
      if (!(row[3] + row[4]).empty()) conversation.records = true;
    }
    return found;
  }

  std::map<std::size_t, Found> in_esp() const {
    CaptureFile capture;
    std::map<std::string, std::size_t> by_association;
    std::vector<std::string> options = {"-o", "esp.enable_encryption_decode:TRUE",
                                        "-o", "esp.enable_authentication_check:TRUE",
                                        "-d", "udp.port==4433,data"};
    for (std::size_t i = 0; i < formats_.size(); ++i) {
      if (!is_esp(formats_[i])) continue;
      add(capture, i, formats_[i], sessions_[i]);
      by_association[fmt::format("0x{:08x}", sessions_[i].sender.association)] = i;
      if (!sessions_[i].key_log.empty()) options.insert(options.end(), {"-o", association_row(sessions_[i].key_log)});
    }
    const Tshark tshark(write_file(folder_ / "esp.pcap", capture.bytes()), folder_.path(), options);
    std::map<std::size_t, Found> found;
    for (const auto& row : tshark.rows({"esp.spi", "esp.icv_good", "esp.icv_bad", "data.data"}, "esp")) {
      Found& conversation = found[by_association.at(row[0])];
      conversation.records = true;
      if (row[2] == "1") ++conversation.not_authentic;
      if (row[1] == "1") conversation.plaintext += from_hexadecimal(row[3]);
    }
    return found;
  }

  /// Of the sender's packets under keys.
  std::map<std::size_t, Found> in_ssh() {
    const Tshark tshark =
        tshark_of("ssh", is_ssh, "ssh.keylog_file", {"--log-level", "debug", "--log-domains", "packet-ssh"});
    std::map<std::size_t, Found> found;
    for (const auto& row : tshark.rows({"tcp.dstport", "ssh.mac.status", "ssh.message_code", "ssh.payload"},
                                       "ip.src == 192.0.2.1 && ssh && !ssh.protocol && !(ssh.message_code < 192)")) {
      Found& conversation = found[std::stoul(row[0]) - endpoints::receiver.port];
      conversation.records = true;
      if (row[1].empty()) continue;
      const bool authentic = row[1] == "1";
      if (!authentic) ++conversation.not_authentic;
      (authentic ? conversation.plaintext : conversation.plaintext_not_authentic) +=
          static_cast<char>(std::stoi(row[2])) + from_hexadecimal(row[3]);
    }
    words_about_ssh_ = read_file(folder_ / "tshark.log");
    return found;
  }

  Cell ssh_cell(const RecordFormat& format, const Found& found) const {
    Cell cell = ssh_cell_by_log(format, found);
    CHECK(handshake(format, 1).key_log.empty() != cell.proven());
    return cell;
  }

  Cell ssh_cell_by_log(const RecordFormat& format, Found found) const {
    const ssh_2::AlgorithmNames names = ssh_2::algorithm_names(format);
    if (says_of_ssh("decryption not supported: " + names.cipher + '\n')) {
      CHECK(found.not_authentic == 0);
      return cell_of(found, "has no such cipher for SSH");
    }
    if (!says_of_ssh("decryption MAC not supported: " + names.mac + '\n')) {
      CHECK(found.not_authentic == 1);
      return cell_of(found, "");
    }
    CHECK(found.plaintext.empty());
    if (format.encrypt_then_mac) {
      CHECK(found.not_authentic == 0);
      CHECK(says_of_ssh("unreasonable message length"));
      return cell_of(found, "has no encrypt-then-MAC for SSH, and takes packet_length for enciphered");
    }
    CHECK(found.not_authentic == sizes.size());
    found.plaintext = found.plaintext_not_authentic.substr(0, plaintext.size());
    Cell cell = cell_of(found, "");
    cell.note = "has no such MAC for SSH: deciphers the packets and takes none for authentic";
    return cell;
  }

  bool says_of_ssh(const std::string& words) const { return words_about_ssh_.find(words) != std::string::npos; }

  static std::string association_row(std::string key_log) {
    REQUIRE(key_log.ends_with('\n'));
    key_log.pop_back();
    return "uat:esp_sa:" + key_log;
  }

  Cell esp_cell(std::size_t i, const Found& found) const {
    const Cell cell = cell_of(found, "has no such cipher for ESP");
    CHECK(found.not_authentic == (cell.proven() ? 1U : 0U));
    if (cell.proven()) return cell;
    CHECK(sessions_[i].key_log.empty());
    // The name that later versions of Wireshark have, and what one for CCM would be.
    const std::string cipher = formats_[i].suite == Suite::chacha20_poly1305 ? "ChaCha20 with Poly1305 [RFC7634]"
                                                                             : "AES-CCM with 16 octet ICV [RFC4309]";
    const Tshark tshark(write_file(folder_ / "empty.pcap", CaptureFile().bytes()), folder_.path(),
                        {"-o", "uat:esp_sa:\"IPv4\",\"*\",\"*\",\"*\",\"" + cipher + "\",\"\",\"NULL\",\"\""});
    CHECK_THROWS_WITH(tshark.count("esp"), Catch::Matchers::Contains("invalid value: " + cipher));
    return cell;
  }

  std::span<const RecordFormat> formats_;
  std::vector<Session> sessions_;
  ScratchFolder folder_;
  std::string words_about_ssh_;  // tshark's, in its log
};

}  // namespace

std::vector<Cell> tshark_cells(std::span<const RecordFormat> formats) { return Captures(formats).cells(); }

std::string tshark_release() {
  const std::string version = run_in_shell("tshark --version 2>/dev/null").output;
  const std::size_t begin = version.find(") ") + 2;  // "TShark (Wireshark) 4.0.17 ..."
  return "tshark " + version.substr(begin, version.find('.', version.find('.', begin) + 1) - begin);
}

}  // namespace cryptopath::test
