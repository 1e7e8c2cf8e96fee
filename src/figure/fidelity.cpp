#include "figure/fidelity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cryptopath {

namespace {

using nlohmann::json;

/// Four digits that matter, and no more zeros than there are.
std::string number_text(double number) { return fmt::format("{:.4g}", number); }

/// Of a share, or null, which is of nothing.
std::string percent_of(const json& share) {
  return share.is_number() ? fmt::format("{:.1f} %", share.get<double>() * 100) : "infinite";
}
std::string signed_percent_of(const json& share) {
  return share.is_number() ? fmt::format("{:+.1f} %", share.get<double>() * 100) : "infinite";
}

std::string errors_text(const json& errors, const char* kind) {
  const auto cells = errors.at("cells").get<int>();
  if (cells == 0) return "";
  return fmt::format("{} {}, median {}, largest {}", cells, kind, percent_of(errors.at("median")),
                     signed_percent_of(errors.at("largest")));
}

std::string expected_text(const json& statement) {
  const auto at = [&statement](const char* key) { return number_text(statement.at(key).get<double>()); };
  const bool least = statement.contains("at_least");
  const bool most = statement.contains("at_most");
  if (least && most) return fmt::format("{} to {}", at("at_least"), at("at_most"));
  return least ? "at least " + at("at_least") : "at most " + at("at_most");
}

std::string found_text(const json& statement) {
  // What is no number stands as null in a document.
  if (!statement.at("least").is_number()) return "nothing";
  const auto least = statement.at("least").get<double>();
  const auto most = statement.at("most").get<double>();
  return least == most ? number_text(least) : fmt::format("{} to {}", number_text(least), number_text(most));
}

std::string escaped(const std::string& text) {
  std::string html;
  for (const char c : text) {
    html += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : std::string(1, c);
  }
  return html;
}

/// `name` as the path of a link (RFC 3986).
std::string link_to(const std::string& name) {
  constexpr std::string_view unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string link;
  for (const char c : name) {
    link += unreserved.find(c) != std::string_view::npos ? std::string(1, c)
                                                         : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return link;
}

/// As Markdown, which takes HTML for what it is, shows it.
std::string marked_down(const std::string& text) {
  std::string markdown;
  for (const char c : text) markdown += c == '&' ? "&amp;" : c == '<' ? "&lt;" : std::string(1, c);
  return markdown;
}

/// What a cell of a Markdown table may hold.
std::string cell(std::string text) {
  std::ranges::replace(text, '|', '/');
  return marked_down(text);
}

std::string error_row(const json& document) {
  std::string row;
  for (const char* kind : {"fitted", "predicted"}) {
    const json& errors = document.at("errors").at(kind);
    if (errors.at("cells") == 0) {
      row += " | | | ";
      continue;
    }
    row += fmt::format(" | {} | {} | {}", errors.at("cells").get<int>(), percent_of(errors.at("median")),
                       signed_percent_of(errors.at("largest")));
  }
  return row;
}

std::string holding(const json& document) {
  const json& statements = document.at("statements");
  const auto hold = std::ranges::count_if(statements, [](const json& each) { return each.at("holds").get<bool>(); });
  return statements.empty() ? "" : fmt::format("{} of {}", hold, statements.size());
}

std::string cells_of(const json& document) {
  std::string text;
  for (const json& point : document.at("points")) {
    if (!point.contains("published")) continue;
    text += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", cell(point.at("series")), cell(point.at("x")),
                        number_text(point.at("published").get<double>()), number_text(point.at("y").get<double>()),
                        cell(point.at("unit")), signed_percent_of(point.at("error")),
                        point.at("fitted").get<bool>() ? "fitted" : "predicted");
  }
  for (const json& value : document.at("unmodelled")) {
    text += fmt::format("| {} | {} | {} | not modelled | {} | | |\n", cell(value.at("series")), cell(value.at("x")),
                        number_text(value.at("published").get<double>()), cell(value.at("unit")));
  }
  if (text.empty()) return "Nothing of it was published in numbers.\n";
  return "| series | x | published | model | unit | error | |\n| --- | --- | --- | --- | --- | --- | --- |\n" + text;
}

}  // namespace

std::string summary_of(const json& document) {
  std::string text;
  const auto join = [&text](const std::string& part) {
    if (!part.empty()) text += (text.empty() ? "" : "; ") + part;
  };
  join(errors_text(document.at("errors").at("fitted"), "fitted"));
  join(errors_text(document.at("errors").at("predicted"), "predicted"));
  if (const std::string statements = holding(document); !statements.empty()) join(statements + " statements hold");
  return text.empty() ? "nothing to compare with" : text;
}

std::string statement_line(const json& statement) {
  return fmt::format("{}{} {}: found {}, expected {}", statement.at("holds").get<bool>() ? "holds" : "FAILS",
                     statement.at("fitted").get<bool>() ? " (fitted)" : "", statement.at("says").get<std::string>(),
                     found_text(statement), expected_text(statement));
}

std::string index_page(const std::vector<FigureReport>& figures) {
  std::string text =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>cryptopath: figures</title>\n<style>\n"
      "body { font: 16px/1.45 'DejaVu Sans', sans-serif; max-width: 75em; margin: 2em auto; padding: 0 1em; color: "
      "#222 }\n"
      "img { width: 100%; border: 1px solid #ddd } h2 { margin: 2em 0 0.2em } .source { color: #666; margin: 0 }\n"
      "li.fails { color: #a00; font-weight: bold } .failure { color: #a00 }\n</style>\n<h1>Figures</h1>\n"
      "<p>Model and published numbers; <a href=\"fidelity.md\">fidelity.md</a> has every published cell. Fitted cells "
      "are "
      "those that numbers of the models were fitted to, the others are predictions.</p>\n<ul>\n";
  for (const FigureReport& figure : figures) {
    text += fmt::format("<li><a href=\"#{}\">{}</a>: {}</li>\n", link_to(figure.name), escaped(figure.name),
                        figure.document.is_null() ? "failed" : escaped(summary_of(figure.document)));
  }
  text += "</ul>\n";
  for (const FigureReport& figure : figures) {
    const std::string name = escaped(figure.name);
    const std::string link = link_to(figure.name);
    if (figure.document.is_null()) {
      text += fmt::format("<h2 id=\"{}\">{}</h2>\n<p class=\"failure\">failed: {}</p>\n", link, name,
                          escaped(figure.failure));
      continue;
    }
    const json& document = figure.document;
    text += fmt::format("<h2 id=\"{0}\">{1}</h2>\n<p class=\"source\">{2}</p>\n", link, escaped(document.at("title")),
                        escaped(document.at("source")));
    if (figure.drawn) text += fmt::format("<a href=\"{0}.svg\"><img src=\"{0}.svg\" alt=\"{1}\"></a>\n", link, name);
    text += fmt::format("<p>{} &middot; <a href=\"{}.csv\">CSV</a> &middot; <a href=\"{}.json\">JSON</a></p>\n",
                        escaped(summary_of(document)), link, link);
    if (document.at("statements").empty()) continue;
    text += "<ul>\n";
    for (const json& statement : document.at("statements")) {
      text += fmt::format("<li class=\"{}\">{}</li>\n", statement.at("holds").get<bool>() ? "holds" : "fails",
                          escaped(statement_line(statement)));
    }
    text += "</ul>\n";
  }
  return text + "</html>\n";
}

std::string fidelity_page(const std::vector<FigureReport>& figures) {
  std::string text =
      "# How well the figures agree with what was published\n\nErrors are relative to the published number. *Fitted* "
      "are "
      "cells that numbers of the models were fitted to, *predicted* all others.\n\n"
      "| figure | fitted cells | median | largest | predicted cells | median | largest | statements that hold |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- |\n";
  for (const FigureReport& figure : figures) {
    text += figure.document.is_null() ? fmt::format("| {} | failed | | | | | | |\n", cell(figure.name))
                                      : fmt::format("| {}{} | {} |\n", cell(figure.name), error_row(figure.document),
                                                    holding(figure.document));
  }
  for (const FigureReport& figure : figures) {
    if (figure.document.is_null()) {
      text += fmt::format("\n## {}\n\nFailed: {}\n", marked_down(figure.name), marked_down(figure.failure));
      continue;
    }
    const auto text_at = [&figure](const char* key) { return marked_down(figure.document.at(key)); };
    text += fmt::format("\n## {}\n\n{}. {}.{}\n\n{}", marked_down(figure.name), text_at("title"), text_at("source"),
                        figure.drawn ? fmt::format(" [Picture]({}.svg)", link_to(figure.name)) : "",
                        cells_of(figure.document));
    if (!figure.document.at("statements").empty()) text += '\n';
    for (const json& statement : figure.document.at("statements")) {
      text += fmt::format("- {}\n", marked_down(statement_line(statement)));
    }
  }
  return text;
}

}  // namespace cryptopath
