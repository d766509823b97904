// SPDX-License-Identifier: GPL-2.0-only
// A capture of one device: what its stack sees and, if asked for, what vnet drops, into one pcapng.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "cli/capture/frame_order.h"
#include "cli/capture/packet_ring.h"
#include "cli/output_file.h"
#include "cli/stop_signals.h"
#include "cli/transport.h"
#include "user/link_watch.h"

namespace vnet::cli {

struct CaptureRequest {
  std::string device;
  bool with_drops = false;
  std::string file;               // "-" is stdout
  std::optional<vnet_u64> count;  // ends after so many frames
  vnet_u32 snaplen = 262144;      // tcpdump's
};

struct CaptureCounts {
  vnet_u64 delivered = 0;     // frames of the file that were not dropped
  vnet_u64 dropped = 0;       // frames of the file that vnet dropped
  vnet_u64 missed = 0;        // frames that AF_PACKET had no room for
  vnet_u64 missed_drops = 0;  // dropped frames that are not in the file; a lower bound
};

class Capture final : public user::LinkWatch::Listener {
 public:
  // `host` is where the device lives.
  static Result<std::unique_ptr<Capture>> open(const CaptureRequest& request,
                                               std::unique_ptr<Transport> host);

  // Until SIGINT, SIGTERM, the count, the device's end, or nobody reads any more.
  Failure run();
  const CaptureCounts& counts() const { return counts_; }

 private:
  Capture(CaptureRequest request, std::unique_ptr<Transport> host, StopSignals signals,
          OutputFile file, PacketRing ring, vnet_u32 ifindex);

  Failure write_head();
  Failure write_statistics();
  bool wait();
  void read_drops();
  void read_drop(const Reply& reply);
  bool is_ours(const vnet_dropped_values& drop);
  void read_ring();
  Failure write_frames(std::optional<vnet_u64> until_ns);
  void append(const CapturedFrame& frame);
  bool is_complete() const;

  void on_link(int nsid, const user::LinkState& state) override;
  void on_link_gone(int nsid, int ifindex) override;
  void on_events_lost() override;

  CaptureRequest request_;
  std::unique_ptr<Transport> host_;
  StopSignals signals_;
  OutputFile file_;
  PacketRing ring_;
  std::unique_ptr<user::LinkWatch> links_;
  vnet_u32 ifindex_;
  std::set<std::string, std::less<>> names_;  // that the device has had
  vnet_u64 start_ns_;
  bool host_gone_ = false, device_gone_ = false;
  FrameOrder order_;
  std::string out_;  // blocks that are not written yet
  CaptureCounts counts_;
};

}  // namespace vnet::cli
