#include "kernel/mbuf.hpp"

#include <algorithm>

namespace cryptopath::sim {

void MbufChain::drop(Bytes size) {
  ensure(size <= length, "more was acknowledged than the socket buffer holds");
  length -= size;
  while (size.count > 0) {
    Segment& first = mbufs.front().data;
    if (size >= first.size) {
      size -= first.size;
      mbufs.pop_front();
      continue;
    }
    first.offset += size;
    first.size -= size;
    mbufs.front().begins_buffer = false;
    return;
  }
}

MbufChain allocate_clusters(BufferPool& memory, Bytes size, Bytes cluster) {
  MbufChain chain;
  while (chain.length < size) {
    chain.append(Mbuf{{memory.allocate(cluster), Bytes(0), std::min(cluster, size - chain.length)}, false});
  }
  return chain;
}

Segments segments_of(const MbufChain& chain) {
  Segments segments;
  for (const Mbuf& mbuf : chain.mbufs) segments.push_back(mbuf.data);
  return segments;
}

}  // namespace cryptopath::sim
