// What goes between the project and a peer after a handshake, both ways.
#pragma once

#include <catch2/catch.hpp>

#include "sealed_stream.hpp"

namespace cryptopath::test {

/// What is on the wire, as receive() wants it: pieces of a stream that no record knows of, or datagrams.
inline std::vector<ByteVector> wire_of(const RecordFormat& format, const std::vector<ByteVector>& records) {
  if (in_datagrams(format.protocol)) return records;
  ByteVector stream;
  for (const ByteVector& record : records) stream.insert(stream.end(), record.begin(), record.end());
  std::vector<ByteVector> pieces;
  std::size_t size = 1;
  for (std::span<const std::byte> rest = stream; !rest.empty(); size = size * 7 % 4001) {
    const auto piece = rest.first(std::min(size, rest.size()));
    pieces.emplace_back(piece.begin(), piece.end());
    rest = rest.subspan(piece.size());
  }
  return pieces;
}

inline ByteVector received(Peer& peer, const std::vector<ByteVector>& wire) {
  ByteVector plaintext;
  for (const ByteVector& piece : wire) peer.receive(piece, plaintext);
  return plaintext;
}

/// The project seals records of several sizes and the peer must read them.
inline void check_received(const RecordFormat& format, const Session& session) {
  const ByteVector plaintext = pattern(20'000);
  const std::vector<std::size_t> sizes = in_datagrams(format.protocol)
                                             ? std::vector<std::size_t>{1000, 1, 1400, 64, 15}
                                             : std::vector<std::size_t>{1, 4096, 15, 16, 1000, 17, 9000};
  CHECK(received(*session.peer, wire_of(format, sealed_records(format, session.sender, plaintext, sizes))) ==
        plaintext);
}

struct Record {
  ContentType content;
  ByteVector plaintext;
};

/// All the records on `wire`, which the reader must accept.
inline std::vector<Record> opened(RecordReader& reader, const RecordFormat& format, ByteVector wire) {
  std::vector<Record> records;
  for (auto rest = std::span(wire); !rest.empty();) {
    const auto size = in_datagrams(format.protocol) ? size_of(rest) : reader.next_size(rest).value();
    REQUIRE(size <= size_of(rest));
    const auto record = rest.first(static_cast<std::size_t>(size.count));
    rest = rest.subspan(record.size());
    const Opened result = reader.open_in_place(record);
    REQUIRE(result.rejection == Rejection::none);
    records.push_back({result.content, {result.plaintext.begin(), result.plaintext.end()}});
  }
  return records;
}

/// The peer sends records of several sizes and its close_notify, and the project must read them.
inline void check_sent(const RecordFormat& format, const Session& session) {
  RecordReader reader(format, session.receiver);
  for (const std::size_t size : {std::size_t{1}, std::size_t{100}, std::size_t{1000}}) {
    ByteVector wire;
    session.peer->send(pattern(size), wire);
    ByteVector plaintext;
    for (const Record& record : opened(reader, format, wire)) {
      CHECK(record.content == ContentType::application_data);
      plaintext.insert(plaintext.end(), record.plaintext.begin(), record.plaintext.end());
    }
    CHECK(plaintext == pattern(size));
  }
  ByteVector wire;
  session.peer->close(wire);
  const auto records = opened(reader, format, wire);
  REQUIRE(records.size() >= 1);  // in TLS 1.0 OpenSSL may put an empty one in front
  CHECK(records.back().content == ContentType::alert);
  CHECK(records.back().plaintext == ByteVector{std::byte{1}, std::byte{0}});  // warning, close_notify
}

/// What a peer does about a record that was changed on its way.
enum class Refusal : std::uint8_t { ends_connection, discards_it, discards_all_from_it_on };

/// The peer of a fresh session, and the project, must refuse a record that was changed at a place of its length.
inline Refusal refusal_of(const RecordFormat& format, const Session& session, double place) {
  const ByteVector plaintext = pattern(100);
  const ByteVector record = sealed_record(format, session.sender, plaintext);
  ByteVector changed = record;
  changed[static_cast<std::size_t>(place * static_cast<double>(changed.size() - 1))] ^= std::byte{0x40};
  ByteVector again = changed;
  CHECK(opened_record(format, session.sender, again).rejection == Rejection::not_authentic);
  try {
    const ByteVector taken = received(*session.peer, {changed});
    CHECK(taken.empty());
  } catch (const Fault& fault) {
    CHECK_THAT(fault.what(), Catch::Matchers::StartsWith(session.peer->name() + " rejects the record: "));
    return Refusal::ends_connection;
  }
  CHECK(in_datagrams(format.protocol));  // a stream ends
  return received(*session.peer, {record}) == plaintext ? Refusal::discards_it : Refusal::discards_all_from_it_on;
}

}  // namespace cryptopath::test
