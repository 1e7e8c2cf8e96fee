// What a program must be for a process to run it. Step by step, the checker knows what is open and what state the
// buffer is in.
#include <fmt/format.h>

#include "cryptopath/algorithm.hpp"
#include "program_file.hpp"

namespace cryptopath {

namespace {

using Kind = Step::Kind;

class ProgramChecker {
 public:
  ProgramChecker(const Program& program, const Document& document) : program_(program), document_(document) {}

  void check() {
    check_steps(program_.steps, {"steps"});
    place_ = {"steps"};
    if (!sent_) reject("a program that sends nothing", "a sendfile, or a repeat with read and write");
    expect_closed(file_, "the file", "{\"call\": \"close\", \"path\": \"file\"}");
    expect_closed(crypto_, "/dev/crypto", "{\"call\": \"close\", \"path\": \"/dev/crypto\"}");
    expect_closed(socket_, "the socket", "{\"call\": \"close\", \"path\": \"socket\"}");
  }

 private:
  enum class Descriptor { unopened, open, closed };
  enum class Buffer { empty, plain, framed, sealed };  // sealed: enciphered, ready for the wire

  [[noreturn]] void reject(std::string_view found, std::string_view expected) const {
    document_.reject(place_, found, expected);
  }
  void expect(bool holds, std::string_view found, std::string_view expected) const {
    if (!holds) reject(found, expected);
  }
  void expect_closed(Descriptor descriptor, std::string_view what, std::string_view step) const {
    expect(descriptor != Descriptor::open, fmt::format("a program that leaves {} open", what),
           fmt::format("{} as one of its last steps", step));
  }

  void check_steps(const std::vector<Step>& steps, const Pointer& pointer) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
      Pointer step = pointer;
      step.push_back(std::to_string(i));
      place_ = step;
      check_step(steps[i], step);
    }
  }

  void check_step(const Step& step, const Pointer& pointer) {
    switch (step.kind) {
      case Kind::read:
      case Kind::frame:
      case Kind::seal:
      case Kind::crypt:
      case Kind::write:
        return check_buffer_step(step.kind);
      case Kind::repeat_until_end_of_file:
        return check_repeat(step, pointer);
      default:
        expect(!repeating_, "this step inside a repeat", "only read, frame, seal, CIOCCRYPT and write there");
        return step.kind == Kind::sendfile ? check_sendfile() : check_descriptor_step(step.kind);
    }
  }

  void check_descriptor_step(Kind kind) {
    switch (kind) {
      case Kind::open_file:
        return open(file_, "the file");
      case Kind::close_file:
        return close(file_, "the file");
      case Kind::open_crypto:
        return open(crypto_, "/dev/crypto");
      case Kind::close_crypto:
        session_ = false;
        return close(crypto_, "/dev/crypto");
      case Kind::close_socket:
        return close(socket_, "the socket");
      case Kind::create_session:
        expect(crypto_ == Descriptor::open, "CIOCGSESSION", "/dev/crypto opened before");
        expect(!session_, "a second CIOCGSESSION", "one session at a time");
        session_ = true;
        return;
      case Kind::free_session:
        expect(session_, "CIOCFSESSION", "a session, by CIOCGSESSION, before");
        session_ = false;
        return;
      case Kind::set_so_crypt:
        return check_so_crypt("SO_CRYPT");
      case Kind::set_so_crypt_nic:
        return check_so_crypt("SO_CRYPT_NIC");
      default:
        expect(socket_ == Descriptor::open, "SO_SNDBUF on a closed socket", "it before the socket is closed");
    }
  }

  void check_so_crypt(std::string_view option) {
    expect_protection(option);
    expect(!so_crypt_, fmt::format("a second {}", option), "one");
    expect(socket_ == Descriptor::open, fmt::format("{} on a closed socket", option), "it before the socket is closed");
    expect(!sent_, fmt::format("{} after data was sent", option), "it before");
    so_crypt_ = true;
  }

  void open(Descriptor& descriptor, std::string_view what) const {
    expect(descriptor == Descriptor::unopened, fmt::format("a second open of {}", what), "one");
    descriptor = Descriptor::open;
  }
  void close(Descriptor& descriptor, std::string_view what) const {
    expect(descriptor == Descriptor::open, fmt::format("close of {}, which is not open", what), "it opened before");
    descriptor = Descriptor::closed;
  }

  void expect_protection(std::string_view step) const {
    expect(program_.protects, fmt::format("{} in a program that does not protect", step),
           "\"protects\": true, or no such step");
  }

  void check_buffer_step(Kind kind) {
    expect(repeating_, "this step outside a repeat", "read, frame, seal, CIOCCRYPT and write inside one");
    switch (kind) {
      case Kind::read:
        expect(file_ == Descriptor::open, "read", "the file opened before");
        expect(!has_read_, "a second read in a repeat", "one");
        has_read_ = true;
        buffer_ = Buffer::plain;
        return;
      case Kind::frame:
        expect_protection("frame");
        expect(buffer_ == Buffer::plain, "frame", "a read, and no other frame or seal, before");
        buffer_ = Buffer::framed;
        return;
      case Kind::seal:
        expect_protection("seal");
        expect(buffer_ == Buffer::plain, "seal", "a read, and no frame or other seal, before");
        buffer_ = Buffer::sealed;
        return;
      case Kind::crypt:
        expect_protection("CIOCCRYPT");
        expect(session_, "CIOCCRYPT", "a session, by CIOCGSESSION, before");
        expect(buffer_ == Buffer::framed, "CIOCCRYPT", "a frame before");
        buffer_ = Buffer::sealed;
        return;
      default:
        check_write();
    }
  }

  void check_write() {
    expect(socket_ == Descriptor::open, "write to a closed socket", "it before the socket is closed");
    expect(buffer_ != Buffer::empty, "write", "a read before");
    expect(buffer_ != Buffer::framed, "write of what is framed and not enciphered", "CIOCCRYPT before");
    if (program_.protects) {
      expect(so_crypt_ || buffer_ == Buffer::sealed, "write of unprotected data",
             "frame and CIOCCRYPT, or seal, or SO_CRYPT before");
      expect(!(so_crypt_ && buffer_ == Buffer::sealed), "write of protected data to a socket with SO_CRYPT",
             "one protection");
    }
    buffer_ = Buffer::empty;
  }

  void check_sendfile() {
    expect(file_ == Descriptor::open, "sendfile", "the file opened before");
    expect(socket_ == Descriptor::open, "sendfile to a closed socket", "it before the socket is closed");
    expect(so_crypt_ || !program_.protects, "sendfile of unprotected data", "SO_CRYPT before");
    send();
  }

  void check_repeat(const Step& step, const Pointer& pointer) {
    expect(!repeating_, "a repeat inside a repeat", "one level");
    send();
    repeating_ = true;
    Pointer body = pointer;
    body.emplace_back("steps");
    check_steps(step.steps, body);
    place_ = pointer;
    // It has a read, or it would never end: each other step in it needs one before.
    expect(buffer_ == Buffer::empty, "a repeat that drops what it read", "a write after the read");
    repeating_ = false;
  }

  void send() {
    expect(!sent_, "a second transfer of the file", "one sendfile or one repeat");
    sent_ = true;
  }

  const Program& program_;
  const Document& document_;
  Pointer place_;
  Descriptor file_ = Descriptor::unopened;
  Descriptor crypto_ = Descriptor::unopened;
  Descriptor socket_ = Descriptor::open;  // the connection stands before the program starts
  Buffer buffer_ = Buffer::empty;
  bool session_ = false;
  bool so_crypt_ = false;  // by the kernel or the NIC
  bool repeating_ = false;
  bool has_read_ = false;
  bool sent_ = false;
};

}  // namespace

void check_program(const Program& program, const Document& document) { ProgramChecker(program, document).check(); }

void check_program(const Program& program, const Document& document, const KernelModel& kernel) {
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const Step& step = program.steps[i];
    if (step.kind != Kind::set_send_buffer || step.size <= kernel.send_buffer_limit) continue;
    const Pointer place = {"steps", std::to_string(i), "size"};
    document.reject(place, in_quotes(to_string(step.size)),
                    fmt::format("at most {}, the kernel's limit", to_string(kernel.send_buffer_limit)));
  }
}

void check_key_lengths(const Program& program, const Document& document, std::string_view suite) {
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const auto length = program.steps[i].key_length;
    if (!length) continue;
    const KeyLengths taken = first_key(suite);
    if (*length == taken.own || !taken.take(*length)) continue;
    const Pointer place = {"steps", std::to_string(i), "key_length"};
    document.reject(place, fmt::format("{} for {}", in_quotes(to_string(*length)), suite),
                    fmt::format("{}, or a length that the kernel refuses", to_string(taken.own)));
  }
}

}  // namespace cryptopath
