#include "formats.hpp"

#include <algorithm>
#include <array>

namespace cryptopath {

using namespace literals;

namespace {

constexpr std::array protocol_formats = {
    ProtocolFormat{Protocol::none, "none", 0_B, Bytes(std::int64_t{1} << 53)},
    ProtocolFormat{Protocol::tls_1_2, "tls-1.2", 5_B, 16_KiB},
};

constexpr std::array suite_formats = {
    SuiteFormat{.suite = Suite::null,
                .protocol = Protocol::none,
                .name = "null",
                .explicit_iv = 0_B,
                .mac = 0_B,
                .block = 0_B,
                .tag = 0_B,
                .cipher_key = 0_B,
                .mac_key = 0_B,
                .implicit_iv = 0_B},
    SuiteFormat{.suite = Suite::aes_128_gcm,
                .protocol = Protocol::tls_1_2,
                .name = "aes-128-gcm",
                .explicit_iv = 8_B,
                .mac = 0_B,
                .block = 0_B,
                .tag = 16_B,
                .cipher_key = 16_B,
                .mac_key = 0_B,
                .implicit_iv = 4_B},
    SuiteFormat{.suite = Suite::triple_des_cbc_hmac_sha1,
                .protocol = Protocol::tls_1_2,
                .name = "3des-ede-cbc-hmac-sha1",
                .explicit_iv = 8_B,
                .mac = 20_B,
                .block = 8_B,
                .tag = 0_B,
                .cipher_key = 24_B,
                .mac_key = 20_B,
                .implicit_iv = 0_B},
};

template <const auto& formats, auto member>
constexpr auto column() {
  std::array<std::remove_cvref_t<decltype(formats.front().*member)>, formats.size()> values{};
  std::transform(formats.begin(), formats.end(), values.begin(), [](const auto& row) { return row.*member; });
  return values;
}
constexpr auto protocols = column<protocol_formats, &ProtocolFormat::protocol>();
constexpr auto suites = column<suite_formats, &SuiteFormat::suite>();

}  // namespace

const ProtocolFormat& format_of(Protocol protocol) {
  const auto* row = std::ranges::find(protocol_formats, protocol, &ProtocolFormat::protocol);
  ensure(row != protocol_formats.end(), "every protocol has a row in the table");
  return *row;
}

const SuiteFormat& format_of(Suite suite) {
  const auto* row = std::ranges::find(suite_formats, suite, &SuiteFormat::suite);
  ensure(row != suite_formats.end(), "every suite has a row in the table");
  return *row;
}

std::string_view name_of(Protocol protocol) { return format_of(protocol).name; }
std::string_view name_of(Suite suite) { return format_of(suite).name; }
std::span<const Protocol> all_protocols() { return protocols; }
std::span<const Suite> all_suites() { return suites; }
bool supports(Protocol protocol, Suite suite) { return format_of(suite).protocol == protocol; }

}  // namespace cryptopath
