// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/report.h"

#include <fmt/core.h>
#include <vnet/version.h>

#include "cli/output.h"
#include "cli/scenario/report_page.h"
#include "cli/scenario/report_plots.h"

namespace vnet::cli {
namespace {

double seconds(RunTime ns) {
  return static_cast<double>(ns) / 1e9;
}

// The element's text may be anything.
std::string element(std::string_view name, std::string_view attributes, std::string_view text) {
  return fmt::format("<{}{}{}>{}</{}>", name, attributes.empty() ? "" : " ", attributes,
                     html_text(text), name);
}

std::string driver_name(const std::string& host) {
  return host == "kernel" ? "kernel module" : "user-space driver";
}

std::string facts(const Scenario& scenario, const History& history) {
  const auto row = [](std::string_view key, const std::string& value) {
    return "<div>" + element("dt", "", key) + element("dd", "", value) + "</div>\n";
  };
  std::string hosts;
  for (const std::string& host : history.hosts)
    if (const std::string name = driver_name(host); hosts.find(name) == std::string::npos)
      hosts += (hosts.empty() ? "" : ", ") + name;
  return "<dl>\n" +
         row("expectations", fmt::format("{} of {} met", history.met(), history.outcomes.size())) +
         row("seed", seed_text(scenario.seed.value_or(0))) +
         row("length", fmt::format("{:.1f} s", seconds(history.end_ns))) +
         row("begun", history.begun) + row("driven by", hosts.empty() ? "-" : hosts) +
         row("file", scenario.file) + row("vnet", VNET_VERSION) + "</dl>\n";
}

std::string header(const Scenario& scenario, const History& history) {
  const bool passed = history.passed();
  const std::string verdict = history.interrupted ? "INTERRUPTED" : passed ? "PASSED" : "FAILED";
  return fmt::format(
      "<header><h1>{} {}</h1>\n{}</header>\n", html_text(scenario.name),
      element("span", fmt::format("id=\"verdict\" class=\"badge {}\"", passed ? "good" : "bad"),
              verdict),
      facts(scenario, history));
}

std::string outcomes(const History& history) {
  if (history.outcomes.empty()) return "";
  std::string text =
      "<section><h2>Expectations</h2>\n<table id=\"expectations\"><thead><tr><th></th>"
      "<th class=\"num\">at</th><th class=\"num\">line</th><th>expected</th><th>found</th></tr>"
      "</thead><tbody>\n";
  for (const History::Outcome& outcome : history.outcomes)
    text += fmt::format(
        "<tr class=\"{}\"><td>{}</td><td class=\"num\">{:.3f} s</td><td class=\"num\">{}</td>{}{}"
        "</tr>\n",
        outcome.met ? "met" : "unmet", outcome.met ? "\u2713 met" : "\u2717 not met",
        seconds(outcome.at_ns), outcome.place.line, element("td", "", outcome.expected),
        element("td", "", outcome.found));
  return text + "</tbody></table></section>\n";
}

std::string mark_table(const std::vector<PlotMark>& marks) {
  if (marks.empty()) return "";
  std::string text =
      "<table class=\"marks\"><thead><tr><th class=\"num\"></th><th class=\"num\">at</th>"
      "<th class=\"num\">until</th><th>what</th></tr></thead><tbody>\n";
  for (const PlotMark& mark : marks)
    text += fmt::format(
        "<tr><td class=\"num\"><span class=\"number {}\">{}</span></td><td class=\"num\">{:.3f} s"
        "</td><td class=\"num\">{}</td>{}</tr>\n",
        mark.kind, mark.number, mark.from,
        mark.to > mark.from ? fmt::format("{:.3f} s", mark.to) : "", element("td", "", mark.text));
  return text + "</tbody></table>\n";
}

std::string link_section(const Scenario& scenario, const History& history, size_t link) {
  const auto& [a, b] = scenario.links[link].ends;
  const std::vector<PlotMark> marks = link_marks(scenario, history, link);
  const std::string host = link < history.hosts.size() ? history.hosts[link] : "";
  std::string text = fmt::format(
      "<section class=\"link\"><h2>{} \u2194 {} <small>{}, seed {}</small></h2>\n"
      "<div class=\"scroll\">",
      html_text(a.name.text()), html_text(b.name.text()), driver_name(host),
      seed_text(scenario.links[link].seed.value_or(scenario.seed.value_or(0) + link)));
  text += plots_svg(link_plots(scenario, history, link), marks, seconds(history.end_ns));
  return text + "</div>\n" + mark_table(marks) + "</section>\n";
}

std::string commands(const History& history) {
  if (history.commands.empty()) return "";
  std::string text = "<section id=\"commands\"><h2>Commands</h2>\n";
  for (const History::Command& command : history.commands) {
    const bool bad = !command.background && command.status && *command.status != 0;
    text += fmt::format(
        "<details{}><summary><code>{}</code> <small>{}, {:.3f} s to {:.3f} s, {}</small></summary>"
        "<pre>{}</pre></details>\n",
        bad ? " open" : "", html_text(command.command),
        html_text(command.where.empty() ? "here" : command.where), seconds(command.from_ns),
        seconds(command.to_ns),
        command.status ? fmt::format("exit {}", *command.status) : "not over",
        html_text(command.output.empty() ? "(no output)" : command.output));
  }
  return text + "</section>\n";
}

}  // namespace

std::string report_html(const Scenario& scenario, const History& history) {
  std::string text = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>{}: {}</title>\n<style>{}</style>"
      "</head><body><main>\n",
      html_text(scenario.name), history.passed() ? "passed" : "failed", kReportStyle);
  text += header(scenario, history) + outcomes(history);
  for (size_t link = 0; link < scenario.links.size(); link++)
    text += link_section(scenario, history, link);
  text += kReportNotes;
  text += commands(history);
  text += "<section><h2>Scenario</h2><pre id=\"scenario\">" + html_text(scenario.source) +
          "</pre></section>\n";
  return text + fmt::format("</main><script>{}</script></body></html>\n", kReportScript);
}

}  // namespace vnet::cli
