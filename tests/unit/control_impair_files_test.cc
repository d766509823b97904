// SPDX-License-Identifier: GPL-2.0-only
// Programs, tables and traces by control's attributes; what is refused, and by which attribute.
#include <vnet/control.h>

#include <cstring>

#include "core/control/schema.h"
#include "core/params.h"
#include "tests/unit/impair_pair.h"

namespace vnet::fake {
namespace {

class ControlImpairFiles : public ImpairPair {
 protected:
  int change(const vnet_impair_values& values) {
    why_ = {};
    return pair().b().change_impairment(values, why_);
  }
  int both(const vnet_impair_values& values) {
    why_ = {};
    return pair().b().change_impairment(values, why_, &pair().a());
  }
  int remove(u32 knobs) { return pair().b().remove_impairment(knobs, why_); }
  vnet_impair_values shown() { return pair().b().impair_values(stats_); }
  static bool has(const vnet_impair_values& values, u32 id) { return (values.has & bit(id)) != 0; }

  static vnet_impair_values with(std::initializer_list<u32> ids) {
    vnet_impair_values values{};
    for (const u32 id : ids) values.has |= bit(id);
    return values;
  }
  template <u32 size>
  static void set_text(char (&to)[size], const char* from) {
    std::strncpy(to, from, size - 1);
  }

  // Frames whose first payload byte (the frame's number) is odd.
  static constexpr vnet_bpf_insn kOdd[] = {
      {0x30, 0, 0, 14}, {0x54, 0, 0, 1}, {0x15, 1, 0, 0}, {6, 0, 0, 1}, {6, 0, 0, 0}};
  static vnet_impair_values odd_values() {
    vnet_impair_values values = with({VNET_A_IMPAIR_MATCH, VNET_A_IMPAIR_MATCH_TEXT});
    values.match = {kOdd, sizeof(kOdd)};
    set_text(values.match_text, "ether[14] & 1 = 1");
    return values;
  }
  static vnet_impair_values loss_values(u64 p) {
    vnet_impair_values values = with({VNET_A_IMPAIR_LOSS_MODEL, VNET_A_IMPAIR_LOSS_P1});
    values.loss_model = VNET_LOSS_MODEL_RANDOM;
    values.loss_p1 = p;
    return values;
  }
  static vnet_impair_values delay_values(u64 delay, u64 jitter) {
    vnet_impair_values values = with({VNET_A_IMPAIR_DELAY, VNET_A_IMPAIR_JITTER});
    values.delay = delay;
    values.jitter = jitter;
    return values;
  }

  int upload(u64 id, u32 count, u32 at, const std::vector<vnet_trace_row>& rows) {
    vnet_impair_values values = with({VNET_A_IMPAIR_TRACE_UPLOAD, VNET_A_IMPAIR_TRACE_COUNT,
                                      VNET_A_IMPAIR_TRACE_AT, VNET_A_IMPAIR_TRACE_ROWS});
    values.trace_upload = id;
    values.trace_count = count;
    values.trace_at = at;
    values.trace_rows = {rows.data(), static_cast<u32>(rows.size() * sizeof(rows[0]))};
    why_ = {};
    return pair().b().upload_trace(values, why_);
  }
  static vnet_trace_row delay_row(u64 time, u64 delay) {
    return {time, VNET_TRACE_KEEP, delay, VNET_TRACE_KEEP};
  }
  static vnet_impair_values take_trace(u64 id) {
    vnet_impair_values values = with({VNET_A_IMPAIR_TRACE_UPLOAD});
    values.trace_upload = id;
    return values;
  }

  vnet_impair_stats stats_;
  vnet_refusal why_{};
};

// ---- match

TEST_F(ControlImpairFiles, Match_OnlyWhatItTakesIsLost) {
  ASSERT_EQ(change(odd_values()), 0) << why_.text;
  ASSERT_EQ(change(loss_values(VNET_ALWAYS)), 0) << "and the match has stayed";
  send(6);
  EXPECT_EQ(arrived(), (Numbers{0, 2, 4}));
  EXPECT_STREQ(shown().match_text, "ether[14] & 1 = 1");
  EXPECT_FALSE(has(shown(), VNET_A_IMPAIR_MATCH)) << "a program may be longer than an answer";
  ASSERT_EQ(remove(VNET_IMPAIR_KNOB_MATCH), 0);
  EXPECT_FALSE(has(shown(), VNET_A_IMPAIR_MATCH_TEXT));
  send(2);
  EXPECT_EQ(arrived(), Numbers{});
}

TEST_F(ControlImpairFiles, Match_WhatIsNoProgramIsRefused) {
  vnet_impair_values values = odd_values();
  values.match.len -= 8;  // a jump goes beyond it
  EXPECT_NE(change(values), 0);
  values.match.len = 8;  // no return
  EXPECT_NE(change(values), 0);
  EXPECT_STREQ(why_.text, "match: not a valid program in classic BPF");
  EXPECT_EQ(why_.attribute, u32{VNET_A_IMPAIR_MATCH});
  values.match.len = 12;
  EXPECT_NE(change(values), 0);
  EXPECT_STREQ(why_.text, "match: whole instructions of 8 bytes");
  values.has = bit(VNET_A_IMPAIR_MATCH_TEXT);
  EXPECT_NE(change(values), 0);
  EXPECT_EQ(why_.attribute, u32{VNET_A_IMPAIR_MATCH_TEXT});
}

// ---- table

TEST_F(ControlImpairFiles, Table_IsThatOfTheDelay) {
  const short ends[] = {-8192, 8192};
  vnet_impair_values values = delay_values(10 * kMs, 2 * kMs);
  values.has |= bit(VNET_A_IMPAIR_DISTRIBUTION) | bit(VNET_A_IMPAIR_TABLE) |
                bit(VNET_A_IMPAIR_TABLE_TEXT) | bit(VNET_A_IMPAIR_JITTER_REORDER);
  values.distribution = VNET_DELAY_DISTRIBUTION_TABLE;
  values.jitter_reorder = 1;
  values.table = {ends, sizeof(ends)};
  set_text(values.table_text, "/usr/lib/tc/flat.dist");
  ASSERT_EQ(change(values), 0) << why_.text;
  EXPECT_STREQ(shown().table_text, "/usr/lib/tc/flat.dist");
  u64 sum = 0, least = ~0ull, most = 0;
  for (int i = 0; i < 400; i++) {
    const u64 begin = host.now();
    send(1);
    pair().run_for(20 * kMs);
    const auto all = arrivals();
    ASSERT_EQ(all.size(), 1u);
    const u64 took = all[0].time - begin;
    sum += took;
    least = std::min(least, took);
    most = std::max(most, took);
  }
  EXPECT_GE(least, 8 * kMs);
  EXPECT_LE(most, 12 * kMs);
  // Even between both ends: its deviation is 2 ms / sqrt(3), that of the mean a twentieth of it.
  EXPECT_NEAR(static_cast<double>(sum) / 400, 10.0 * kMs, 0.24 * kMs);
}

TEST_F(ControlImpairFiles, Table_WhatIsNoneIsRefused) {
  vnet_impair_values values = delay_values(10 * kMs, 2 * kMs);
  values.has |= bit(VNET_A_IMPAIR_DISTRIBUTION);
  values.distribution = VNET_DELAY_DISTRIBUTION_TABLE;
  EXPECT_NE(change(values), 0);
  EXPECT_STREQ(why_.text, "delay: a table has 2 to 16384 values");
  EXPECT_EQ(why_.attribute, u32{VNET_A_IMPAIR_DISTRIBUTION});
  const short falls[] = {1, 0};
  values.has |= bit(VNET_A_IMPAIR_TABLE);
  values.table = {falls, sizeof(falls)};
  EXPECT_NE(change(values), 0);
  EXPECT_EQ(why_.attribute, u32{VNET_A_IMPAIR_TABLE});
  values.distribution = VNET_DELAY_DISTRIBUTION_NORMAL;
  EXPECT_NE(change(values), 0);
  EXPECT_STREQ(why_.text, "delay: a table without distribution table");
}

// ---- trace

TEST_F(ControlImpairFiles, Trace_ComesInParts) {
  ASSERT_EQ(upload(7, 3, 0, {delay_row(0, 5 * kMs), delay_row(100 * kMs, 9 * kMs)}), 0);
  EXPECT_NE(change(take_trace(7)), 0);
  EXPECT_STREQ(why_.text, "trace (trace-upload): impair-trace has not brought all of it");
  EXPECT_EQ(why_.attribute, u32{VNET_A_IMPAIR_TRACE_UPLOAD});
  ASSERT_EQ(upload(7, 3, 2, {delay_row(200 * kMs, kMs)}), 0);
  EXPECT_NE(change(take_trace(8)), 0) << "another one";
  ASSERT_EQ(change(take_trace(7)), 0) << why_.text;
  EXPECT_EQ(shown().trace_count, 3u);
  EXPECT_EQ(shown().trace_start, host.now());
  const u64 begin = host.now();
  send(1);
  pair().run_for(120 * kMs);
  send(1);
  pair().run_for(100 * kMs);
  send(1);
  pair().run_for(100 * kMs);
  const auto all = arrivals();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].time, begin + 5 * kMs);
  EXPECT_EQ(all[1].time, begin + 129 * kMs);
  EXPECT_EQ(all[2].time, begin + 221 * kMs);
}

TEST_F(ControlImpairFiles, Trace_GoesOnWhenAnotherKnobChanges) {
  ASSERT_EQ(upload(7, 2, 0, {delay_row(0, 5 * kMs), delay_row(100 * kMs, 9 * kMs)}), 0);
  ASSERT_EQ(change(take_trace(7)), 0) << why_.text;
  const u64 begin = host.now();
  pair().run_for(150 * kMs);
  ASSERT_EQ(change(loss_values(0)), 0);
  EXPECT_EQ(shown().trace_start, begin);
  send(1);
  pair().run_for(20 * kMs);
  const auto all = arrivals();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].time, begin + 159 * kMs);
}

TEST_F(ControlImpairFiles, Trace_FollowsTheClockThatItIsGiven) {
  pair().run_for(1000 * kMs);
  const u64 start = host.now() - 130 * kMs;  // 30 ms into the second lap
  ASSERT_EQ(upload(7, 3, 0,
                   {delay_row(0, 5 * kMs), delay_row(20 * kMs, 9 * kMs), delay_row(100 * kMs, 0)}),
            0);
  vnet_impair_values values = take_trace(7);
  values.has |= bit(VNET_A_IMPAIR_TRACE_LOOP) | bit(VNET_A_IMPAIR_TRACE_START) |
                bit(VNET_A_IMPAIR_TRACE_SYNC);
  values.trace_loop = 1;
  values.trace_start = start;
  set_text(values.trace_sync, "train");
  ASSERT_EQ(change(values), 0) << why_.text;
  EXPECT_STREQ(shown().trace_sync, "train");
  EXPECT_EQ(shown().trace_start, start);
  const u64 begin = host.now();
  send(1);
  pair().run_for(75 * kMs);
  send(1);
  pair().run_for(20 * kMs);
  const auto all = arrivals();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].time, begin + 9 * kMs);
  EXPECT_EQ(all[1].time, begin + 80 * kMs) << "the third lap";
}

TEST_F(ControlImpairFiles, Trace_FindsItsPlaceAmongManyRows) {
  constexpr u32 kCount = 10000, kPart = 1000;
  std::vector<vnet_trace_row> rows;
  for (u32 at = 0; at < kCount; at += kPart) {
    rows.clear();
    for (u32 i = at; i < at + kPart; i++) rows.push_back(delay_row(i * kMs, (1 + i % 7) * kMs));
    ASSERT_EQ(upload(9, kCount, at, rows), 0);
  }
  ASSERT_EQ(change(take_trace(9)), 0) << why_.text;
  const u64 begin = host.now();
  for (const u64 at : {0, 3, 4, 777, 5000, 9998, 9999, 30000}) {
    if (begin + at * kMs > host.now()) pair().run_for(begin + at * kMs - host.now());
    arrivals();
    const u64 sent = host.now(), row = std::min<u64>((sent - begin) / kMs, kCount - 1);
    send(1);
    pair().run_for(20 * kMs);
    const auto all = arrivals();
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].time, sent + (1 + row % 7) * kMs) << at;
  }
}

TEST_F(ControlImpairFiles, Trace_PartsThatDoNotFitAreRefused) {
  const std::vector<vnet_trace_row> row = {delay_row(0, kMs)};
  EXPECT_NE(upload(7, 2, 1, row), 0);
  EXPECT_EQ(why_.attribute, u32{VNET_A_IMPAIR_TRACE_UPLOAD}) << "it has not begun";
  ASSERT_EQ(upload(7, 3, 0, row), 0);
  EXPECT_NE(upload(7, 3, 2, row), 0);
  EXPECT_EQ(why_.attribute, u32{VNET_A_IMPAIR_TRACE_AT});
  EXPECT_NE(upload(7, 4, 1, row), 0);
  EXPECT_NE(upload(8, 3, 1, row), 0);
  EXPECT_STREQ(why_.text, "trace (trace-upload): another one has begun meanwhile");
  EXPECT_NE(upload(7, 3, 1, {row[0], row[0], row[0]}), 0);
  EXPECT_EQ(why_.attribute, u32{VNET_A_IMPAIR_TRACE_ROWS});
  EXPECT_NE(upload(7, VNET_TRACE_MAX + 1, 0, row), 0);
  EXPECT_EQ(why_.attribute, u32{VNET_A_IMPAIR_TRACE_COUNT});
  host.fail_alloc.fail_nth(1);
  EXPECT_EQ(upload(9, 2, 0, row), kNoMemory);
  host.fail_alloc.fail_nth(0);
  ASSERT_EQ(upload(9, 2, 0, row), 0);
  ASSERT_EQ(upload(9, 2, 1, row), 0);
  EXPECT_NE(change(take_trace(9)), 0);
  EXPECT_STREQ(why_.text, "trace: times ascend");
}

// ---- both directions, and who is at fault

TEST_F(ControlImpairFiles, Both_OrNone) {
  vnet_impair_values values = loss_values(12345);
  ASSERT_EQ(both(values), 0) << why_.text;
  EXPECT_EQ(pair().a().impair_values(stats_).loss_p1, 12345u);
  EXPECT_EQ(shown().loss_p1, 12345u);
  ASSERT_EQ(change(delay_values(kMs, 0)), 0) << "at one of them only";
  values = with({VNET_A_IMPAIR_REORDER, VNET_A_IMPAIR_DUPLICATE});
  values.reorder = values.duplicate = 1;
  EXPECT_NE(both(values), 0);
  EXPECT_STREQ(why_.text, "reorder: needs a delay, which the frames sent ahead do without");
  EXPECT_EQ(why_.attribute, u32{VNET_A_IMPAIR_REORDER});
  EXPECT_FALSE(has(shown(), VNET_A_IMPAIR_REORDER)) << "the one that could";
  EXPECT_FALSE(has(shown(), VNET_A_IMPAIR_DUPLICATE));
}

TEST_F(ControlImpairFiles, ARefusalNamesTheAttributeThatTheRequestHas) {
  ASSERT_EQ(change(delay_values(5 * kMs, 4 * kMs)), 0);
  vnet_impair_values values = delay_values(0, 6 * kMs);
  values.has = bit(VNET_A_IMPAIR_JITTER);
  EXPECT_NE(change(values), 0);
  EXPECT_EQ(why_.attribute, u32{VNET_A_IMPAIR_JITTER});
  values = with({VNET_A_IMPAIR_DISTRIBUTION, VNET_A_IMPAIR_DELAY});
  values.delay = 5 * kMs;
  values.distribution = VNET_DELAY_DISTRIBUTION_NORMAL;
  EXPECT_NE(change(values), 0);
  EXPECT_EQ(why_.attribute, u32{VNET_A_IMPAIR_DISTRIBUTION});
  for (const u64 delay : {(1ull << 63) - 1, 1ull << 63, ~0ull}) {
    values = with({VNET_A_IMPAIR_DELAY});
    values.delay = delay;
    const bool beyond = delay >= 1ull << 63;
    EXPECT_EQ(change(values) != 0, beyond) << delay;
    EXPECT_EQ(why_.attribute, beyond ? u32{VNET_A_IMPAIR_DELAY} : 0) << delay;
  }
  values = with({VNET_A_IMPAIR_REORDER});
  values.reorder = 1;
  ASSERT_EQ(change(values), 0);
  EXPECT_NE(remove(VNET_IMPAIR_KNOB_DELAY), 0);
  EXPECT_EQ(why_.attribute, u32{VNET_A_IMPAIR_KNOBS});
}

}  // namespace
}  // namespace vnet::fake
