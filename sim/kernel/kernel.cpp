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

void add(Cache::Traffic& traffic, Cache::Traffic more) {
  traffic.read += more.read;
  traffic.written += more.written;
}

/// What misses the cache crosses the memory bus while the processor waits.
Task<> cross_memory(Kernel& kernel, const Context& context, Cache::Traffic traffic) {
  kernel.ledger.add(Act::memory_read_bytes, traffic.read.count);
  kernel.ledger.add(Act::memory_write_bytes, traffic.written.count);
  const Bytes missed = traffic.read + traffic.written;
  if (missed.count == 0) co_return;
  co_await kernel.processor.run_transfer(context.thread(), kernel.interconnect.processor_to_memory(), missed,
                                         context.charged());
}

}  // namespace

Task<> pass_through_cache(Kernel& kernel, const Context& context, const Segments& from, const Segments& to) {
  Cache::Traffic traffic;
  for (const Segment& part : from) add(traffic, kernel.cache.read(part.buffer->identity(), part.offset, part.size));
  for (const Segment& part : to) add(traffic, kernel.cache.write(part.buffer->identity(), part.offset, part.size));
  co_await cross_memory(kernel, context, traffic);
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
  Cache::Traffic traffic;
  for (const Segment& part : from) add(traffic, kernel.cache.read(part.buffer->identity(), part.offset, part.size));
  for (const Segment& part : to) add(traffic, kernel.cache.overwrite(part.buffer->identity(), part.offset, part.size));
  co_await cross_memory(kernel, context, traffic);
}

Task<> copy_argument(Kernel& kernel, const Context& context, Bytes size) {
  kernel.ledger.add(Act::copies_arguments);
  co_await context.run(time_at(size, kernel.processor_model.copy));
}

Task<> read_register(Kernel& kernel, const Context& context, VertexIndex device) {
  co_await context.run(kernel.costs.device_register_read);
  for (const Interconnect::RegisterRead& read : kernel.interconnect.read_register(device)) {
    if (context.in_interrupt()) {
      co_await kernel.buses.transfer(read.route, read.load);
    } else {
      co_await kernel.processor.run_transfer(context.thread(), read.route, read.load, context.charged());
    }
    kernel.interconnect.account_read(read);
  }
}

Task<> write_register(Kernel& kernel, const Context& context, VertexIndex device) {
  kernel.interconnect.write_register(device);
  co_await context.run(kernel.costs.device_register_write);
}

Task<> zero(Kernel& kernel, const Context& context, const BufferPointer& buffer, Bytes size) {
  co_await context.run(time_at(size, kernel.processor_model.zero));
  co_await cross_memory(kernel, context, kernel.cache.overwrite(buffer->identity(), Bytes(0), size));
}

Task<BufferPointer> kernel_malloc(Kernel& kernel, const Context& context, Bytes size) {
  const KernelModel& costs = kernel.costs;
  const bool mapped = size > costs.malloc_free_lists;
  co_await context.run(costs.kernel_malloc + costs.malloc_page * (mapped ? pieces(size, costs.page) : 0));
  BufferPointer buffer = kernel.memory.allocate(size, Reuse::first_freed);
  if (mapped) buffer->rename(kernel.memory.fresh_identity());
  co_return buffer;
}

Task<> wakeup(Kernel& kernel, const Context& context, WaitChannel& channel) {
  if (!channel.has_sleepers()) co_return;
  co_await context.run(kernel.costs.wakeup);
  kernel.processor.wakeup(channel);
}

}  // namespace cryptopath::sim
