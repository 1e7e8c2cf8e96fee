#include "line_counter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "cryptopath/errors.hpp"
#include "place.hpp"

namespace cryptopath {

namespace {

using nlohmann::json;

// What a scenario or a model needs, and far from what would exhaust memory.
constexpr std::size_t deepest_nesting = 64;
constexpr std::size_t most_values = 50'000;
constexpr std::size_t longest_key = 256;
constexpr std::size_t longest_text = 4096;

// Walks over the text for nlohmann's lexer and lets us see how far it is.
class Walker {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Walker(const char* at, const char** last_read) : at_(at), last_read_(last_read) {}
  reference operator*() const {
    *last_read_ = at_;
    return *at_;
  }
  Walker& operator++() {
    ++at_;
    return *this;
  }
  Walker operator++(int) {
    Walker before = *this;
    ++at_;
    return before;
  }
  bool operator==(const Walker& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  const char** last_read_;
};

// Receives what nlohmann's parser finds, in the order of the text.
class LineCounter : public nlohmann::json_sax<json> {
 public:
  LineCounter(std::string_view text, std::string name, Pointer at)
      : name_(std::move(name)),
        at_(std::move(at)),
        text_(text.data()),
        counted_(text.data()),
        last_read_(text.data()) {}

  const char** last_read() { return &last_read_; }
  Lines take() { return std::move(root_); }

  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_unsigned(number_unsigned_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool binary(binary_t&) override { return value(); }
  bool string(string_t& text) override {
    value();
    if (text.size() > longest_text) {
      reject(fmt::format("a text of {} bytes", text.size()), fmt::format("at most {}", longest_text));
    }
    return true;
  }

  bool start_object(std::size_t) override { return open(false); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(true); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (name.size() > longest_key) {
      reject(fmt::format("a key of {} bytes", name.size()), fmt::format("at most {}", longest_key));
    }
    open_.back()->children.push_back({line(), name, false, {}});
    const auto [entry, is_new] = keys_.back().emplace(name, line());
    if (!is_new) {
      reject(fmt::format("the key {} a second time", in_quotes(name)),
             fmt::format("it only once: it stands in line {} already", entry->second));
    }
    return true;
  }

  // nlohmann's text reads "... while parsing WHAT - REASON; last read: '...'; expected WHAT".
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    std::string_view reason = error.what();
    constexpr std::string_view before_expectation = "; expected ";
    std::string_view expected = "JSON";
    if (const auto at = reason.rfind(before_expectation); at != std::string_view::npos) {
      expected = reason.substr(at + before_expectation.size());
      reason = reason.substr(0, at);
    }
    if (const auto at = reason.find(" - "); at != std::string_view::npos) reason.remove_prefix(at + 3);
    if (reason.starts_with('[')) reason.remove_prefix(reason.find("] ") + 2);  // the exception's own name
    reason = reason.substr(0, reason.find("; last read: "));
    constexpr std::string_view unexpected = "unexpected ";
    if (reason.starts_with(unexpected)) reason.remove_prefix(unexpected.size());
    reject(printable(reason), printable(expected));
  }

 private:
  std::size_t line() {
    line_ += static_cast<std::size_t>(std::count(counted_, last_read_, '\n'));
    counted_ = last_read_;
    return line_;
  }

  Pointer pointer() const {
    Pointer tokens = at_;
    for (const Lines* container : open_) {
      if (container->children.empty()) break;
      tokens.push_back(container->array ? std::to_string(container->children.size() - 1)
                                        : container->children.back().key);
    }
    return tokens;
  }

  [[noreturn]] void reject(std::string_view found, std::string_view expected) {
    throw InputError(error_line(fmt::format("{}:{}", printable(name_), line()), pointer(), found, expected));
  }

  bool value() {
    if (!open_.empty() && open_.back()->array) open_.back()->children.push_back({line(), {}, false, {}});
    if (++values_ > most_values) {
      reject(fmt::format("more than {} values", most_values), "a file with fewer");
    }
    return true;
  }

  bool open(bool array) {
    value();
    if (open_.size() == deepest_nesting) {
      reject("an array or object inside too many others", fmt::format("at most {} levels", deepest_nesting));
    }
    Lines& container = open_.empty() ? root_ : open_.back()->children.back();
    if (open_.empty()) container.line = line();
    container.array = array;
    container.begin = static_cast<std::size_t>(last_read_ - text_);
    open_.push_back(&container);
    keys_.emplace_back();
    return true;
  }

  bool close() {
    open_.back()->end = static_cast<std::size_t>(last_read_ - text_) + 1;
    open_.pop_back();
    keys_.pop_back();
    return true;
  }

  std::string name_;
  Pointer at_;
  const char* text_;
  const char* counted_;    // newlines before it are in line_
  const char* last_read_;  // by the lexer, which looks one character past a number
  std::size_t line_ = 1;
  std::size_t values_ = 0;
  Lines root_;
  std::vector<Lines*> open_;  // only the innermost grows, so the others stay where they are
  std::vector<std::map<std::string, std::size_t>> keys_;
};

}  // namespace

const Lines* child_of(const Lines& parent, const std::string& token) {
  if (parent.array) {
    std::size_t index = parent.children.size();
    std::from_chars(token.data(), token.data() + token.size(), index);
    return index < parent.children.size() ? &parent.children[index] : nullptr;
  }
  const auto found = std::ranges::find(parent.children, token, &Lines::key);
  return found != parent.children.end() ? &*found : nullptr;
}

Lines lines_of(std::string_view text, const std::string& name, const Pointer& at) {
  LineCounter counter(text, name, at);
  json::sax_parse(Walker(text.data(), counter.last_read()), Walker(text.data() + text.size(), counter.last_read()),
                  &counter);
  return counter.take();
}

}  // namespace cryptopath
