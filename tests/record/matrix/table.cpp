#include "table.hpp"

#include <algorithm>

namespace cryptopath::test {

namespace {

/// Formats that share a row of the table.
struct Group {
  std::vector<Protocol> protocols;
  std::vector<Suite> suites;
  bool encrypt_then_mac;
  std::vector<Cell> cells;
};

std::vector<Group> groups_of(const std::vector<Row>& rows) {
  std::vector<Group> by_protocol;
  for (const Row& row : rows) {
    const auto group = std::ranges::find_if(by_protocol, [&row](const Group& candidate) {
      return candidate.protocols.front() == row.format.protocol &&
             candidate.encrypt_then_mac == row.format.encrypt_then_mac && candidate.cells == row.cells;
    });
    if (group != by_protocol.end()) {
      group->suites.push_back(row.format.suite);
    } else {
      by_protocol.push_back({{row.format.protocol}, {row.format.suite}, row.format.encrypt_then_mac, row.cells});
    }
  }
  std::vector<Group> groups;
  for (const Group& group : by_protocol) {
    const auto equal = std::ranges::find_if(groups, [&group](const Group& candidate) {
      return candidate.suites == group.suites && candidate.encrypt_then_mac == group.encrypt_then_mac &&
             candidate.cells == group.cells;
    });
    if (equal != groups.end()) {
      equal->protocols.push_back(group.protocols.front());
    } else {
      groups.push_back(group);
    }
  }
  return groups;
}

std::string listed(const std::vector<Protocol>& protocols) {
  std::string text;
  for (const Protocol protocol : protocols) text += fmt::format("{}`{}`", text.empty() ? "" : ", ", name_of(protocol));
  return text;
}

/// "`null-hmac-md5`, `-sha1`, `aes-128-gcm`": of a cipher's second MAC on, the MAC alone.
std::string listed(const std::vector<Suite>& suites) {
  std::string text;
  std::string_view cipher_before;
  for (const Suite suite : suites) {
    const std::string_view name = name_of(suite);
    const std::size_t mac = name.find("-hmac-");
    const bool again = mac != std::string_view::npos && name.substr(0, mac) == cipher_before;
    text += fmt::format("{}`{}`", text.empty() ? "" : ", ", again ? name.substr(name.rfind('-')) : name);
    cipher_before = name.substr(0, mac);
  }
  return text;
}

/// Letters for notes, in the order in which they come.
class Notes {
 public:
  char letter_of(const std::string& note) {
    const auto place = std::ranges::find(notes_, note) - notes_.begin();
    if (place == static_cast<std::ptrdiff_t>(notes_.size())) notes_.push_back(note);
    return static_cast<char>('a' + place);
  }
  std::string list() const {
    std::string text;
    for (std::size_t i = 0; i < notes_.size(); ++i) {
      text += fmt::format("- ({}) {}\n", static_cast<char>('a' + static_cast<int>(i)), notes_[i]);
    }
    return text;
  }

 private:
  std::vector<std::string> notes_;
};

}  // namespace

std::string table_of(const std::vector<std::string>& columns, const std::vector<Row>& rows) {
  std::string table = "| Protocol | Suite |";
  std::string line = "| --- | --- |";
  for (const std::string& column : columns) {
    table += fmt::format(" {} |", column);
    line += " --- |";
  }
  table += '\n' + line + '\n';
  Notes notes;
  for (const Group& group : groups_of(rows)) {
    table += fmt::format("| {} | {}{} |", listed(group.protocols), group.encrypt_then_mac ? "encrypt-then-MAC: " : "",
                         listed(group.suites));
    for (const Cell& cell : group.cells) {
      if (cell.proven()) table += ' ' + cell.text;
      if (!cell.note.empty()) table += fmt::format("{} ({})", cell.proven() ? "" : " no", notes.letter_of(cell.note));
      table += " |";
    }
    table += '\n';
  }
  return table + '\n' + notes.list();
}

std::string table_of(std::span<const Absence> absences) {
  std::string table = "| Protocol | has no | because |\n| --- | --- | --- |\n";
  for (const Absence& absence : absences) {
    table += fmt::format("| {} | {} | {} |\n", listed(absence.protocols), listed(absence.suites), absence.why);
  }
  return table;
}

}  // namespace cryptopath::test
