// SPDX-License-Identifier: GPL-2.0-only
// Scenario files, well and badly written.
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "cli/scenario/judge.h"
#include "cli/scenario/plan.h"
#include "cli/scenario/read.h"

namespace vnet::cli {
namespace {

Scenario read(const std::string& text, FileUse use = FileUse::kRun) {
  Result<Scenario> scenario = parse_scenario("lab.vnet", text, use);
  EXPECT_TRUE(scenario) << (scenario ? "" : scenario.error().text);
  return scenario ? *scenario : Scenario();
}
std::string error_of(const std::string& text, FileUse use = FileUse::kRun) {
  const Result<Scenario> scenario = parse_scenario("lab.vnet", text, use);
  return scenario ? "" : scenario.error().text;
}

// With one link, and what follows.
std::string with(const std::string& rest) {
  return "namespaces: [client, server]\n"        // 1
         "links:\n"                              // 2
         "  - {a: client/v0, b: server/v1}\n" +  // 3
         rest;                                   // 4
}
std::string link(const std::string& keys) {
  return "namespaces: [client, server]\nlinks:\n  - {a: client/v0, b: server/v1, " + keys + "}\n";
}
std::string step(const std::string& keys) {
  return with("timeline:\n  - {" + keys + "}\n");
}

TEST(Scenario, HasItsNameFromTheFile) {
  EXPECT_EQ(read(with("")).name, "lab");
  const Result<Scenario> scenario = parse_scenario("labs/my lab.1.vnet", with(""), FileUse::kRun);
  ASSERT_TRUE(scenario);
  EXPECT_EQ((*scenario).name, "my-lab");
  EXPECT_EQ(read(with("name: other\n")).name, "other");
}

TEST(Scenario, IsRead) {
  const Scenario scenario = read(link("mode: user, queues: 2, rx: 512, seed: 0x2a, probe: 10ms, "
                                      "addresses: {a: 10.0.0.1/24, b: [fd00::1/64, 10.0.0.2/24]}, "
                                      "impair: {tx: delay 20ms 3ms, rx: loss 1%}, "
                                      "faults: {b: [irq-lost nth 2]}") +
                                 "timeline:\n  - {at: 1.5s, in: client, run: 'true', "
                                 "expect: {exit: 3, within: 2s, output: [a, b]}}\n");
  ASSERT_EQ(scenario.links.size(), 1u);
  const ScenarioLink& first = scenario.links[0];
  EXPECT_EQ(first.ends[1].name.text(), "server/v1");
  EXPECT_EQ(first.ends[0].knobs, (Argv{"queues", "2", "rx", "512"}));
  EXPECT_EQ(first.ends[1].knobs, (Argv{"rx", "512"}));
  EXPECT_EQ(first.ends[1].addresses, (Argv{"fd00::1/64", "10.0.0.2/24"}));
  EXPECT_EQ(first.impair[0], (Argv{"delay", "20ms", "3ms"}));
  EXPECT_EQ(first.faults[1][0], (Argv{"irq-lost", "nth", "2"}));
  EXPECT_EQ(first.seed, 42u);
  EXPECT_EQ(first.probe_ns, 10000000u);
  ASSERT_EQ(scenario.timeline.size(), 1u);
  EXPECT_EQ(scenario.timeline[0].at_ns, 1500000000u);
  EXPECT_EQ(scenario.timeline[0].expect.exit, 3);
  EXPECT_EQ(scenario.timeline[0].expect.within_ns, 2000000000u);
}

TEST(Scenario, WordsOfAStepAreACommandLine) {
  const Scenario scenario =
      read(with("timeline:\n"
                "  - {fault: link-flap for 5ms, on: client/v0}\n"
                "  - {fault: none, on: client/v0}\n"
                "  - {impair: loss 1%, on: server/v1}\n"
                "  - {impair: none loss, on: server/v1}\n"));
  ASSERT_EQ(scenario.timeline.size(), 4u);
  EXPECT_EQ(scenario.timeline[0].words, (Argv{"fault", "add", "v0", "link-flap", "for", "5ms"}));
  EXPECT_EQ(scenario.timeline[1].words, (Argv{"fault", "del", "v0", "all"}));
  EXPECT_EQ(scenario.timeline[2].words, (Argv{"impair", "set", "v1", "loss", "1%"}));
  EXPECT_EQ(scenario.timeline[3].words, (Argv{"impair", "del", "v1", "loss"}));
}

TEST(Scenario, ALinkWithoutASeedHasTheScenariosPlusItsPlace) {
  const Scenario scenario = read(
      "seed: 7\nnamespaces: [a]\nlinks:\n"
      "  - {a: a/v0, b: a/v1}\n  - {a: a/v2, b: a/v3}\n  - {a: a/v4, b: a/v5, seed: 1}\n");
  EXPECT_EQ(seed_of(scenario, 0), 7u);
  EXPECT_EQ(seed_of(scenario, 1), 8u);
  EXPECT_EQ(seed_of(scenario, 2), 1u);
}

// A pipe, so that nobody can know how long it is.
TEST(Scenario, AFileIsReadToItsEndAndNotWithoutEnd) {
  const auto error = [](const std::string& text) {
    int ends[2];
    if (pipe(ends) != 0) return std::string("no pipe");
    std::thread writer([&] {
      (void)!write(ends[1], text.data(), text.size());
      close(ends[1]);
    });
    const std::string file = "/dev/fd/" + std::to_string(ends[0]);
    const Result<Scenario> scenario = read_scenario(file, FileUse::kRun);
    for (char buffer[4096]; ::read(ends[0], buffer, sizeof(buffer)) > 0;) continue;
    writer.join();
    close(ends[0]);
    return scenario ? "" : scenario.error().text.substr(file.size());
  };
  EXPECT_EQ(error(""), ":1:1: it is empty");
  EXPECT_EQ(error(with("")), "");
  EXPECT_EQ(error(std::string((4 << 20) + 1, '#')), ": it is longer than 4 MiB");
}

// As `vnet save` may write them.
TEST(Scenario, AFaultsTimesAreOfNanosecondsAndItsChanceOfAnImpairments) {
  EXPECT_EQ(error_of(step("fault: link-flap for 1500ns, on: client/v0")), "");
  EXPECT_EQ(error_of(step("fault: irq-storm every 1ns, on: client/v0")), "");
  EXPECT_EQ(error_of(step("fault: irq-lost prob 0.00000003%, on: client/v0")), "");
  EXPECT_EQ(error_of(step("fault: irq-lost prob 0x1%, on: client/v0")),
            "lab.vnet:5:27: prob: '0x1%' is not a percentage such as 1% or 0.5%, 0 to 100%");
}

TEST(Scenario, ErrorsSayWhereAndWhatWasMeant) {
  const std::pair<std::string, std::string> kWrong[] = {
      {"", "lab.vnet:1:1: it is empty"},
      {"just words\n", "lab.vnet:1:1: the file must have keys and values"},
      {"a: 1\n---\nb: 2\n", "lab.vnet:3:1: a second document begins here"},
      {with("timelime: []\n"),
       "lab.vnet:4:1: unknown key of the file 'timelime': did you mean 'timeline'?"},
      {"links: []\n", "lab.vnet:1:1: the file needs 'namespaces'"},
      {"namespaces: [a, a]\n", "lab.vnet:1:17: namespace 'a' stands twice"},
      {"namespaces: [a b/c]\n",
       "lab.vnet:1:14: namespace 'a b/c' has more in it than letters, digits, - and _"},
      {with("name: ../x\n"),
       "lab.vnet:4:7: name: '../x' has more in it than letters, digits, - and _"},
      {with("seed: -1\n"),
       "lab.vnet:4:7: seed: '-1' is not a number of 64 bits such as 42 or 0x2a"},
      {with("seed: 18446744073709551616\n"),
       "lab.vnet:4:7: seed: '18446744073709551616' is not a number of 64 bits such as 42 or 0x2a"},
      {"name: &a [*a]\n", "lab.vnet:1:7: more than 32 levels"},
      {step("at: 4611686018427387904ns, note: x"),
       "lab.vnet:5:10: at: '4611686018427387904ns' is not a time such as 500ms or 1.5s"},
      {with("seed: 1\nseed: 2\n"), "lab.vnet:5:1: 'seed' stands twice in the file"},
      {"namespaces: [client]\nlinks:\n  - {a: client/v0, b: clent/v1}\n",
       "lab.vnet:3:23: unknown namespace 'clent': did you mean 'client'?"},
      {"namespaces: [client]\nlinks:\n  - {a: client/v0, b: v1}\n",
       "lab.vnet:3:23: 'v1' is in no namespace: write NAMESPACE/v1"},
      {"namespaces: [client]\nlinks:\n  - {a: client/v0}\n", "lab.vnet:3:5: a link needs 'b'"},
      {"namespaces: [a]\nlinks:\n  - {a: a/v0, b: a/sixteen-letters-}\n",
       "lab.vnet:3:20: 'sixteen-letters-' is not a valid device name"},
      {"namespaces: [a]\nlinks:\n  - {a: a/v0, b: a/v0}\n",
       "lab.vnet:3:5: device 'v0' stands twice: the names must differ, also in different "
       "namespaces"},
      {link("mod: user"), "lab.vnet:3:34: unknown key of a link 'mod': did you mean 'mode'?"},
      {link("mode: usr"), "lab.vnet:3:40: unknown mode 'usr': did you mean 'user'?"},
      {link("impair: {tx: \"delay 20ms lss 1%\"}"),
       "lab.vnet:3:59: unknown keyword 'lss': did you mean 'loss'?"},
      {link("impair: loss 1% 25%"), "lab.vnet:3:42: loss: a correlation is refused: "},
      {link("addresses: {a: 10.0.0.256/24}"),
       "lab.vnet:3:49: '10.0.0.256/24' is not an address such as 10.0.0.1/24"},
      {link("rx: many"), "lab.vnet:3:38: rx: 'many' "},
      {link("probe: 10us"), "lab.vnet:3:41: probe: less than 1ms"},
      {link("faults: {a: [link-flop]}"),
       "lab.vnet:3:47: unknown fault 'link-flop': did you mean 'link-flap'?"},
      {step("at: 1s, fault: link-flop for 5ms, on: client/v0"),
       "lab.vnet:5:21: unknown fault 'link-flop': did you mean 'link-flap'?"},
      {step("fault: link-flap nth 1 prob 1%, on: client/v0"),
       "lab.vnet:5:23: 'nth' and 'prob' exclude each other"},
      {step("fault: link-flap, on: client/v2"),
       "lab.vnet:5:28: unknown device 'client/v2': did you mean 'client/v0'?"},
      {step("fault: link-flap"), "lab.vnet:5:5: a step needs 'on'"},
      {step("at: 1, run: x"), "lab.vnet:5:10: at: '1' is not a time such as 500ms or 1.5s"},
      {step("at: 1s"), "lab.vnet:5:5: a step needs one of run, start, "},
      {step("run: x, start: y"), "lab.vnet:5:21: 'run' and 'start' are two steps"},
      {step("run: x, on: client/v0"), "lab.vnet:5:18: 'on' is for fault and impair"},
      {step("run: x, expect: {exit: 256}"), "lab.vnet:5:29: exit: '256' is not from 0 to 255"},
      {step("run: x, in: nowhere"), "lab.vnet:5:18: unknown namespace 'nowhere': it is one of "},
      {step("stop: x"), "lab.vnet:5:5: nothing that was started is named 'x'"},
      {step("expect: {drop: {}}"),
       "lab.vnet:5:15: unknown key of expect 'drop': did you mean 'drops'?"},
      {step("expect: {drops: {device: client/v0, reason: impair-los, exactly: 1}}"),
       "lab.vnet:5:50: unknown reason 'impair-los': did you mean 'impair-loss'?"},
      {step("expect: {drops: {device: client/v0}}"),
       "lab.vnet:5:22: it needs at-least, at-most or exactly"},
      {with("timeline:\n  - {at: 2s, note: x}\n  - {at: 1s, note: y}\n"),
       "lab.vnet:6:5: this step's time is before that of a step above it"},
      {with("setup:\n  - {at: 1s, run: x}\n"),
       "lab.vnet:5:10: setup has no times: its steps follow each other"},
  };
  for (const auto& [text, error] : kWrong) {
    EXPECT_EQ(error_of(text).substr(0, error.size()), error) << text;
  }
}

TEST(Scenario, BadYamlHasLineAndColumn) {
  EXPECT_EQ(error_of("a: [1,\nb: 2\n").substr(0, 9), "lab.vnet:");
  EXPECT_EQ(error_of("a: \"x\n").substr(0, 9), "lab.vnet:");
  EXPECT_EQ(error_of("a: *nobody\n").substr(0, 12), "lab.vnet:1:4");
  // Nested without end, and aliases of aliases: an error, no crash.
  EXPECT_NE(error_of(std::string(100000, '[')), "");
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; i++) {
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; j++) laughs += (j ? ", *a" : "*a") + std::to_string(i - 1);
    laughs += "]\n";
  }
  EXPECT_NE(error_of(laughs), "");
}

TEST(Scenario, TimesBeyond62BitsAreRefused) {
  for (const char* time : {"4611686019s", "99999999999999999999s", "1e9s", "-1s", "", "s"})
    EXPECT_NE(error_of(step(std::string("at: '") + time + "', note: x")), "") << time;
  EXPECT_EQ(error_of(step("at: 4611686018s, note: x")), "");
}

TEST(Scenario, AStateHasLinksOnly) {
  EXPECT_EQ(read("links:\n  - {a: v0, b: blue/v1}\n", FileUse::kState).links[0].ends[1].name.netns,
            "blue");
  EXPECT_EQ(error_of("timeline: []\nlinks: []\n", FileUse::kState).substr(0, 42),
            "lab.vnet:1:1: unknown key of the file 'tim");
}

TEST(Plan, IsWhatOneWouldType) {
  const std::string plan =
      plan_text(read("seed: 42\nnamespaces: [client, server]\nlinks:\n"
                     "  - {a: client/v0, b: server/v1, mode: user, rx: 512, impair: loss 1%,\n"
                     "     addresses: {a: 10.0.0.1/24, b: 'fd00::2/64'}}\n"
                     "timeline:\n  - {at: 0.5s, in: client, run: \"echo 'a'\"}\n"
                     "  - {at: 1s, fault: link-flap for 5ms, on: client/v0}\n"));
  EXPECT_EQ(plan,
            "# lab.vnet: lab, seed 0x000000000000002a\n"
            "ip netns add lab-client\n"
            "ip -n lab-client link set lo up\n"
            "ip netns add lab-server\n"
            "ip -n lab-server link set lo up\n"
            "vnet -n lab-client link add v0 mode user seed 0x000000000000002a rx 512 "
            "peer v1 netns lab-server rx 512\n"
            "ip -n lab-client addr add 10.0.0.1/24 dev v0\n"
            "ip -n lab-client link set v0 up\n"
            "ip -n lab-server addr add fd00::2/64 dev v1 nodad\n"
            "ip -n lab-server link set v1 up\n"
            "vnet -n lab-client impair set v0 direction tx loss 1%\n"
            "# time 0\n"
            "vnet -n lab-client seed set v0 0x000000000000002a\n"
            "# at 0.5s: exit 0, within 60s\n"
            "ip netns exec lab-client sh -c 'echo '\\''a'\\'''\n"
            "# at 1s: client/v0\n"
            "vnet -n lab-client fault add v0 link-flap for 5ms\n"
            "# at the end\n"
            "vnet down\n"
            "ip netns del lab-client\n"
            "ip netns del lab-server\n");
}

TEST(Judge, OfACommand) {
  ScenarioExpect expect;
  expect.within_ns = 1000000000;
  EXPECT_TRUE(judge_command(expect, 0, "", false).met);
  EXPECT_EQ(judge_command(expect, 3, "", false).found, "exit 3, not 0");
  EXPECT_EQ(judge_command(expect, 0, "", true).found, "not over within 1s");
  expect.output = {"yes"};
  expect.no_output = {"no"};
  EXPECT_TRUE(judge_command(expect, 0, "oh yes", false).met);
  EXPECT_EQ(judge_command(expect, 0, "oh", false).found, "it does not say 'yes'");
  EXPECT_EQ(judge_command(expect, 0, "yes, no", false).found, "it says 'no'");
  expect.exit.reset();
  EXPECT_TRUE(judge_command(expect, 9, "yes", false).met);
}

TEST(Judge, OfADevice) {
  std::map<std::string, DeviceSample> devices;
  DeviceSample& device = devices["server/v1"];
  device.carrier = true;
  device.total.rx_frames = 5;
  device.total.drops = {{{VNET_DIRECTION_RX, VNET_DROP_REASON_IMPAIR_LOSS}, 3},
                        {{VNET_DIRECTION_TX, VNET_DROP_REASON_LINK_DOWN}, 4}};
  ScenarioExpect expect;
  expect.device = {"server", "v1"};
  expect.what = ScenarioExpect::kDrops;
  expect.amount = {3, 3};
  EXPECT_EQ(judge_device(expect, devices).found, "7");
  EXPECT_FALSE(judge_device(expect, devices).met);
  expect.reason = "impair-loss";
  EXPECT_TRUE(judge_device(expect, devices).met);
  expect.direction = "tx";
  EXPECT_EQ(judge_device(expect, devices).found, "0");
  expect.what = ScenarioExpect::kCounter;
  expect.counter = "rx-frames";
  expect.amount = {{}, 5};
  EXPECT_TRUE(judge_device(expect, devices).met);
  expect.what = ScenarioExpect::kCarrier;
  EXPECT_TRUE(judge_device(expect, devices).met);
  expect.device = {"server", "v2"};
  EXPECT_EQ(judge_device(expect, devices).found, "the device is gone");
}

TEST(Judge, ShowsTheEndOfWhatWasSaid) {
  std::string text;
  for (int i = 0; i < 20; i++) text += std::to_string(i) + "\n";
  const std::vector<std::string> lines = last_lines(text);
  ASSERT_EQ(lines.size(), 12u);
  EXPECT_EQ(lines.front(), "8");
  EXPECT_EQ(lines.back(), "19");
  EXPECT_TRUE(last_lines("").empty());
}

// A state is of drivers that are there already, each with names of its own.
TEST(Scenario, AStateMayHaveADevicesNameInSeveralNamespaces) {
  EXPECT_EQ(read("links:\n  - {a: n1/v0, b: n2/v0}\n  - {a: n3/v0, b: n4/v0}\n", FileUse::kState)
                .links.size(),
            2u);
  EXPECT_EQ(error_of("links:\n  - {a: n1/v0, b: n1/v0}\n", FileUse::kState),
            "lab.vnet:2:5: device 'n1/v0' stands twice");
}

TEST(Scenario, WordsMayStandInABlock) {
  const Scenario scenario = read(
      "namespaces: [c]\nlinks:\n  - a: c/v0\n    b: c/v1\n    impair: |\n      delay 1ms\n"
      "      loss 5%\n");
  EXPECT_EQ(scenario.links.at(0).impair[0], (Argv{"delay", "1ms", "loss", "5%"}));
}

TEST(Scenario, AWrongWordIsNotFoundInsideAnother) {
  EXPECT_EQ(error_of(link("impair: delay 1ms loss 1m")).substr(0, 14), "lab.vnet:3:57:");
}

TEST(Scenario, SetupAloneIsLookedAtForWhatItStops) {
  EXPECT_EQ(error_of(with("setup:\n  - {stop: x}\n")).substr(0, 11), "lab.vnet:5:");
  EXPECT_NE(error_of(with("setup:\n  - {start: sleep 1, in: client}\n"
                          "  - {start: sleep 1, in: client}\n"))
                .find("is started twice"),
            std::string::npos);
}

TEST(Scenario, AProbeNeedsAddressesBeforeAnythingBegins) {
  EXPECT_EQ(error_of(link("probe: 10ms, addresses: {a: 10.0.0.1/24, b: \"fd00::1/64\"}")),
            "lab.vnet:3:41: probe: needs an IPv4 address at both ends");
  EXPECT_EQ(error_of(link("probe: 10ms, addresses: {a: 10.0.0.1/24, b: 10.0.0.2/24}")), "");
}

}  // namespace
}  // namespace vnet::cli
