// Where the hand-written event loop's state machines stand.
#pragma once

#include <cstdint>

namespace cryptopath::heap_loop {

/// The process.
enum class At : std::uint8_t {
  next_step,
  short_call,
  leave,
  frame,
  copy_misses,
  read,
  read_pages,
  read_copied,
  crypt,
  crypt_zeroed,
  crypt_malloc,
  crypt_copy_in,
  crypt_requests,
  crypt_copy_out,
  crypt_copied,
  dispatch,
  dispatch_queued,
  dispatch_wakes,
  wait_for_requests,
  write,
  write_space,
  write_append,
  write_next,
  sendfile_space,
  sendfile_pages,
  sendfile_send,
  sendfile_protect,
  protect,
  protect_framed,
  sendfile_append,
  sendfile_next,
  shut_down,
  output,
  output_transmit,
};

/// The crypto thread.
enum class CryptoAt : std::uint8_t { loop, driver, submit, completions, callback, wakes };

/// The interrupt handler that runs. The first two are the same for either card.
enum class HandlerAt : std::uint8_t {
  entered,
  reads,
  read,
  told,  // the card not to tell when it waits
  written,
  next,
  taken_back,
  woke,
  input,
  output,
  output_transmit,
  ticked,  // a clock
};

/// The card, as to what it works on next.
enum class FetchAt : std::uint8_t { looks, waits_for_engine, fetches };

}  // namespace cryptopath::heap_loop
