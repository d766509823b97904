// SPDX-License-Identifier: GPL-2.0-only
// The determinism contract, version 1: the same decisions everywhere and for ever.
#include "core/impair/golden.h"

#include <vnet/fault.h>

#include <fstream>
#include <map>

#include "tests/stat/decisions.h"

namespace vnet::stat {
namespace {

constexpr u32 kDecisions = 1000000;

// Lines of seed, stream, hash.
std::map<std::pair<u64, u32>, u64> committed() {
  std::ifstream file(VNET_TEST_DATA "/stat/golden.txt");
  std::map<std::pair<u64, u32>, u64> all;
  u64 seed, hash;
  u32 stream;
  while (file >> std::hex >> seed >> std::dec >> stream >> std::hex >> hash)
    all[{seed, stream}] = hash;
  return all;
}

TEST(GoldenTest, MillionDecisions_AreThoseOfTheContract) {
  const auto golden_vectors = committed();
  EXPECT_EQ(golden_vectors.size(), 16u * (kGoldenStreams + VNET_FAULT_WHAT_COUNT));
  for (const auto& [key, hash] : golden_vectors)
    EXPECT_EQ(vnet_core_impair_golden(key.first, key.second, kDecisions), hash)
        << std::hex << "seed " << key.first << " stream " << key.second;
}

TEST(GoldenTest, NoSuchStream_IsZero) {
  EXPECT_EQ(vnet_core_impair_golden(1, kGoldenStreams, 10), 0u);
  EXPECT_EQ(vnet_core_impair_golden(1, kGoldenFault + VNET_FAULT_WHAT_COUNT, 10), 0u);
}

}  // namespace
}  // namespace vnet::stat
