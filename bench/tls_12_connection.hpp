// A TLS 1.2 connection of libssl with AES-128-GCM whose records nobody reads: what the record benchmark measures
// against.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace cryptopath::bench {

class Tls12Connection {
 public:
  /// Performs a handshake; write() then sends `size` bytes. Throws Fault when libssl fails.
  explicit Tls12Connection(std::size_t size);
  ~Tls12Connection();
  Tls12Connection(const Tls12Connection&) = delete;
  Tls12Connection& operator=(const Tls12Connection&) = delete;
  /// One SSL_write into a BIO that throws all away.
  void write();

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::vector<unsigned char> bytes_;
};

}  // namespace cryptopath::bench
