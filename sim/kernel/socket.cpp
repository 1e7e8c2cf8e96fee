#include "kernel/socket.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cryptopath::sim {

Task<> Socket::enable_crypt(const Context& context, std::optional<Bytes> key_length) {
  session_ = co_await framework_.open_session(context, protection_.algorithm, false, key_length);
}

Task<> Socket::enable_crypt_nic(const Context& context) {
  co_await copy_in_keys(kernel_, context, protection_.algorithm);
  if (transport_.in_datagrams()) {
    throw InputError("setsockopt(SO_CRYPT_NIC) failed: the NIC enciphers records of TCP and no datagrams (EOPNOTSUPP)");
  }
  const auto& engines = transport_.nic().model().engines;
  const auto engine = engines.find(protection_.algorithm);
  if (engine == engines.end()) {
    throw InputError(fmt::format("setsockopt(SO_CRYPT_NIC) failed: the NIC has no engine for {} (EOPNOTSUPP)",
                                 protection_.algorithm));
  }
  nic_rate_ = engine->second;
}

void Socket::set_send_buffer(Bytes size) {
  if (size > kernel_.costs.send_buffer_limit) {
    throw InputError(fmt::format("setsockopt(SO_SNDBUF) failed: {} is more than the kernel's sb_max of {} (ENOBUFS)",
                                 to_string(size), to_string(kernel_.costs.send_buffer_limit)));
  }
  transport_.set_high_water(size);
}

Task<> Socket::wait_for_space(const Context& context) { return wait_for_space(context, transport_.high_water()); }

Task<> Socket::wait_for_space(const Context& context, Bytes wanted) {
  const Bytes enough = std::min({wanted, kernel_.costs.mbuf_cluster, transport_.high_water()});
  while (transport_.space() < enough) co_await kernel_.processor.sleep(context.thread(), transport_.space_available());
}

Task<> Socket::send_from_user(const Context& context, Segments data) {
  if (transport_.in_datagrams() && !crypt()) {
    co_await send_messages(context, std::move(data));
    co_return;
  }
  co_await context.run(kernel_.costs.socket_send);
  const Bytes size = total_size(data);
  for (Bytes done; done < size;) {
    // A record cannot be protected in parts: with SO_CRYPT the whole write goes into one chain.
    Bytes piece = size;
    if (!crypt()) {
      co_await wait_for_space(context, size - done);
      piece = std::min(size - done, transport_.space());
    }
    MbufChain chain = allocate_clusters(kernel_.memory, piece, kernel_.costs.mbuf_cluster);
    chain.mbufs.front().begins_buffer = done.count == 0;
    co_await copy(kernel_, context, CopyKind::user_to_kernel, slice(data, done, piece), segments_of(chain),
                  done.count == 0);
    if (crypt()) {
      co_await wait_for_space(context);
      co_await protect_and_append(context, std::move(chain));
    } else {
      co_await transport_.send(context, std::move(chain));
    }
    done += piece;
  }
}

Task<> Socket::send_messages(const Context& context, Segments messages) {
  bool first = true;
  for (const Segment& message : messages) {
    co_await context.run(kernel_.costs.socket_send);
    MbufChain chain = allocate_clusters(kernel_.memory, message.size, kernel_.costs.mbuf_cluster);
    chain.mbufs.front().begins_buffer = first;
    const Segments from(1, message);
    co_await copy(kernel_, context, CopyKind::user_to_kernel, from, segments_of(chain), first);
    co_await send_datagram(context, std::move(chain));
    first = false;
  }
}

Task<> Socket::send_chain(const Context& context, MbufChain chain) {
  co_await context.run(kernel_.costs.socket_send);
  co_await protect_and_append(context, std::move(chain));
}

Task<> Socket::protect_and_append(const Context& context, MbufChain chain) {
  if (nic_rate_) {
    co_await append_for_nic(context, std::move(chain));
    co_return;
  }
  std::vector<MbufChain> chains;
  if (crypt()) {
    chains = co_await protect(context, std::move(chain));
  } else {
    chains.push_back(std::move(chain));
  }
  if (!transport_.in_datagrams()) {
    co_await send_stream(context, std::move(chains));
    co_return;
  }
  for (MbufChain& datagram : chains) co_await send_datagram(context, std::move(datagram));
}

Task<> Socket::send_stream(const Context& context, std::vector<MbufChain> chains) {
  MbufChain all;
  for (MbufChain& chain : chains) all.append(std::move(chain));
  check_fits_send_buffer(all.length);
  co_await transport_.send(context, std::move(all));
}

Task<> Socket::send_datagram(const Context& context, MbufChain datagram) {
  const Bytes size = datagram.length;
  check_fits_send_buffer(size);
  while (transport_.space() < size) co_await kernel_.processor.sleep(context.thread(), transport_.space_available());
  co_await transport_.send(context, std::move(datagram));
}

void Socket::check_fits_send_buffer(Bytes size) const {
  if (size <= transport_.high_water()) return;
  throw InputError(
      fmt::format("sosend failed: {} of {} B is longer than the send buffer of {} (EMSGSIZE); {}or "
                  "setsockopt SO_SNDBUF in the program, would do",
                  transport_.in_datagrams() ? "a datagram" : "a chain", size.count, to_string(transport_.high_water()),
                  transport_.in_datagrams() ? "" : "a smaller \"buffer\", "));
}

Task<> Socket::append_for_nic(const Context& context, MbufChain plaintext) {
  const std::vector<FramedRecord> framed = co_await frame(context, plaintext);
  MbufChain chain;  // refers to the plaintext; the peer's bytes are of the same number and at the same places
  std::vector<RecordToEncipher> records;
  for (const FramedRecord& record : framed) {
    RecordToEncipher to_encipher;
    to_encipher.data = record.data;
    to_encipher.processed = record.frame.enciphered();
    to_encipher.rate = *nic_rate_;
    to_encipher.begins_buffer = records.empty();
    to_encipher.transform = protection_.seals(record.frame);
    for (const Segment& segment : record.data) chain.append(Mbuf{segment, false});
    records.push_back(std::move(to_encipher));
  }
  check_fits_send_buffer(chain.length);
  co_await transport_.send_records(context, std::move(chain), std::move(records));
}

Task<std::vector<Socket::FramedRecord>> Socket::frame(const Context& context, const MbufChain& plaintext) {
  const std::vector<Frame> frames = protection_.take_records(plaintext.length);
  const Segments data = segments_of(plaintext);
  std::vector<FramedRecord> records;
  Bytes taken;
  for (const Frame& frame : frames) {
    co_await context.run(kernel_.costs.record_framing);
    const Bytes head = frame.plaintext_offset();
    const Bytes tail = frame.size() - head - frame.plaintext;
    const BufferPointer around = kernel_.memory.allocate(head + tail);
    if (protection_.transform != nullptr) {
      std::vector<std::byte> record(static_cast<std::size_t>(frame.size().count));
      protection_.transform->write_framing(frame, record);
      const std::span bytes(record);
      scatter(bytes.first(static_cast<std::size_t>(head.count)), {{around, Bytes(0), head}});
      scatter(bytes.last(static_cast<std::size_t>(tail.count)), {{around, head, tail}});
    }
    FramedRecord record{frame, {}};
    record.data.push_back({around, Bytes(0), head});
    for (const Segment& segment : slice(data, taken, frame.plaintext)) record.data.push_back(segment);
    if (tail.count > 0) record.data.push_back({around, head, tail});
    records.push_back(std::move(record));
    taken += frame.plaintext;
  }
  co_return records;
}

Task<std::vector<MbufChain>> Socket::protect(const Context& context, MbufChain plaintext) {
  std::vector<FramedRecord> framed = co_await frame(context, plaintext);
  std::vector<CryptoRequest> requests;
  std::vector<MbufChain> records;
  for (FramedRecord& record : framed) {
    CryptoRequest request;
    request.session = session_.get();
    request.processed = record.frame.enciphered();
    request.transform = protection_.seals(record.frame);
    request.begins_buffer = requests.empty();
    request.source = std::move(record.data);
    MbufChain clusters = allocate_clusters(kernel_.memory, record.frame.size(), kernel_.costs.mbuf_cluster);
    clusters.mbufs.front().begins_buffer = requests.empty();
    request.destination = segments_of(clusters);
    records.push_back(std::move(clusters));
    requests.push_back(std::move(request));
  }
  co_await run_requests(kernel_, framework_, context, requests, "sosend with SO_CRYPT");
  kernel_.ledger.add(Act::records, std::ssize(records));
  co_return records;
}

Task<> Socket::close(const Context& context) {
  if (session_ != nullptr) framework_.crypto_freesession(std::move(session_));
  co_await transport_.shut_down(context);
}

}  // namespace cryptopath::sim
