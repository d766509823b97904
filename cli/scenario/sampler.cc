// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/sampler.h"

namespace vnet::cli {
namespace {

// More than a plot can show.
constexpr size_t kMostPoints = 4000;

}  // namespace

Result<std::unique_ptr<Sampler>> Sampler::start(LabHosts& hosts, RunRecorder& recorder,
                                                vnet_u64 interval_ns) {
  std::unique_ptr<Sampler> sampler(new Sampler(hosts, recorder, interval_ns));
  if (Failure failure = sampler->timer_.start(interval_ns)) return *failure;
  return sampler;
}

void Sampler::work() {
  if (!timer_.came()) return;
  take();
  if (recorder_.history().points.size() >= kMostPoints) thin_out();
}

void Sampler::take() {
  const Result<std::map<std::string, DeviceSample>> devices = hosts_.sample();
  if (!devices) return;  // the next one may come
  History::Point point;
  point.at_ns = recorder_.now_ns();
  for (const auto& [name, device] : *devices)
    point.devices[name] = {device.total.rx_bytes, device.total.rx_frames, device.total.drops};
  recorder_.history().points.push_back(std::move(point));
}

// Counters only grow: each second point says all.
void Sampler::thin_out() {
  std::vector<History::Point>& points = recorder_.history().points;
  size_t kept = 0;
  for (size_t i = 0; i < points.size(); i += 2) points[kept++] = std::move(points[i]);
  points.resize(kept);
  interval_ns_ *= 2;
  (void)timer_.start(interval_ns_);
}

}  // namespace vnet::cli
