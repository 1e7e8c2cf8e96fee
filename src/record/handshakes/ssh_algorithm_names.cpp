#include "ssh_algorithm_names.hpp"

#include <array>
#include <string_view>

#include "cryptopath/errors.hpp"

namespace cryptopath::ssh_2 {

AlgorithmNames algorithm_names(const RecordFormat& format) {
  if (format.suite == Suite::aes_128_gcm) return {"aes128-gcm@openssh.com", ""};
  if (format.suite == Suite::aes_256_gcm) return {"aes256-gcm@openssh.com", ""};
  if (format.suite == Suite::chacha20_poly1305) return {"chacha20-poly1305@openssh.com", ""};
  constexpr std::array<std::array<const char*, 2>, 6> ciphers = {{{"null-", "none"},
                                                                  {"rc4-", "arcfour"},
                                                                  {"3des-ede-cbc-", "3des-cbc"},
                                                                  {"aes-128-cbc-", "aes128-cbc"},
                                                                  {"aes-192-cbc-", "aes192-cbc"},
                                                                  {"aes-256-cbc-", "aes256-cbc"}}};
  constexpr std::array<std::array<const char*, 2>, 3> macs = {
      {{"hmac-md5", "hmac-md5"}, {"hmac-sha1", "hmac-sha1"}, {"hmac-sha256", "hmac-sha2-256"}}};
  const std::string_view suite = name_of(format.suite);
  AlgorithmNames names;
  for (const auto& [ours, theirs] : ciphers) {
    if (suite.starts_with(ours)) names.cipher = theirs;
  }
  for (const auto& [ours, theirs] : macs) {
    if (suite.ends_with(ours)) names.mac = theirs;
  }
  ensure(!names.cipher.empty() && !names.mac.empty(), "SSH has a name for cipher and MAC");
  if (format.encrypt_then_mac) names.mac += "-etm@openssh.com";
  return names;
}

}  // namespace cryptopath::ssh_2
