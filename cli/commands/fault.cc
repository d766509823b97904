// SPDX-License-Identifier: GPL-2.0-only
// `vnet fault`: what a device does wrong, when, and for how long.
#include "cli/commands/fault.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "cli/batch.h"
#include "cli/commands/monitor.h"
#include "cli/fault_words.h"
#include "cli/match_expression.h"
#include "cli/schema.h"
#include "cli/show.h"
#include "cli/values.h"

namespace vnet::cli {
namespace {

constexpr vnet_u64 bit(unsigned attribute) {
  return 1ull << attribute;
}

constexpr Parameter kAddParameters[] = {
    {"dev", "DEV", "the device", Parameter::kPositional, true},
    {"what", "WHAT", "tx-stall, link-flap, csum, ...: docs/faults.md has all",
     Parameter::kPositional, true},
    {"how", "good|bad|leak|deaf", "of csum good or bad, of mac-filter leak or deaf",
     Parameter::kPositional},
    {"value", "N", "bytes of truncate and bad-length, a time of dma-slow"},
    {"queue", "N", "at this queue only"},
    {"now", "", "begins at once, which is the default"},
    {"at", "TIME", "begins after TIME, such as +10ms"},
    {"after", "N", "begins when N frames have passed"},
    {"nth", "N", "begins with the N-th frame"},
    {"every", "N|TIME", "begins with each N-th frame, or each TIME"},
    {"frames", "", "may stand behind a number of frames"},
    {"prob", "P", "begins by chance, such as 1%"},
    {"match", "EXPR", "begins with each frame that this takes: 'udp port 53', as of tcpdump"},
    {"once", "", "one time"},
    {"count", "N", "N times"},
    {"for", "TIME", "lasts for TIME"},
    {"until", "reset", "lasts until the queue is reset or the device stopped"},
    {"expire", "TIME|never", "ends after TIME in any case; the default is 60s"},
};
constexpr Parameter kWhichParameters[] = {
    {"dev", "DEV", "the device", Parameter::kPositional, true},
    {"id", "ID", "the fault's number", Parameter::kPositional, true},
};
constexpr Parameter kDeleteParameters[] = {
    {"dev", "DEV", "the device", Parameter::kPositional, true},
    {"id", "ID|all", "the fault's number", Parameter::kPositional, true},
};
constexpr Parameter kShowParameters[] = {
    {"dev", "DEV", "the device; without it all", Parameter::kPositional},
};

const EnumType& enumeration(unsigned attribute) {
  return *attribute_set(VNET_SET_FAULT).attributes[attribute - 1].enumeration;
}

std::string word(unsigned attribute, vnet_u32 value) {
  const EnumEntry* const entry = find_entry(enumeration(attribute), value);
  return entry ? std::string(entry->name) : fmt::format("{}", value);
}

// "tx-stall", "csum good".
Result<vnet_u32> parse_what(const Arguments& arguments) {
  std::string text = arguments.get("what");
  if (arguments.has("how")) text += ' ' + arguments.get("how");

  std::vector<std::string_view> names;
  for (const EnumEntry& entry : enumeration(VNET_A_FAULT_WHAT).entries) names.push_back(entry.name);
  const Result<size_t> found = match("fault", text, names);
  if (!found) return found.error();
  return static_cast<vnet_u32>(enumeration(VNET_A_FAULT_WHAT).entries[*found].value);
}

// "+10ms", in nanoseconds; ~0 is `never`, and what does not fit 64 bits is refused by whoever is
// asked.
std::optional<vnet_u64> parse_ns(const std::string& text) {
  const std::optional<vnet_u64> time =
      parse_time(text.starts_with('+') ? text.substr(1) : text, TimeUnit::kNs);
  if (!time) return {};
  return std::min(*time, ~0ull - 1);
}

// A keyword, how its value is read, and what it says.
struct Form {
  const char* keyword;
  enum Kind { kFlag, kNumber, kTime, kNumberOrTime, kProbability } kind;
  vnet_u32 says;
};
constexpr Form kWhen[] = {{"now", Form::kFlag, VNET_FAULT_WHEN_NOW},
                          {"at", Form::kTime, VNET_FAULT_WHEN_AT},
                          {"after", Form::kNumber, VNET_FAULT_WHEN_AFTER},
                          {"nth", Form::kNumber, VNET_FAULT_WHEN_NTH},
                          {"every", Form::kNumberOrTime, VNET_FAULT_WHEN_EVERY},
                          {"prob", Form::kProbability, VNET_FAULT_WHEN_PROB},
                          {"match", Form::kFlag, VNET_FAULT_WHEN_MATCH}};
constexpr Form kFor[] = {{"once", Form::kFlag, VNET_FAULT_DURATION_ONCE},
                         {"count", Form::kNumber, VNET_FAULT_DURATION_COUNT},
                         {"for", Form::kTime, VNET_FAULT_DURATION_TIME},
                         {"until", Form::kFlag, VNET_FAULT_DURATION_RESET}};

std::optional<vnet_u64> read_value(Form::Kind kind, const std::string& text) {
  switch (kind) {
    case Form::kNumber:
    case Form::kNumberOrTime:
      return parse_number(text);
    case Form::kTime:
      return parse_ns(text);
    case Form::kProbability:
      return parse_percent(text);
    case Form::kFlag:
      return 0;
  }
  return {};
}

std::string_view wanted_by(Form::Kind kind) {
  switch (kind) {
    case Form::kNumber:
      return "a number of 64 bits";
    case Form::kTime:
      return "a time such as 10ms or 1.5us";
    case Form::kNumberOrTime:
      return "a number, nor a time such as 10ms";
    case Form::kProbability:
      return "a percentage such as 1% or 0.5%, 0 to 100%";
    case Form::kFlag:
      break;
  }
  return "";
}

// At most one of `forms`: what it says, and its value. False: none.
Result<bool> read_one(const Arguments& arguments, std::span<const Form> forms, vnet_u32& says,
                      vnet_u64& value) {
  const Form* given = nullptr;
  for (const Form& form : forms) {
    if (!arguments.has(form.keyword)) continue;
    if (given)
      return Error{fmt::format("'{}' and '{}' exclude each other", given->keyword, form.keyword)};
    given = &form;
  }
  if (!given) return false;
  const std::string& text = arguments.get(given->keyword);
  says = given->says;
  std::optional<vnet_u64> read = read_value(given->kind, text);
  if (!read && given->kind == Form::kNumberOrTime) {
    read = parse_ns(text);
    says = VNET_FAULT_WHEN_EVERY_TIME;
  }
  if (!read)
    return Error{fmt::format("{}: '{}' is not {}", given->keyword, text, wanted_by(given->kind))};
  value = *read;
  return true;
}

Failure read_rest(const Arguments& arguments, vnet_fault_values& fault) {
  if (arguments.has("until") && arguments.get("until") != "reset")
    return Error{fmt::format("until: '{}' is not 'reset'", arguments.get("until"))};
  if (arguments.has("queue")) {
    const std::optional<vnet_u64> queue = parse_number(arguments.get("queue"));
    if (!queue || *queue > 63)
      return Error{fmt::format("queue: '{}' is not a number from 0 to 63", arguments.get("queue"))};
    fault.queue = static_cast<vnet_u32>(*queue);
    fault.has |= bit(VNET_A_FAULT_QUEUE);
  }
  if (arguments.has("value")) {
    const std::string& text = arguments.get("value");
    const Form::Kind kind = fault.what == VNET_FAULT_WHAT_DMA_SLOW ? Form::kTime : Form::kNumber;
    const std::optional<vnet_u64> value = read_value(kind, text);
    if (!value) return Error{fmt::format("value: '{}' is not {}", text, wanted_by(kind))};
    fault.value = *value;
    fault.has |= bit(VNET_A_FAULT_VALUE);
  }
  if (arguments.has("expire")) {
    const std::string& text = arguments.get("expire");
    const std::optional<vnet_u64> expire = text == "never" ? ~0ull : parse_ns(text);
    if (!expire) return Error{fmt::format("expire: '{}' is neither a time nor 'never'", text)};
    fault.expire = *expire;
    fault.has |= bit(VNET_A_FAULT_EXPIRE);
  }
  return {};
}

// The program goes to `program`, which `fault` then points to.
Failure read_match(const Arguments& arguments, MatchProgram& program, vnet_fault_values& fault) {
  if (!arguments.has("match")) return {};
  const std::string& text = arguments.get("match");
  Result<MatchProgram> compiled = compile_match(text);
  if (!compiled) return compiled.error();
  program = std::move(*compiled);
  fault.match = {program.data(), static_cast<vnet_u32>(program.size() * sizeof(vnet_bpf_insn))};
  std::memcpy(fault.match_text, text.c_str(), text.size() + 1);
  fault.has |= bit(VNET_A_FAULT_MATCH) | bit(VNET_A_FAULT_MATCH_TEXT);
  return {};
}

}  // namespace

Failure read_fault(const Arguments& arguments, MatchProgram& program, vnet_fault_values& fault) {
  const Result<vnet_u32> what = parse_what(arguments);
  if (!what) return what.error();
  fault.what = *what;
  fault.has |= bit(VNET_A_FAULT_WHAT);
  const Result<bool> when = read_one(arguments, kWhen, fault.when, fault.when_value);
  if (!when) return when.error();
  if (*when) fault.has |= bit(VNET_A_FAULT_WHEN) | bit(VNET_A_FAULT_WHEN_VALUE);
  const Result<bool> duration = read_one(arguments, kFor, fault.duration, fault.duration_value);
  if (!duration) return duration.error();
  if (*duration) fault.has |= bit(VNET_A_FAULT_DURATION) | bit(VNET_A_FAULT_DURATION_VALUE);
  if (Failure failure = read_match(arguments, program, fault)) return failure;
  return read_rest(arguments, fault);
}

namespace {

std::vector<std::string> row(const vnet_fault_values& fault) {
  const auto number = [](vnet_u64 value) { return fmt::format("{}", value); };
  const auto has = [&](unsigned id) { return (fault.has & bit(id)) != 0; };
  return {fault.ifname,
          number(fault.id),
          word(VNET_A_FAULT_WHAT, fault.what),
          has(VNET_A_FAULT_QUEUE) ? number(fault.queue) : "-",
          word(VNET_A_FAULT_STATE, fault.state),
          number(fault.fired),
          number(fault.hits),
          has(VNET_A_FAULT_REMAINING) ? number(fault.remaining) : "-",
          has(VNET_A_FAULT_EXPIRES_IN) ? time_text(fault.expires_in / 1000000, TimeUnit::kMs)
                                       : "never"};
}

// Prints what the hosts answer, and asks with `ask`.
int print_answers(Context& context, const std::string& name,
                  const std::function<Failure(Transport&, const Transport::Visitor&)>& ask) {
  Json array = Json::array();
  Table table({"device", "id", "what", "queue", "state", "fired", "hits", "remaining", "expires"});
  const auto ask_one = [&](Transport& host) {
    return ask(host, [&](const Reply& reply) {
      vnet_fault_values fault;
      if (!reply.decode(fault)) return;
      array.push_back(with_host(to_json(fault), host.host(), context.options));
      table.add(row(fault));
    });
  };
  if (Failure failure = ask_hosts(name, context.options, ask_one)) return context.refused(*failure);
  if (context.options.json) {
    print_json(array, context.options);
  } else if (!array.empty()) {
    for (const std::string& line : table.lines()) fmt::print("{}\n", line);
  }
  return kOk;
}

int request(Context& context, vnet_u8 command, const std::string& name, vnet_fault_values which) {
  which.has |= bit(VNET_A_FAULT_IFNAME);
  if (!set_name(which.ifname, name)) return context.refused(no_such_device(name));
  return print_answers(context, name, [&](Transport& host, const Transport::Visitor& each) {
    return host.request(command, which, each);
  });
}

int add(Context& context, const Arguments& arguments) {
  vnet_fault_values fault{};
  MatchProgram program;
  if (Failure failure = read_fault(arguments, program, fault))
    return context.syntax(Error{"fault add: " + failure->text});
  return request(context, VNET_CMD_FAULT_ADD, arguments.get("dev"), fault);
}

Failure check_add(const Arguments& arguments) {
  vnet_fault_values fault{};
  MatchProgram program;
  return read_fault(arguments, program, fault);
}

int with_id(Context& context, const Arguments& arguments, vnet_u8 command, bool all) {
  vnet_fault_values which{};
  const std::string& text = arguments.get("id");
  if (!all || text != "all") {
    const std::optional<vnet_u64> id = parse_number(text);
    if (!id || *id == 0 || *id > 0xffffffff)
      return context.syntax(Error{fmt::format("fault: '{}' is not the number of a fault", text)});
    which.id = static_cast<vnet_u32>(*id);
    which.has = bit(VNET_A_FAULT_ID);
  }
  return request(context, command, arguments.get("dev"), which);
}

int del(Context& context, const Arguments& arguments) {
  return with_id(context, arguments, VNET_CMD_FAULT_DEL, true);
}
int fire(Context& context, const Arguments& arguments) {
  return with_id(context, arguments, VNET_CMD_FAULT_FIRE, false);
}

int show(Context& context, const Arguments& arguments) {
  const std::string& name = arguments.get("dev");
  vnet_fault_values which{};
  if (!name.empty()) {
    which.has = bit(VNET_A_FAULT_IFNAME);
    if (!set_name(which.ifname, name)) return context.refused(no_such_device(name));
  }
  return print_answers(context, name, [&](Transport& host, const Transport::Visitor& each) {
    return host.dump(VNET_CMD_FAULT_GET, which, each);
  });
}

constexpr Verb kVerbs[] = {
    {"show|list|lst", "shows faults, how far they have come and how often they fired",
     kShowParameters, show},
    {"add", "arms a fault, and shows it", kAddParameters, add, Knobs::kNone, false, check_add},
    {"del|delete", "ends a fault and forgets it", kDeleteParameters, del},
    {"fire", "lets a fault begin now", kWhichParameters, fire},
    {"monitor", "one line for each fault that is armed, begins or ends, as `vnet monitor`",
     kShowParameters, fault_monitor},
};

}  // namespace

Failure read_fault_words(const std::string& words, MatchProgram& program,
                         vnet_fault_values& fault) {
  const Result<std::vector<std::string>> all = split_line("- " + words);  // the device
  if (!all) return all.error();
  const Result<Arguments> arguments = parse_arguments(kVerbs[1], Words(*all));
  return arguments ? read_fault(*arguments, program, fault) : arguments.error();
}

const Object kFaultObject{"fault", "what a device does wrong, when, and for how long", kVerbs};

}  // namespace vnet::cli
