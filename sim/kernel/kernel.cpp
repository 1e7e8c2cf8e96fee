#include "kernel/kernel.hpp"

namespace cryptopath::sim {

namespace {

struct CopyActs {
  Act copies;
  Act bytes;
  bool crosses;  // between user and kernel: what the papers count
};

CopyActs acts_of(CopyKind kind) {
  switch (kind) {
    case CopyKind::kernel_to_user:
      return {Act::copies_kernel_to_user, Act::copied_bytes_kernel_to_user, true};
    case CopyKind::user_to_kernel:
      return {Act::copies_user_to_kernel, Act::copied_bytes_user_to_kernel, true};
    case CopyKind::kernel_to_kernel:
      return {Act::copies_kernel_to_kernel, Act::copied_bytes_kernel_to_kernel, false};
  }
  throw Fault("unknown kind of copy");
}

}  // namespace

Task<> pass_through_cache(Kernel& kernel, const Context& context, const Segments& from, const Segments& to) {
  Cache::Traffic traffic;
  const auto add = [&traffic](Cache::Traffic more) {
    traffic.read += more.read;
    traffic.written += more.written;
  };
  for (const Segment& segment : from) add(kernel.cache.read(segment.buffer->identity(), segment.size));
  for (const Segment& segment : to) add(kernel.cache.write(segment.buffer->identity(), segment.size));
  kernel.ledger.add(Act::memory_read_bytes, traffic.read.count);
  kernel.ledger.add(Act::memory_write_bytes, traffic.written.count);
  const Bytes missed = traffic.read + traffic.written;
  if (missed.count == 0) co_return;
  co_await kernel.processor.run_transfer(context.thread(), kernel.interconnect.processor_to_memory(), missed,
                                         context.charged());
}

Task<> copy(Kernel& kernel, const Context& context, CopyKind kind, Segments from, Segments to, bool first_piece) {
  const Bytes size = total_size(from);
  const CopyActs acts = acts_of(kind);
  if (first_piece) {
    kernel.ledger.add(acts.copies);
    if (acts.crosses) {
      kernel.ledger.add(Act::paper_copies);
      kernel.ledger.add(Act::paper_context_switches, 2);
    }
  }
  kernel.ledger.add(acts.bytes, size.count);
  move_bytes(from, to);
  co_await context.run(time_at(size, kernel.processor_model.copy));
  co_await pass_through_cache(kernel, context, from, to);
}

void copy_argument(Kernel& kernel) { kernel.ledger.add(Act::copies_arguments); }

Task<> wakeup(Kernel& kernel, const Context& context, WaitChannel& channel) {
  if (!channel.has_sleepers()) co_return;
  co_await context.run(kernel.costs.wakeup);
  kernel.processor.wakeup(channel);
}

}  // namespace cryptopath::sim
