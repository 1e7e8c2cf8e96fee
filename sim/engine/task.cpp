#include "engine/task.hpp"

namespace cryptopath::sim {

struct Nursery::Root {
  struct promise_type {
    Root get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const { std::terminate(); }  // run() keeps every exception
  };
  std::coroutine_handle<promise_type> handle;
};

Nursery::Root Nursery::run(Task<> task) {
  try {
    co_await task;
  } catch (...) {
    clock_.fail(std::current_exception());
  }
}

void Nursery::start(Task<> task) {
  const Root root = run(std::move(task));
  roots_.push_back(root.handle);
  root.handle.resume();
}

Nursery::~Nursery() {
  for (const auto root : roots_) root.destroy();
}

}  // namespace cryptopath::sim
