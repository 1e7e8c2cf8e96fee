#include "hardware/buffer.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <utility>

using namespace cryptopath;
using namespace cryptopath::sim;
using namespace cryptopath::literals;

namespace {

using Content = std::vector<std::byte>;

Content any_content(std::size_t size) {
  return *rc::gen::container<Content>(size, rc::gen::map(rc::gen::arbitrary<std::uint8_t>(), [](std::uint8_t value) {
                                        return static_cast<std::byte>(value);
                                      }));
}

/// A scatter list of `size` bytes in all: pieces of any size, empty ones too, anywhere in buffers of their own.
Segments any_segments(BufferPool& pool, std::size_t size) {
  Segments segments;
  while (size > 0) {
    // inRange() alone would give its lower end again and again at RapidCheck's smallest sizes.
    const bool empty = segments.size() < 8 && *rc::gen::arbitrary<bool>();
    const std::size_t taken = empty ? 0 : *rc::gen::inRange<std::size_t>(1, size + 1);
    const auto before = *rc::gen::inRange<std::int64_t>(0, 100);
    const Bytes piece(static_cast<std::int64_t>(taken));
    segments.push_back({pool.allocate(piece + Bytes(before)), Bytes(before), piece});
    size -= taken;
  }
  return segments;
}

Content content_of(const Segments& segments) {
  Content content(static_cast<std::size_t>(total_size(segments).count));
  gather(segments, content);
  return content;
}

/// The same with content, of up to 499 bytes.
std::pair<Content, Segments> any_filled(BufferPool& pool) {
  const auto size = *rc::gen::inRange<std::size_t>(0, 500);
  const Content content = any_content(size);
  const Segments segments = any_segments(pool, size);
  scatter(content, segments);
  return {content, segments};
}

}  // namespace

TEST_CASE("What is scattered is gathered again") {
  CHECK(rc::check([] {
    BufferPool pool(true);
    const auto [content, segments] = any_filled(pool);
    RC_ASSERT(content_of(segments) == content);
  }));
}

TEST_CASE("A slice holds the bytes of its range") {
  CHECK(rc::check([] {
    BufferPool pool(true);
    const auto [content, segments] = any_filled(pool);
    const auto from = *rc::gen::inRange<std::size_t>(0, content.size() + 1);
    const auto length = *rc::gen::inRange<std::size_t>(0, content.size() - from + 1);
    const Segments part =
        slice(segments, Bytes(static_cast<std::int64_t>(from)), Bytes(static_cast<std::int64_t>(length)));
    const auto begin = content.begin() + static_cast<std::ptrdiff_t>(from);
    RC_ASSERT(content_of(part) == Content(begin, begin + static_cast<std::ptrdiff_t>(length)));
  }));
}

TEST_CASE("By pages a scatter list holds the same bytes in the fewest pieces that lie in one page each") {
  CHECK(rc::check([] {
    BufferPool pool(true);
    const auto [content, segments] = any_filled(pool);
    constexpr std::int64_t page = 32;
    const Segments pieces = paged(segments, Bytes(page));
    std::size_t fewest = 0;
    for (const auto& [buffer, offset, length] : segments) {
      for (std::int64_t i = 0; i < length.count; ++i) {
        if (i == 0 || (offset.count + i) % page == 0) ++fewest;
      }
    }
    RC_ASSERT(content_of(pieces) == content);
    RC_ASSERT(pieces.size() == fewest);
    RC_ASSERT(std::ranges::all_of(pieces, [](const Segment& piece) {
      return piece.offset.count / page == (piece.offset + piece.size - Bytes(1)).count / page;
    }));
  }));
}

TEST_CASE("Bytes move between scatter lists of any shape") {
  CHECK(rc::check([] {
    BufferPool pool(true);
    const auto size = *rc::gen::inRange<std::size_t>(0, 500);
    const Content content = any_content(size);
    const Segments from = any_segments(pool, size);
    const Segments to = any_segments(pool, size);
    scatter(content, from);
    move_bytes(from, to);
    RC_ASSERT(content_of(to) == content);
    RC_ASSERT(content_of(from) == content);
  }));
}

TEST_CASE("What does not fit is a fault") {
  BufferPool pool(true);
  const BufferPointer buffer = pool.allocate(64_B);
  CHECK(buffer->bytes(0_B, 64_B).size() == 64);
  CHECK_THROWS_AS(buffer->bytes(0_B, 65_B), Fault);
  CHECK_THROWS_AS(buffer->bytes(64_B, 1_B), Fault);
  CHECK_THROWS_AS(buffer->bytes(Bytes(-1), 1_B), Fault);
  CHECK_THROWS_AS(slice({{buffer, 0_B, 64_B}}, 10_B, 55_B), Fault);
  CHECK_THROWS_AS(move_bytes({{buffer, 0_B, 8_B}}, {{buffer, 8_B, 9_B}}), Fault);
  Content seven(7);
  CHECK_THROWS_AS(gather({{buffer, 0_B, 8_B}}, seven), Fault);
  CHECK_THROWS_AS(scatter(seven, {{buffer, 0_B, 8_B}}), Fault);
}

TEST_CASE("The pool gives out first what was freed last") {
  BufferPool pool(false);
  BufferPointer first = pool.allocate(2048_B);
  BufferPointer second = pool.allocate(1025_B);
  CHECK(second->capacity() == 2048_B);
  const BufferIdentity first_identity = first->identity();
  const BufferIdentity second_identity = second->identity();
  CHECK(first_identity != second_identity);
  second.reset();
  first.reset();
  CHECK(pool.allocate(4096_B)->identity() != first_identity);
  first = pool.allocate(2000_B);
  second = pool.allocate(2000_B);
  CHECK(first->identity() == first_identity);
  CHECK(second->identity() == second_identity);
}

TEST_CASE("A buffer outlives its pool, whatever else comes back to it") {
  BufferPointer buffer;
  BufferPointer other;
  {
    BufferPool pool(true);
    buffer = pool.allocate(16_B);
    other = pool.allocate(16_B);
  }
  other.reset();
  const BufferPointer same = buffer;
  buffer.reset();
  CHECK(same->bytes(0_B, 16_B).size() == 16);
}

TEST_CASE("Buffers of a modelled payload move nothing and have a size") {
  BufferPool pool(false);
  const Segments from = {{pool.allocate(100_B), 0_B, 100_B}};
  const Segments to = {{pool.allocate(100_B), 20_B, 100_B}};
  CHECK_FALSE(from.front().buffer->holds_bytes());
  move_bytes(from, to);
  CHECK(total_size(slice(to, 30_B, 70_B)) == 70_B);
}
