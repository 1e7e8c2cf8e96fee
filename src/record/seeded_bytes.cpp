#include "seeded_bytes.hpp"

#include "bytes.hpp"
#include "openssl.hpp"

namespace cryptopath {

std::vector<std::byte> seeded_bytes(std::string_view label, std::uint64_t seed, std::size_t size) {
  const auto seed_bytes = big_endian(seed);
  const char zero = 0;
  std::vector<std::byte> bytes(size);
  const DigestContext context = new_digest_context();
  ensure_openssl(EVP_DigestInit_ex(context.get(), EVP_shake256(), nullptr) == 1 &&
                     EVP_DigestUpdate(context.get(), label.data(), label.size()) == 1 &&
                     EVP_DigestUpdate(context.get(), &zero, 1) == 1 &&
                     EVP_DigestUpdate(context.get(), seed_bytes.data(), seed_bytes.size()) == 1 &&
                     EVP_DigestFinalXOF(context.get(), octets(bytes.data()), bytes.size()) == 1,
                 "SHAKE256");
  return bytes;
}

}  // namespace cryptopath
