// SPDX-License-Identifier: GPL-2.0-only
// Tests of statistics: each returns a probability, or a figure with a known distribution.
#pragma once

#include <functional>
#include <vector>

#include "core/base/types.h"

namespace vnet::stat {

// How improbable a result may be before it is taken for wrong.
inline constexpr double kAlpha = 1e-4;

// Exact, two-sided: how probable is a count at least as far out as `successes` of `trials`.
double binomial(u64 successes, u64 trials, double p);
// Upper tail of the chi-square distribution.
double chi_square_tail(double value, double degrees);
// Of observed counts against expected ones; classes below 5 expected are put together.
double chi_square(const std::vector<u64>& observed, const std::vector<double>& expected);
// Kolmogorov-Smirnov: of a sample against a distribution function.
double kolmogorov_smirnov(std::vector<double> sample, const std::function<double(double)>& cdf);
// Anderson-Darling's A^2: above 10.0 with a probability of less than kAlpha.
double anderson_darling(std::vector<double> sample, const std::function<double(double)>& cdf);
inline constexpr double kAndersonDarlingLimit = 10.0;
// Correlation of a 0/1 sequence with itself `lag` later, in standard deviations.
double autocorrelation(const std::vector<bool>& bits, u32 lag);
// Wald and Wolfowitz: the number of runs, in standard deviations from what chance makes.
double runs(const std::vector<bool>& bits);
// Two sequences: whether they agree as often as independent ones would, exact binomial for p = 1/2.
double agreement(const std::vector<bool>& a, const std::vector<bool>& b);
inline constexpr double kSigmas = 3.9;  // two-sided kAlpha of the normal distribution

}  // namespace vnet::stat
