// tshark, which knows nothing of this project, as a reader of captures.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

/// The bytes that hexadecimal digits say, two for each; all else between them is passed over.
std::string from_hexadecimal(std::string text);

class Tshark {
 public:
  /// Reads `capture` with every checksum checked and `options` such as "-o" and "tls.keylog_file:FILE". `home` is a
  /// folder without a user's settings.
  Tshark(std::filesystem::path capture, std::filesystem::path home, std::vector<std::string> options);

  /// What it prints with further arguments. Throws std::runtime_error, with its words, unless it ends well.
  std::string print(const std::vector<std::string>& arguments) const;
  std::size_t count(const std::string& filter) const;
  /// The values of a field of bytes over all packets that pass, one after the other.
  std::string bytes_of(const std::string& field, const std::string& filter) const;
  /// Of each packet that passes the values of these fields, "" where it has none. Several values of one field stand in
  /// one after the other, separated by commas.
  std::vector<std::vector<std::string>> rows(const std::vector<std::string>& fields, const std::string& filter) const;
  /// What the server has sent in TLS connection number `stream`, deciphered.
  std::string tls_plaintext(int stream) const { return followed("tls", stream, 443); }
  /// What the end at `port` has sent in TCP connection number `stream`.
  std::string tcp_stream(int stream, int port) const { return followed("tcp", stream, port); }
  /// The payloads of the SSH packets under keys that the server has sent in TCP connection number `stream`: what tshark
  /// has deciphered, whatever message it then takes it for.
  std::vector<std::string> ssh_payloads(int stream) const;

 private:
  std::string followed(const std::string& protocol, int stream, int port) const;

  std::filesystem::path capture_;
  std::filesystem::path home_;
  std::vector<std::string> options_;
};
