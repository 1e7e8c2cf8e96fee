// What all parts of a simulated kernel share: the hardware below it, what its code costs, and its memory.
#pragma once

#include "cryptopath/ledger.hpp"
#include "cryptopath/models.hpp"
#include "hardware/buffer.hpp"
#include "hardware/cache.hpp"
#include "hardware/cpu.hpp"
#include "hardware/interconnect.hpp"
#include "kernel/context.hpp"

namespace cryptopath::sim {

struct Kernel {
  Clock& clock;
  Ledger& ledger;
  Processor& processor;
  Interconnect& interconnect;
  Buses& buses;
  Cache& cache;
  BufferPool& memory;
  const KernelModel& costs;
  const ProcessorModel& processor_model;
};

enum class CopyKind : std::uint8_t { kernel_to_user, user_to_kernel, kernel_to_kernel };

/// copyin(9), copyout(9), uiomove(9): copies `from` to `to`, of the same size. Takes processor time for every byte and
/// the memory bus for those that miss the cache. `first_piece` is false where a buffer's copying goes on after a break:
/// a buffer copied in pieces is one copy.
Task<> copy(Kernel& kernel, const Context& context, CopyKind kind, Segments from, Segments to, bool first_piece = true);

/// The processor reads `from` and writes `to`: the memory traffic of what is not in its cache, and the time of it.
Task<> pass_through_cache(Kernel& kernel, const Context& context, const Segments& from, const Segments& to);

/// copyin(9) of an ioctl's structure, key or IV, which are in the cache: counted apart.
Task<> copy_argument(Kernel& kernel, const Context& context, Bytes size);

/// Reads a register of a device over the buses; the processor waits.
Task<> read_register(Kernel& kernel, const Context& context, VertexIndex device);
/// Writes one, which is posted.
Task<> write_register(Kernel& kernel, const Context& context, VertexIndex device);

/// bzero(9) of the first `size` bytes.
Task<> zero(Kernel& kernel, const Context& context, const BufferPointer& buffer, Bytes size);

/// malloc(9), with the processor time of its free(9). Of more than the free lists keep, it maps pages that have been
/// free for longest (sys/uvm/uvm_page.c: taken from the head of a queue, given back at its tail), and nothing of which
/// is left in the cache.
Task<BufferPointer> kernel_malloc(Kernel& kernel, const Context& context, Bytes size);

/// wakeup(9): makes the sleepers ready and takes its time, if there were any.
Task<> wakeup(Kernel& kernel, const Context& context, WaitChannel& channel);

}  // namespace cryptopath::sim
