#include "key_line.hpp"

#include <sstream>

#include "cryptopath/errors.hpp"
#include "record/bytes.hpp"

namespace cryptopath::test {

std::string public_key_line(std::span<const std::byte> blob) {
  std::string base64(4 * ((blob.size() + 2) / 3) + 1, '\0');  // and the zero that OpenSSL ends it with
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()), octets(blob.data()),
                                   static_cast<int>(blob.size()));
  base64.resize(static_cast<std::size_t>(size));
  return std::string(ssh_2::ssh_ed25519) + " " + base64;
}

std::vector<std::byte> blob_of_line(const std::string& line) {
  std::istringstream words(line);
  std::string algorithm;
  std::string base64;
  words >> algorithm >> base64;
  ensure(algorithm == ssh_2::ssh_ed25519 && base64.size() % 4 == 0 && !base64.ends_with("="),
         "a line with an Ed25519 key");
  std::vector<std::byte> blob(base64.size() / 4 * 3);
  const int size = EVP_DecodeBlock(octets(blob.data()), reinterpret_cast<const unsigned char*>(base64.data()),
                                   static_cast<int>(base64.size()));
  ensure_openssl(size == static_cast<int>(blob.size()), "base64");
  return blob;
}

}  // namespace cryptopath::test
