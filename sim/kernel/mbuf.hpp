// mbuf chains (mbuf(9)): the network code's lists of memory. An mbuf refers to its memory; several may share it.
#pragma once

#include <deque>

#include "hardware/buffer.hpp"

namespace cryptopath::sim {

struct Mbuf {
  Segment data;
  bool begins_buffer = false;  // holds the first byte of a data buffer, as the papers count
};

/// A chain with its length (m_pkthdr.len).
struct MbufChain {
  std::deque<Mbuf> mbufs;
  Bytes length;

  void append(Mbuf mbuf) {
    length += mbuf.data.size;
    mbufs.push_back(std::move(mbuf));
  }
  /// sbappend(): the other chain's mbufs move to the end of this one.
  void append(MbufChain chain) {
    for (Mbuf& mbuf : chain.mbufs) append(std::move(mbuf));
  }
  /// sbdrop(): takes `size` bytes off the front.
  void drop(Bytes size);
};

/// m_getcl(9) as often as needed: a chain of clusters for `size` bytes.
MbufChain allocate_clusters(BufferPool& memory, Bytes size, Bytes cluster);
Segments segments_of(const MbufChain& chain);

}  // namespace cryptopath::sim
