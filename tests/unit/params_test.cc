// SPDX-License-Identifier: GPL-2.0-only
// Each parameter at its limits and one beyond; a refusal names the parameter and the range.
#include <string>

#include "tests/fake/fixture.h"

namespace vnet::fake {
namespace {

struct Limit {
  const char* name;  // as it appears in the refusal
  u32 vnet_params::*field;
  u32 minimum, maximum;
};
constexpr Limit kLimits[] = {
    {"queues", &vnet_params::queues, 1, VNET_QUEUES_MAX},
    {"ring", &vnet_params::ring_size, VNET_RING_MIN, VNET_RING_MAX},
    {"mtu", &vnet_params::mtu, VNET_MTU_MIN, VNET_MTU_MAX},
    {"rx_usecs", &vnet_params::rx_usecs, 0, VNET_RX_USECS_MAX},
    {"rx_frames", &vnet_params::rx_frames, 0, VNET_RX_FRAMES_MAX},
    {"timeout", &vnet_params::timeout_ms, VNET_TIMEOUT_MIN_MS, VNET_TIMEOUT_MAX_MS},
};

void expect_names(const char* why, const Limit& limit) {
  ASSERT_NE(why, nullptr) << limit.name;
  const std::string text = why;
  for (const std::string& part :
       {std::string(limit.name), std::to_string(limit.minimum), std::to_string(limit.maximum)}) {
    EXPECT_NE(text.find(part), std::string::npos) << "'" << text << "' lacks " << part;
  }
}

class ParamsTest : public HostTest {
 protected:
  void expect_accepted(const vnet_params& params) {
    int error = -1;
    const char* why = nullptr;
    EXPECT_NE(Device::create(params, &error, &why), nullptr);
    EXPECT_EQ(error, 0) << (why ? why : "");
  }
  const char* expect_refused(const vnet_params& params) {
    int error = 0;
    const char* why = nullptr;
    EXPECT_EQ(Device::create(params, &error, &why), nullptr);
    EXPECT_EQ(error, -22);  // EINVAL
    return why;
  }
  const vnet_params defaults_ = params_with_mac(kMacA);
};

TEST_F(ParamsTest, Defaults_AreThoseOfTheHeader) {
  vnet_params params;
  vnet_core_params_default(&params);
  EXPECT_EQ(params.queues, 1u);
  EXPECT_EQ(params.ring_size, VNET_RING_DEFAULT);
  EXPECT_EQ(params.mtu, VNET_MTU_DEFAULT);
  EXPECT_EQ(params.timeout_ms, VNET_TIMEOUT_DEFAULT_MS);
  EXPECT_EQ(params.lockup, 0u);
  EXPECT_EQ(params.rx_usecs + params.rx_frames + params.adaptive_rx, 0u);
  EXPECT_EQ(params.snull + params.pad + params.noarp + params.tx_irq, 0);
  for (const u8 byte : params.mac) EXPECT_EQ(byte, 0);
}

TEST_F(ParamsTest, Limits_AreAcceptedAndOneBeyondIsRefusedWithTheRange) {
  for (const Limit& limit : kLimits) {
    vnet_params params = defaults_;
    for (const u32 good : {limit.minimum, limit.maximum}) {
      params.*limit.field = good;
      expect_accepted(params);
    }
    for (const u32 bad : {limit.minimum - 1, limit.maximum + 1, ~0u}) {
      params.*limit.field = bad;
      expect_names(expect_refused(params), limit);
    }
  }
}

TEST_F(ParamsTest, SetParams_ChecksTheSameLimitsAndChangesNothingOnRefusal) {
  const auto device = Device::create(defaults_);
  for (const Limit& limit : kLimits) {
    for (const u32 bad : {limit.minimum - 1, limit.maximum + 1}) {
      vnet_params params = defaults_;
      params.*limit.field = bad;
      const char* why = nullptr;
      EXPECT_EQ(device->set_params(params, &why), -22);
      expect_names(why, limit);
      EXPECT_EQ(device->params().*limit.field, defaults_.*limit.field);
    }
  }
}

TEST_F(ParamsTest, SetParams_TakesLimitsOfWhatMayChange) {
  const auto device = Device::create(defaults_);
  for (const Limit& limit : {kLimits[2], kLimits[3], kLimits[4], kLimits[5]}) {
    for (const u32 good : {limit.minimum, limit.maximum}) {
      vnet_params params = defaults_;
      params.*limit.field = good;
      EXPECT_EQ(device->set_params(params), 0);
      EXPECT_EQ(device->params().*limit.field, good);
    }
  }
}

TEST_F(ParamsTest, SetParams_RefusesAnotherNumberOfQueues) {
  const auto device = Device::create(defaults_);
  vnet_params params = defaults_;
  params.queues = 2;
  const char* why = nullptr;
  EXPECT_EQ(device->set_params(params, &why), -22);
  ASSERT_NE(why, nullptr);
  EXPECT_NE(std::string(why).find("queues"), std::string::npos);
}

TEST_F(ParamsTest, RingSize_IsRoundedUpToAPowerOfTwo) {
  vnet_params params = defaults_;
  for (const auto& [asked, given] : {std::pair{64u, 64u},
                                     {65u, 128u},
                                     {256u, 256u},
                                     {257u, 512u},
                                     {32767u, 32768u},
                                     {32768u, 32768u}}) {
    params.ring_size = asked;
    const auto device = Device::create(params);
    ASSERT_NE(device, nullptr);
    EXPECT_EQ(device->params().ring_size, given);
    EXPECT_EQ(device->set_params(params), 0) << "what was asked for is what is in force";
  }
}

TEST_F(ParamsTest, Mac_MustBeUnicastAndNotZero) {
  vnet_params params = defaults_;
  for (const u8 first : {u8{0x01}, u8{0x03}, u8{0xff}}) {
    params.mac[0] = first;
    const char* why = expect_refused(params);
    ASSERT_NE(why, nullptr);
    EXPECT_NE(std::string(why).find("mac"), std::string::npos);
  }
  vnet_params zero;
  vnet_core_params_default(&zero);
  EXPECT_NE(expect_refused(zero), nullptr);
  zero.mac[5] = 1;
  expect_accepted(zero);
}

TEST_F(ParamsTest, Options_AreZeroOrOneAndNamedInTheRefusal) {
  constexpr std::pair<const char*, u8 vnet_params::*> kOptions[] = {
      {"snull", &vnet_params::snull},
      {"pad", &vnet_params::pad},
      {"noarp", &vnet_params::noarp},
      {"tx_irq", &vnet_params::tx_irq},
      {"adaptive_rx", &vnet_params::adaptive_rx}};
  for (const auto& [name, field] : kOptions) {
    vnet_params params = defaults_;
    params.*field = 1;
    expect_accepted(params);
    for (const u8 bad : {u8{2}, u8{255}}) {
      params.*field = bad;
      const char* why = expect_refused(params);
      ASSERT_NE(why, nullptr);
      EXPECT_NE(std::string(why).find(name), std::string::npos) << why;
    }
  }
}

TEST_F(ParamsTest, Lockup_TakesAnyNumber) {
  vnet_params params = defaults_;
  for (const u32 lockup : {0u, 1u, ~0u}) {
    params.lockup = lockup;
    expect_accepted(params);
  }
}

TEST_F(ParamsTest, ParamsGet_GivesWhatWasSet) {
  vnet_params params = defaults_;
  params.queues = 3;
  params.mtu = 9000;
  params.lockup = 7;
  params.timeout_ms = 123;
  params.snull = params.pad = params.noarp = params.tx_irq = 1;
  const auto device = Device::create(params);
  const vnet_params got = device->params();
  EXPECT_EQ(got.queues, 3u);
  EXPECT_EQ(got.mtu, 9000u);
  EXPECT_EQ(got.lockup, 7u);
  EXPECT_EQ(got.timeout_ms, 123u);
  EXPECT_EQ(got.snull + got.pad + got.noarp + got.tx_irq, 4);
  EXPECT_TRUE(std::equal(kMacA, kMacA + 6, got.mac));
}

}  // namespace
}  // namespace vnet::fake
