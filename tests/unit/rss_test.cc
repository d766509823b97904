// SPDX-License-Identifier: GPL-2.0-only
#include "core/rss.h"

#include <arpa/inet.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <set>
#include <span>

#include "tests/fake/fixture.h"
#include "tests/unit/frame_maker.h"
#include "tests/unit/threads.h"

namespace vnet::fake {
namespace {

// Microsoft, "Verifying the RSS Hash Calculation": the suite's key and its flows.
constexpr u8 kSuiteKey[VNET_RSS_KEY] = {0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
                                        0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
                                        0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
                                        0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

struct SuiteFlow {
  const char *destination, *source;
  u16 destination_port, source_port;
  u32 addresses_hash, ports_hash;
};

constexpr SuiteFlow kSuite4[] = {
    {"161.142.100.80", "66.9.149.187", 1766, 2794, 0x323e8fc2, 0x51ccc178},
    {"65.69.140.83", "199.92.111.2", 4739, 14230, 0xd718262a, 0xc626b0ea},
    {"12.22.207.184", "24.19.198.95", 38024, 12898, 0xd2d0a5de, 0x5c2b394a},
    {"209.142.163.6", "38.27.205.30", 2217, 48228, 0x82989176, 0xafc7327f},
    {"202.188.127.2", "153.39.163.191", 1303, 44251, 0x5d1809c5, 0x10e828a2},
};
constexpr SuiteFlow kSuite6[] = {
    {"3ffe:2501:200:3::1", "3ffe:2501:200:1fff::7", 1766, 2794, 0x2cc18cd5, 0x40207d3d},
    {"ff02::1", "3ffe:501:8::260:97ff:fe40:efab", 4739, 14230, 0x0f0c461c, 0xdde51bbf},
    {"fe80::200:f8ff:fe21:67cf", "3ffe:1900:4545:3:200:f8ff:fe21:67cf", 38024, 44251, 0x4b61e985,
     0x02d1feef},
};

vnet_rss_tuple tuple_of(const SuiteFlow& flow, u8 kind, int family) {
  const size_t length = family == AF_INET6 ? 16 : 4;
  const u16 ports[2] = {htons(flow.source_port), htons(flow.destination_port)};
  vnet_rss_tuple tuple{};
  tuple.flow = kind;
  EXPECT_EQ(inet_pton(family, flow.source, tuple.bytes), 1);
  EXPECT_EQ(inet_pton(family, flow.destination, tuple.bytes + length), 1);
  std::memcpy(tuple.bytes + 2 * length, ports, sizeof(ports));
  return tuple;
}

class RssTest : public PairTest {
 protected:
  RssTest() { make_pair({.queues = 4}); }

  vnet_rss suite_rules() {
    vnet_rss rules;
    vnet_core_rss_default(&rules, 4);
    std::copy_n(kSuiteKey, VNET_RSS_KEY, rules.key);
    return rules;
  }
  static vnet_rss all_to(u8 queue) {
    vnet_rss rules;
    vnet_core_rss_default(&rules, 4);
    std::fill_n(rules.table, VNET_RSS_ENTRIES, queue);
    return rules;
  }
  vnet_rss_result ask(const vnet_rss_tuple& tuple) { return pair().b().rss_queue(tuple).value(); }
  void expect_suite(std::span<const SuiteFlow> suite, int family, u8 kind, bool ports) {
    for (const SuiteFlow& flow : suite) {
      const vnet_rss_result result = ask(tuple_of(flow, kind, family));
      EXPECT_EQ(result.hash, ports ? flow.ports_hash : flow.addresses_hash) << flow.destination;
      EXPECT_EQ(result.hashed, ports ? VNET_RSS_HASHED_PORTS : VNET_RSS_HASHED_ADDRESSES);
      EXPECT_EQ(result.queue, result.hash % VNET_RSS_ENTRIES % 4);
    }
  }
};

TEST_F(RssTest, Hash_IsThatOfTheVerificationSuite) {
  ASSERT_EQ(pair().b().set_rss(suite_rules()), 0);
  expect_suite(kSuite4, AF_INET, VNET_RSS_IP4, false);
  expect_suite(kSuite4, AF_INET, VNET_RSS_TCP4, true);
  expect_suite(kSuite6, AF_INET6, VNET_RSS_IP6, false);
  expect_suite(kSuite6, AF_INET6, VNET_RSS_TCP6, true);
}

TEST_F(RssTest, Udp_IsHashedOverItsPortsOnlyWhenTold) {
  vnet_rss rules = suite_rules();
  ASSERT_EQ(pair().b().set_rss(rules), 0);
  expect_suite(kSuite4, AF_INET, VNET_RSS_UDP4, false);
  expect_suite(kSuite6, AF_INET6, VNET_RSS_UDP6, false);
  rules.ports[VNET_RSS_UDP4] = 1;
  rules.ports[VNET_RSS_TCP6] = 0;
  ASSERT_EQ(pair().b().set_rss(rules), 0);
  expect_suite(kSuite4, AF_INET, VNET_RSS_UDP4, true);
  expect_suite(kSuite6, AF_INET6, VNET_RSS_UDP6, false);
  expect_suite(kSuite6, AF_INET6, VNET_RSS_TCP6, false);
  expect_suite(kSuite4, AF_INET, VNET_RSS_TCP4, true);
}

// Against the definition, bit by bit: for each bit of the input that is set, the 32 bits of the key
// that begin there.
TEST_F(RssTest, RandomKeysAndFlows_AgreeWithTheDefinition) {
  reference::Random random(reference::test_seed());
  for (u32 round = 0; round < 200; round++) {
    vnet_rss rules = suite_rules();
    for (u8& byte : rules.key) byte = static_cast<u8>(random());
    ASSERT_EQ(pair().b().set_rss(rules), 0);
    vnet_rss_tuple tuple;
    for (u8& byte : tuple.bytes) byte = static_cast<u8>(random());
    tuple.flow = VNET_RSS_TCP6;
    u32 sum = 0;
    for (u32 bit = 0; bit < 8 * sizeof(tuple.bytes); bit++) {
      if (!(tuple.bytes[bit / 8] & 0x80 >> bit % 8)) continue;
      for (u32 i = 0; i < 32; i++)
        if (rules.key[(bit + i) / 8] & 0x80 >> (bit + i) % 8) sum ^= 0x80000000u >> i;
    }
    ASSERT_EQ(ask(tuple).hash, sum) << "round " << round;
  }
}

TEST_F(RssTest, WhatCannotBeHashed_GoesToTheFirstEntry) {
  vnet_rss rules = suite_rules();
  rules.table[0] = 3;
  ASSERT_EQ(pair().b().set_rss(rules), 0);
  vnet_rss_tuple tuple = tuple_of(kSuite4[0], VNET_RSS_OTHER, AF_INET);
  const vnet_rss_result result = ask(tuple);
  EXPECT_EQ(result.queue, 3u);
  EXPECT_EQ(result.hash, 0u);
  EXPECT_EQ(result.hashed, VNET_RSS_NOT_HASHED);
}

TEST_F(RssTest, Table_IsIndexedByTheLowestBitsOfTheHash) {
  vnet_rss rules = suite_rules();
  std::fill_n(rules.table, VNET_RSS_ENTRIES, u8{0});
  rules.table[0x51ccc178 % VNET_RSS_ENTRIES] = 2;
  ASSERT_EQ(pair().b().set_rss(rules), 0);
  EXPECT_EQ(ask(tuple_of(kSuite4[0], VNET_RSS_TCP4, AF_INET)).queue, 2u);
  EXPECT_EQ(ask(tuple_of(kSuite4[1], VNET_RSS_TCP4, AF_INET)).queue, 0u);
}

TEST_F(RssTest, WithoutRules_ThereIsNoAnswerAndNoMemory) {
  const size_t before = host.live_allocations();
  vnet_rss rules;
  EXPECT_FALSE(pair().b().rss_queue({}).has_value());
  EXPECT_FALSE(pair().b().rss(rules));
  EXPECT_EQ(host.live_allocations(), before);
  ASSERT_EQ(pair().b().set_rss(suite_rules()), 0);
  EXPECT_EQ(host.live_allocations(), before + 1);
  ASSERT_EQ(pair().b().set_rss(all_to(1)), 0);
  EXPECT_EQ(host.live_allocations(), before + 1);
  ASSERT_TRUE(pair().b().rss(rules));
  EXPECT_EQ(rules.table[77], 1);
  EXPECT_FALSE(pair().a().rss(rules)) << "they are the receiver's, not the pair's";
}

TEST_F(RssTest, WithoutMemory_NothingHasChanged) {
  vnet_rss rules;
  host.fail_alloc.fail_nth(1);
  EXPECT_EQ(pair().b().set_rss(all_to(1)), -12);
  EXPECT_FALSE(pair().b().rss(rules));
  EXPECT_EQ(pair().b().set_rss(all_to(1)), 0);
}

TEST_F(RssTest, EntryBeyondTheQueues_IsRefused) {
  const char* why = nullptr;
  vnet_rss rules = all_to(3);
  ASSERT_EQ(pair().b().set_rss(rules), 0);
  rules.table[VNET_RSS_ENTRIES - 1] = 4;
  EXPECT_EQ(pair().b().set_rss(rules, &why), -22);
  EXPECT_NE(std::string(why).find("table"), std::string::npos);
  EXPECT_EQ(ask({}).queue, 3u) << "the old rules hold";
}

TEST_F(RssTest, Rules_SurviveStopAndLossOfTheLink) {
  ASSERT_EQ(pair().b().set_rss(all_to(2)), 0);
  pair().b().stop();
  pair().b().open();
  pair().a().detach();
  EXPECT_EQ(ask({}).queue, 2u);
  EXPECT_EQ(pair().a().attach(pair().b()), 0);
}

// Two sets of rules under which the flow goes to queue 0 and 1. With the key of one and the table
// of the other it would go to 2 or 3.
TEST_F(RssTest, Threads_NeverSeeHalfOfTheRules) {
  vnet_rss first = all_to(2), second = all_to(3);
  std::copy_n(kSuiteKey, VNET_RSS_KEY, first.key);
  std::copy_n(kSuiteKey, VNET_RSS_KEY, second.key);
  std::reverse(second.key, second.key + VNET_RSS_KEY);
  const vnet_rss_tuple tuple = tuple_of(kSuite6[0], VNET_RSS_TCP6, AF_INET6);
  ASSERT_EQ(pair().b().set_rss(first), 0);
  const u32 first_hash = ask(tuple).hash;
  ASSERT_EQ(pair().b().set_rss(second), 0);
  const u32 second_hash = ask(tuple).hash;
  ASSERT_NE(first_hash % VNET_RSS_ENTRIES, second_hash % VNET_RSS_ENTRIES);
  first.table[first_hash % VNET_RSS_ENTRIES] = 0;
  second.table[second_hash % VNET_RSS_ENTRIES] = 1;
  ASSERT_EQ(pair().b().set_rss(first), 0);

  std::atomic<bool> ended{false};
  std::atomic<u32> written{0};
  std::set<u32> queues, hashes;
  test::Threads threads;
  threads.add([&] {
    for (; !ended; written++) pair().b().set_rss(written % 2 ? first : second);
  });
  const test::Deadline deadline;
  while (written < test::scaled(20000) && deadline.ahead()) {
    const vnet_rss_result result = ask(tuple);
    queues.insert(result.queue);
    hashes.insert(result.hash);
  }
  ended = true;
  threads.join();
  EXPECT_EQ(queues, (std::set<u32>{0, 1}));
  EXPECT_EQ(hashes, (std::set<u32>{first_hash, second_hash}));
}

}  // namespace
}  // namespace vnet::fake
