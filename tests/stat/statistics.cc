// SPDX-License-Identifier: GPL-2.0-only
#include "tests/stat/statistics.h"

#include <algorithm>
#include <cmath>

namespace vnet::stat {
namespace {

double binomial_log(double k, double n, double p) {
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) + k * std::log(p) +
         (n - k) * std::log1p(-p);
}

// The sum from `k` outwards.
double tail(double k, double n, double p, double step) {
  double sum = 0;
  for (; k >= 0 && k <= n; k += step) {
    const double term = std::exp(binomial_log(k, n, p));
    sum += term;
    if (term < sum * 1e-12) break;
  }
  return sum;
}

// Regularized upper incomplete gamma function (Numerical Recipes, 6.2).
double gamma_q(double a, double x) {
  if (x <= 0) return 1;
  const double scale = std::exp(-x + a * std::log(x) - std::lgamma(a));
  if (x < a + 1) {
    double term = 1 / a, sum = term;
    for (double n = a + 1; term > sum * 1e-14; n++) sum += term *= x / n;
    return 1 - sum * scale;
  }
  double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
  for (int i = 1; i < 10000; i++) {
    const double an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    h *= d * c;
    if (std::fabs(d * c - 1) < 1e-14) break;
  }
  return scale * h;
}

}  // namespace

double binomial(u64 successes, u64 trials, double p) {
  const auto k = static_cast<double>(successes), n = static_cast<double>(trials);
  if (p <= 0) return successes == 0;
  if (p >= 1) return successes == trials;
  const double step = k < n * p ? -1 : 1;
  return std::min(1.0, 2 * tail(k, n, p, step));
}

double chi_square_tail(double value, double degrees) {
  return gamma_q(degrees / 2, value / 2);
}

double chi_square(const std::vector<u64>& observed, const std::vector<double>& expected) {
  double sum = 0, seen = 0, wanted = 0;
  int classes = 0;
  for (size_t i = 0; i < expected.size(); i++) {
    seen += static_cast<double>(observed.at(i));
    wanted += expected[i];
    if (wanted < 5 && i + 1 < expected.size()) continue;
    if (wanted > 0) sum += (seen - wanted) * (seen - wanted) / wanted;
    seen = wanted = 0;
    classes++;
  }
  return classes > 1 ? chi_square_tail(sum, classes - 1) : 1;
}

double kolmogorov_smirnov(std::vector<double> sample, const std::function<double(double)>& cdf) {
  std::ranges::sort(sample);
  const auto n = static_cast<double>(sample.size());
  double distance = 0;
  for (size_t i = 0; i < sample.size(); i++) {
    const double f = cdf(sample[i]);
    distance =
        std::max({distance, static_cast<double>(i + 1) / n - f, f - static_cast<double>(i) / n});
  }
  const double x = (std::sqrt(n) + 0.12 + 0.11 / std::sqrt(n)) * distance;
  double q = 0;
  for (int k = 1; k < 100; k++) q += (k % 2 ? 2 : -2) * std::exp(-2.0 * k * k * x * x);
  return std::clamp(q, 0.0, 1.0);
}

double anderson_darling(std::vector<double> sample, const std::function<double(double)>& cdf) {
  std::ranges::sort(sample);
  const size_t n = sample.size();
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += static_cast<double>(2 * i + 1) *
           (std::log(cdf(sample[i])) + std::log1p(-cdf(sample[n - 1 - i])));
  return -static_cast<double>(n) - sum / static_cast<double>(n);
}

double autocorrelation(const std::vector<bool>& bits, u32 lag) {
  const size_t n = bits.size() - lag;
  double mean = 0, sum = 0;
  for (const bool bit : bits) mean += bit;
  mean /= static_cast<double>(bits.size());
  for (size_t i = 0; i < n; i++) sum += (bits[i] - mean) * (bits[i + lag] - mean);
  return sum / (mean * (1 - mean)) / std::sqrt(static_cast<double>(n));
}

double runs(const std::vector<bool>& bits) {
  double ones = 0, count = 1;
  for (size_t i = 0; i < bits.size(); i++) {
    ones += bits[i];
    if (i && bits[i] != bits[i - 1]) count++;
  }
  const auto n = static_cast<double>(bits.size());
  const double mean = 2 * ones * (n - ones) / n + 1;
  return (count - mean) / std::sqrt((mean - 1) * (mean - 2) / (n - 1));
}

double agreement(const std::vector<bool>& a, const std::vector<bool>& b) {
  u64 same = 0;
  for (size_t i = 0; i < a.size(); i++) same += a[i] == b.at(i);
  return binomial(same, a.size(), 0.5);
}

}  // namespace vnet::stat
