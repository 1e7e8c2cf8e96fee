// Coroutines: a Task<T> is a computation that simulated time interrupts. It starts when awaited and hands its result,
// or its exception, to the one who awaits.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/clock.hpp"

namespace cryptopath::sim {

template <class T = void>
class Task;

namespace detail {

struct TaskPromiseBase {
  std::coroutine_handle<> awaiting;
  std::exception_ptr exception;

  struct HandBack {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> finished) noexcept {
      return finished.promise().awaiting;
    }
    void await_resume() const noexcept {}
  };
  std::suspend_always initial_suspend() const noexcept { return {}; }
  HandBack final_suspend() const noexcept { return {}; }
  void unhandled_exception() { exception = std::current_exception(); }
};

template <class T>
struct TaskPromise : TaskPromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <class Value>
  void return_value(Value&& result) {
    value.emplace(std::forward<Value>(result));
  }
  T result() {
    if (exception) std::rethrow_exception(exception);
    return std::move(*value);
  }
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
  Task<void> get_return_object();
  void return_void() const noexcept {}
  void result() const {
    if (exception) std::rethrow_exception(exception);
  }
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    handle_.promise().awaiting = awaiting;
    return handle_;
  }
  T await_resume() { return handle_.promise().result(); }

 private:
  Handle handle_;
};

template <class T>
Task<T> detail::TaskPromise<T>::get_return_object() {
  return Task<T>(Task<T>::Handle::from_promise(*this));
}
inline Task<void> detail::TaskPromise<void>::get_return_object() {
  return Task<void>(Task<void>::Handle::from_promise(*this));
}

/// The tasks that nobody awaits: devices, threads, processes. An exception in one of them fails the clock's run.
class Nursery {
 public:
  explicit Nursery(Clock& clock) : clock_(clock) {}
  ~Nursery();
  Nursery(const Nursery&) = delete;
  Nursery& operator=(const Nursery&) = delete;

  /// Starts `task` at once, up to its first wait.
  void start(Task<> task);

 private:
  struct Root;
  Root run(Task<> task);

  Clock& clock_;
  std::vector<std::coroutine_handle<>> roots_;
};

/// Coroutines that wait for something to happen, first in first out.
class Signal {
 public:
  explicit Signal(Clock& clock) : clock_(clock) {}

  auto wait() {
    struct Wait {
      Signal& signal;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> coroutine) { signal.waiting_.push_back(coroutine); }
      void await_resume() const noexcept {}
    };
    return Wait{*this};
  }
  /// Resumes, still at this instant, all who wait now.
  void notify() {
    for (const auto coroutine : waiting_) clock_.resume_at(clock_.now(), coroutine);
    waiting_.clear();
  }

 private:
  Clock& clock_;
  std::vector<std::coroutine_handle<>> waiting_;
};

}  // namespace cryptopath::sim
