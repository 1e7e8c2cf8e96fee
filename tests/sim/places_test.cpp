// The four places where a transform runs leave the same bytes: library, kernel thread, card and NIC.
#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "../record/sealed_stream.hpp"
#include "example_host.hpp"
#include "in_child.hpp"

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::test;
using namespace cryptopath::literals;

namespace {

struct Records {
  RecordFormat format;
  TrafficKeys keys;
  Numbers sizes;        // of their plaintexts
  std::uint64_t shape;  // seeds how their memory is scattered
};

/// Every suite can be run everywhere.
HostModels models_with_every_suite() {
  HostModels models;
  models.real_bytes = true;
  for (const Suite suite : all_suites()) {
    const std::string name(name_of(suite));
    models.ciphers[name] = {{10}, Cycles(1000)};
    models.card.engines[name] = models.nic.engines[name] = 800_Mbit_s;
  }
  models.card.largest_request = 1024_KiB;
  models.kernel.send_buffer = 1024_KiB;
  return models;
}

/// Memory for `size` bytes in up to eight pieces, each at an offset of a buffer of its own; some pieces are empty.
Segments scattered(ExampleHost& host, Bytes size, std::uint64_t& shape) {
  const auto below = [&shape](std::int64_t bound) {
    shape = shape * 6364136223846793005 + 1442695040888963407;
    return static_cast<std::int64_t>((shape >> 33) % static_cast<std::uint64_t>(bound));
  };
  Segments segments;
  const std::int64_t pieces = 1 + below(8);
  Bytes left = size;
  for (std::int64_t i = 1; i <= pieces; ++i) {
    const Bytes piece = i == pieces ? left : Bytes(below(left.count + 1));
    const Bytes offset(below(5000));
    segments.push_back({host.memory.allocate(offset + piece + Bytes(below(100) + 1)), offset, piece});
    left -= piece;
  }
  return segments;
}

/// The records in one of the places, one after the other as the wire has them. What a place may fail to overwrite or
/// to order shows: each record is framed anew, in memory scattered anew.
class Place {
 public:
  Place(ExampleHost& host, const Records& records)
      : host_(host),
        records_(records),
        transform_(records.format, records.keys),
        framing_(records.format, records.keys.sequence),
        shape_(records.shape) {}

  ByteVector directly() {
    ByteVector wire;
    for (const std::int64_t size : records_.sizes) {
      const ByteVector record = sealed(transform_, framing_.next(Bytes(size)), plaintext(size));
      wire.insert(wire.end(), record.begin(), record.end());
    }
    return wire;
  }

  Task<> through(CryptoDriver& driver, ByteVector& wire) {
    CryptoSession session{std::string(name_of(records_.format.suite)), false, &driver};
    // All are in the queue before the first is done.
    std::vector<CryptoRequest> requests;
    for (const std::int64_t size : records_.sizes) {
      const Frame frame = framing_.next(Bytes(size));
      CryptoRequest request;
      request.session = &session;
      request.source = framed(frame);
      if (requests.size() % 2 == 1) request.destination = scattered(host_, frame.size(), shape_);
      request.processed = frame.enciphered();
      request.transform = sealing(frame);
      requests.push_back(std::move(request));
    }
    const Context context = kernel();
    co_await run_requests(host_.kernel, host_.framework, context, requests, "a test");
    for (const CryptoRequest& request : requests) {
      ByteVector record(static_cast<std::size_t>(total_size(request.output()).count));
      gather(request.output(), record);
      wire.insert(wire.end(), record.begin(), record.end());
    }
  }

  Task<> through_nic() {
    const Context context = kernel();
    MbufChain chain;
    std::vector<RecordToEncipher> records;
    for (const std::int64_t size : records_.sizes) {
      const Frame frame = framing_.next(Bytes(size));
      RecordToEncipher record;
      record.data = framed(frame);
      record.processed = frame.enciphered();
      record.rate = host_.models.nic.engines.at(std::string(name_of(records_.format.suite)));
      record.transform = sealing(frame);
      for (const Segment& segment : record.data) chain.append(Mbuf{segment, false});
      records.push_back(std::move(record));
    }
    co_await host_.tcp.send_records(context, std::move(chain), std::move(records));
    co_await host_.tcp.shut_down(context);
  }

 private:
  std::function<void(std::span<std::byte>)> sealing(const Frame& frame) {
    return [this, frame](std::span<std::byte> bytes) { transform_.seal_in_place(frame, bytes); };
  }

  ByteVector plaintext(std::int64_t size) const { return pattern(static_cast<std::size_t>(size), records_.shape); }

  Segments framed(const Frame& frame) {
    ByteVector record(static_cast<std::size_t>(frame.size().count));
    transform_.write_framing(frame, record);
    const ByteVector text = plaintext(frame.plaintext.count);
    std::copy(text.begin(), text.end(), record.begin() + frame.plaintext_offset().count);
    Segments segments = scattered(host_, frame.size(), shape_);
    scatter(record, segments);
    return segments;
  }

  Context kernel() { return {host_.processor, const_cast<Thread&>(host_.process.thread()), ProcessorClass::kernel}; }

  ExampleHost& host_;
  const Records& records_;
  RecordTransform transform_;
  RecordFraming framing_;
  std::uint64_t shape_;
};

Task<> run_everywhere(ExampleHost& host, Place& software, Place& card, Place& nic, ByteVector& by_software,
                      ByteVector& by_card) {
  co_await software.through(host.software, by_software);
  co_await card.through(*host.cards.front()->driver, by_card);
  co_await nic.through_nic();
}

/// Whether kernel thread, card and NIC leave what the library does.
Numbers same_as_library(const HostModels& models, const Records& records) {
  return in_child([&] {
    ExampleHost host(models);
    Place library(host, records);
    Place software(host, records);
    Place card(host, records);
    Place nic(host, records);
    ByteVector by_software;
    ByteVector by_card;
    ByteVector by_nic;
    host.nic.on_arrival([&](Packet packet) {
      by_nic.insert(by_nic.end(), packet.bytes.begin(), packet.bytes.end());
      host.nic.receive({size_of(by_nic) + Bytes(packet.last ? 1 : 0)});
    });
    host.run(run_everywhere(host, software, card, nic, by_software, by_card));
    const ByteVector by_library = library.directly();
    return Numbers{by_software == by_library, by_card == by_library, by_nic == by_library, host.tcp.closed()};
  });
}

}  // namespace

TEST_CASE("The same frames through library and kernel thread and card and NIC yield the same bytes") {
  CHECK(rc::check([] {
    Records records;
    records.format = *rc::gen::elementOf(std::vector<RecordFormat>(all_formats().begin(), all_formats().end()));
    RC_TAG(std::string(name_of(records.format.protocol)));
    records.keys = example_keys(records.format, *rc::gen::inRange<std::uint64_t>(0, 1'000'000));
    records.shape = *rc::gen::arbitrary<std::uint64_t>();
    const std::int64_t largest =
        std::min<std::int64_t>(RecordFraming(records.format, records.keys.sequence).largest_plaintext().count, 32'768);
    const auto size = rc::gen::oneOf(rc::gen::inRange<std::int64_t>(1, 200), rc::gen::inRange<std::int64_t>(1, largest),
                                     rc::gen::just(largest));
    for (int i = *rc::gen::inRange(1, 7); i > 0; --i) records.sizes.push_back(*size);
    HostModels models = models_with_every_suite();
    models.nic.maximum_packet = Bytes(*rc::gen::inRange<std::int64_t>(68, 9000));
    models.wire.peer_receive_window = Bytes(*rc::gen::inRange<std::int64_t>(500, 100'000));
    models.nic.transmit_ring = *rc::gen::inRange<std::int64_t>(1, 20);
    models.no_delay = *rc::gen::arbitrary<bool>();
    RC_LOG() << name_of(records.format) << '\n';
    RC_ASSERT(same_as_library(models, records) == (Numbers{1, 1, 1, 1}));
  }));
}

TEST_CASE("in no format does it matter who runs the transform") {
  for (const RecordFormat& format : all_formats()) {
    INFO(name_of(format));
    Records records;
    records.format = format;
    records.keys = example_keys(format);
    records.shape = 7;
    const Bytes largest = RecordFraming(format, records.keys.sequence).largest_plaintext();
    records.sizes = {1, std::min<std::int64_t>(largest.count, 32'768), 200};
    CHECK(same_as_library(models_with_every_suite(), records) == (Numbers{1, 1, 1, 1}));
  }
}
