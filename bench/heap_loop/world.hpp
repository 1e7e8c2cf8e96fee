// The state of the hand-written event loop. Its code stands in world.cpp (the loop), dma.cpp, processor.cpp (scheduling
// and interrupts), process.cpp and send.cpp (the system calls), crypto.cpp (the crypto thread and the card's driver),
// card.cpp, tcp.cpp and nic.cpp. What takes time is a state machine: it sets its next state, schedules an event and
// returns.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <queue>
#include <random>
#include <vector>

#include "cryptopath/record.hpp"
#include "hardware/cache.hpp"
#include "heap_loop/buffers.hpp"
#include "heap_loop/buses.hpp"
#include "heap_loop/heap_loop.hpp"
#include "heap_loop/parts.hpp"
#include "heap_loop/states.hpp"

namespace cryptopath::heap_loop {

class World {
 public:
  explicit World(const RunSpec& run);
  Outcome run();

 private:
  // world.cpp
  void build_buses();
  void after(Nanoseconds delay, Happening what, std::uint64_t tag = 0) {
    events_.push({now_ + delay, ordered_++, what, tag});
  }
  void run_instant(Nanoseconds instant);
  void handle(const Event& event);
  void finish_if_done();
  Nanoseconds any_instant_of(Nanoseconds interval);

  // dma.cpp
  void start_transfer(Master master, Buses::Route route, Bytes load);
  void on_transfer_end(Buses::End end);
  void start_dma(Master master, const Load& load);
  void continue_dma(Master master);
  void on_written_back(Master reads);
  void count_dma(Master master);
  Bytes wasted(const Segment& segment, const Load& load) const;
  Nanoseconds uncontended(Master master, const Load& load) const;
  void access_register(const Registers& registers) { ledger_.add_bus(registers.account, 1, Bytes(4)); }

  // processor.cpp
  void charge(Charge next);
  bool compute(Thread& thread, Nanoseconds duration, Charge charged);  // true when it takes no time at all
  void transfer(Thread& thread, Bytes load, Charge charged);
  void start_work(Thread& thread);
  void resume_current();
  void finish_work(Thread& thread);
  void on_compute_end(std::uint64_t activity);
  void on_processor_transfer_end();
  void raise(Line line);
  std::deque<Line>::iterator next_line();  // that nothing holds off
  bool take_pending_interrupt();
  bool held_off() const;
  void serve_interrupt();
  void leave_interrupt();
  void make_ready(Thread& thread);
  void dispatch();
  void on_switched();
  void sleep(Thread& thread, Channel channel);
  bool has_sleeper(Channel channel) const { return sleepers_[static_cast<std::size_t>(channel)] != nullptr; }
  void wake(Channel channel);
  bool return_to_user();
  void preempt();
  void run_thread(Thread& thread);

  // process.cpp: each returns whether the process goes on at once
  void run_process();
  bool advance_process();
  bool next_step();
  bool begin_step(const Step& step);
  bool advance_call();
  bool advance_write();
  bool advance_sendfile();
  bool leave_system_call();
  void take_pages(Bytes size);
  void take_records(Bytes plaintext);
  bool start_copy(Copying kind, Bytes size, bool first_piece);
  Nanoseconds copy_argument(Bytes size);  // counts it; the time that it takes
  Nanoseconds open_session();             // the same of what it copies
  bool pass_through_cache();
  bool cross_memory(sim::Cache::Traffic traffic);
  void append_clusters(Bytes size, std::vector<Piece>& pieces);
  Bytes file_left() const { return run_.file.size - offset_; }

  // crypto.cpp
  Request& new_request(const Frame& frame);
  bool advance_requests();  // of the process
  void run_crypto_thread();
  bool advance_crypto_thread();
  void advance_handler();
  bool handler_delay(Nanoseconds duration);  // true when it takes no time at all
  bool read_register();
  void on_register_read();
  bool advance_card_handler();
  bool advance_nic_handler();
  void advance_clock_handler();

  // card.cpp
  void submit_to_card(Request& request);
  void fetch_operation();
  void on_card_input();
  void on_operation_fetched();
  void run_engine();
  void on_output_begins();
  void on_engine_end();
  void store_result();
  void store_rest();
  void on_card_output();
  void finish_operation();

  // tcp.cpp
  Bytes space() const { return high_water_ - (queued_ - acknowledged_data_); }
  void append(std::vector<Mbuf>& chain);
  bool make_packet();  // the next one that may be sent, into pending_
  Nanoseconds packet_cost() const;
  void transmit();  // hands pending_ to the driver
  void fill_ring();
  void drop_acknowledged(Bytes up_to);

  // nic.cpp
  void fetch_packet();
  void on_packet_fetched();
  void send_packet();
  void on_packet_sent();
  void on_packet_arrival();
  void on_lone_segment_waited();
  void acknowledge();
  void send_acknowledgement();
  void on_acknowledgement_sent();
  void on_acknowledgement_arrival();
  void store_acknowledgement();
  void on_acknowledgement_stored();
  void nic_completed();
  Bytes on_wire(Bytes ip_packet) const;

  const RunSpec& run_;
  const Machine& machine_;
  const KernelModel& costs_;
  const ProcessorModel* processor_ = nullptr;
  const AcceleratorModel* card_ = nullptr;
  std::mt19937_64 random_;  // for the instant at which an idle card looks first
  std::mt19937_64 clocks_;  // for the instants of the kernel's clocks
  bool worked_ = true;      // since it last looked
  const NicModel* nic_ = nullptr;
  const WireModel* wire_ = nullptr;
  BitsPerSecond engine_rate_;

  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t ordered_ = 0;
  Nanoseconds now_;
  double exact_now_ = 0;            // a transfer's end may lie between two whole nanoseconds
  std::optional<Outcome> outcome_;  // once it has ended
  Ledger ledger_;
  Buses buses_;
  std::array<Dma, masters> dma_;
  Buses::Route misses_ = 0;
  Buses::Route memory_ = 0;
  BusAccount wire_account_;
  Registers card_registers_;
  Registers nic_registers_;
  sim::Cache cache_;
  BufferPool pool_;

  // The processor.
  Thread process_;
  Thread crypto_;
  Thread* current_ = nullptr;
  Thread* previous_ = nullptr;
  std::array<Thread*, 3> ready_{};  // with two threads no queue holds more than one
  std::array<Thread*, 3> sleepers_{};
  bool switching_ = false;
  bool in_interrupt_ = false;
  bool want_resched_ = false;
  std::uint64_t activity_ = 0;
  Nanoseconds work_began_;
  Nanoseconds interrupt_began_;
  Charge charged_ = Charge::idle;
  Nanoseconds charged_until_;
  std::deque<Line> pending_lines_;
  std::array<bool, 4> line_pending_{};
  std::int64_t to_mask_ = 0;  // lines that came while held off and are not masked yet

  // The process.
  At at_ = At::next_step;
  At after_copy_{}, after_requests_{}, after_output_{};
  struct Block {
    const std::vector<Step>* steps;
    std::size_t next;
    bool repeats;
  };
  std::vector<Block> blocks_;
  bool process_ended_ = false;
  bool moves_data_ = false;
  Nanoseconds short_call_;  // what a system call takes that neither moves data nor waits
  std::int64_t copies_before_ = 0;
  RecordFraming framing_;
  BufferIndex user_buffer_ = 0;
  BufferIndex iovecs_ = 0;  // of the session
  Bytes offset_;
  Bytes plaintext_;
  Bytes filled_;
  Bytes written_;
  Bytes piece_;
  std::vector<Frame> frames_;
  std::size_t frame_ = 0;
  std::vector<Piece> pages_;
  std::vector<Piece> plaintext_pieces_;  // of sendfile: what is framed and enciphered
  BufferIndex storage_ = 0;              // of CIOCCRYPT, or sendfile's own buffer
  Bytes taken_;
  std::vector<BufferIndex> around_;
  std::vector<Piece> copy_from_;
  std::vector<Piece> copy_to_;
  std::vector<Mbuf> chain_;

  // The crypto framework and the crypto thread.
  CryptoAt crypto_at_ = CryptoAt::loop;
  std::vector<Request> requests_;
  std::size_t request_count_ = 0;
  std::size_t dispatched_ = 0;
  bool queue_was_empty_ = false;
  std::deque<Request*> queue_;
  std::deque<Request*> completed_;
  Request* handled_ = nullptr;

  // The interrupt handler that runs.
  std::optional<Line> served_;
  HandlerAt handler_at_{};
  std::vector<Request*> reaped_;
  std::vector<Bytes> reaped_acknowledgements_;
  std::size_t reaped_next_ = 0;

  // The card.
  FetchAt fetch_at_ = FetchAt::looks;
  bool card_tells_when_waiting_ = false;
  bool card_waits_ = false;  // and has been told to interrupt for it
  std::int64_t commands_used_ = 0;
  std::int64_t sources_used_ = 0;
  std::int64_t destinations_used_ = 0;
  std::deque<Request*> submitted_;
  std::deque<Request*> fetched_;
  std::deque<Request*> computed_;
  std::vector<Request*> stored_;
  Request* fetching_ = nullptr;
  Request* storing_ = nullptr;
  bool stores_early_ = false;  // what does not wait for the engine's end
  bool engine_busy_ = false;
  Nanoseconds engine_free_;
  Nanoseconds engine_ends_;

  // TCP and the NIC's driver.
  Bytes high_water_;
  Bytes segment_size_;
  std::deque<Mbuf> mbufs_;
  std::size_t mbufs_dropped_ = 0;
  Bytes dropped_of_first_;
  std::size_t next_mbuf_ = 0;  // where the next segment begins, counted from the connection's first mbuf
  Bytes next_offset_;          // in it
  Bytes queued_;
  Bytes acknowledged_;
  Bytes acknowledged_data_;  // without the FIN
  Bytes sent_;
  bool finishing_ = false;
  bool fin_sent_ = false;
  Packet pending_;
  std::deque<Packet> waiting_;

  // The NIC, the wire and the peer.
  std::deque<Packet> ring_;
  std::int64_t ring_used_ = 0;
  std::deque<Packet> card_memory_;
  Packet fetching_packet_;
  Packet sending_packet_;
  bool nic_fetches_ = false;
  bool nic_sends_ = false;
  std::deque<Packet> flying_;
  std::deque<Bytes> returning_;
  std::deque<Bytes> flying_back_;
  std::deque<Bytes> returned_;
  Bytes sending_back_;
  Bytes storing_acknowledgement_;
  bool peer_sends_ = false;
  bool nic_stores_ = false;
  std::int64_t transmitted_ = 0;
  std::vector<Bytes> received_;
  std::int64_t uncollected_ = 0;
  std::uint64_t coalescing_ = 0;
  Bytes peer_received_;
  bool peer_finished_ = false;
  std::int64_t unacknowledged_segments_ = 0;
  bool delay_armed_ = false;  // one timer at a time, set anew when it fires for a segment that is acknowledged already
  Nanoseconds lone_since_;
};

}  // namespace cryptopath::heap_loop
