#include "user/crypto_library.hpp"

#include "kernel/openbsd/cryptosoft.hpp"

namespace cryptopath::sim {

Task<> CryptoLibrary::frame(Process& process, const std::vector<Frame>& frames, Segment buffer) {
  Bytes offset = buffer.offset;
  for (const Frame& frame : frames) {
    co_await process.compute(kernel_.costs.record_framing);
    if (protection_.transform != nullptr) {
      protection_.transform->write_framing(frame, buffer.buffer->bytes(offset, frame.size()));
    }
    offset += frame.size();
  }
}

Task<> CryptoLibrary::seal(Process& process, const std::vector<Frame>& frames, Segment buffer) {
  ensure(cipher_ != nullptr, "the library does not know the cipher");
  co_await frame(process, frames, buffer);
  Bytes offset = buffer.offset;
  for (const Frame& frame : frames) {
    co_await process.compute(software_cost(*cipher_, frame.enciphered(), kernel_.processor_model.clock));
    if (protection_.transform != nullptr) {
      protection_.transform->seal_in_place(frame, buffer.buffer->bytes(offset, frame.size()));
    }
    offset += frame.size();
  }
  const Segments records = {buffer};
  co_await pass_through_cache(kernel_, process.user_context(), records, records);
  kernel_.ledger.add(Act::records, static_cast<std::int64_t>(frames.size()));
}

}  // namespace cryptopath::sim
