#include "bytes.hpp"
#include "codec.hpp"
#include "replay_window.hpp"

namespace cryptopath {

struct RecordReader::State {
  const ProtocolFormat& protocol;
  std::unique_ptr<RecordCodec> codec;
  std::uint64_t next;  // streams
  bool closed = false;
  ReplayWindow window;  // datagrams

  Opened open_next_of_stream(std::span<std::byte> record) {
    if (closed) return rejected(Rejection::closed);
    const bool exhausted = (next & protocol.sequence_mask) == protocol.sequence_mask;
    Opened opened = exhausted ? rejected(Rejection::exhausted) : codec->open_in_place(next, record);
    closed = !opened;
    opened.sequence = next;
    if (opened) ++next;
    return opened;
  }

  Opened open_datagram(std::span<std::byte> record) {
    const Opened place = codec->locate(record);
    if (!place) return place;
    if (!window.may_accept(place.sequence)) return rejected(Rejection::replayed);
    Opened opened = codec->open_in_place(place.sequence, record);
    if (!opened) return opened;
    opened.sequence = place.sequence;
    window.accept(place.sequence);
    return opened;
  }
};

RecordReader::RecordReader(RecordFormat format, const TrafficKeys& keys)
    : state_(new State{format_of(format.protocol), make_codec(format, keys), keys.sequence, false,
                       ReplayWindow(keys.sequence)}) {}
RecordReader::~RecordReader() = default;
RecordReader::RecordReader(RecordReader&&) noexcept = default;
RecordReader& RecordReader::operator=(RecordReader&&) noexcept = default;

Opened RecordReader::open_in_place(std::span<std::byte> record) {
  const Opened opened =
      state_->protocol.in_datagrams ? state_->open_datagram(record) : state_->open_next_of_stream(record);
  ensure(opened || opened.plaintext.empty(), "a rejected record shows no plaintext");
  return opened;
}

std::optional<Bytes> RecordReader::next_size(std::span<const std::byte> start) {
  ensure(!state_->protocol.in_datagrams, "a datagram is a record");
  return state_->codec->size_of_record(state_->next, start);
}

std::string_view name_of(Rejection rejection, Protocol protocol) {
  if (rejection == Rejection::none) return "accepted";
  if (rejection == Rejection::closed) return "the connection has been closed";
  const bool is_ssh = protocol == Protocol::ssh_2;
  const bool is_dtls = protocol == Protocol::dtls_1_2;
  const bool is_esp = protocol == Protocol::esp_transport || protocol == Protocol::esp_tunnel;
  switch (rejection) {
    case Rejection::malformed:
      if (is_esp) return "discarded: malformed";
      if (is_dtls) return "discarded: decode_error";
      return is_ssh ? "SSH_DISCONNECT_PROTOCOL_ERROR" : "decode_error";
    case Rejection::wrong_version:
      return is_dtls ? "discarded: protocol_version" : "protocol_version";
    case Rejection::wrong_type:
      return is_dtls ? "discarded: unexpected_message" : "unexpected_message";
    case Rejection::too_long:
      if (is_dtls) return "discarded: record_overflow";
      return is_ssh ? "SSH_DISCONNECT_PROTOCOL_ERROR" : "record_overflow";
    case Rejection::not_authentic:
      if (is_esp) return "discarded: the integrity check value does not verify";
      if (is_dtls) return "discarded: bad_record_mac";
      return is_ssh ? "SSH_DISCONNECT_MAC_ERROR" : "bad_record_mac";
    case Rejection::wrong_epoch:
      return "discarded: another epoch";
    case Rejection::unknown_sender:
      return "discarded: no such security association";
    case Rejection::replayed:
      return "discarded: replayed";
    case Rejection::exhausted:
      return is_esp ? "discarded: the sequence number has cycled" : "sequence numbers have run out";
    case Rejection::none:
    case Rejection::closed:
      break;
  }
  throw Fault("every rejection has a name");
}

}  // namespace cryptopath
