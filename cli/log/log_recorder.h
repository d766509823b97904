// SPDX-License-Identifier: GPL-2.0-only
// Puts into a log what the hosts tell: events, faults, settings as they change, and what befalls
// each frame. A link is written as its first recorded end sees it, so that the same traffic gives
// the same lines, whichever host told them, and from whichever end.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/event_feed.h"
#include "cli/log/log_reader.h"
#include "cli/log/log_writer.h"

namespace vnet::cli {

class LogRecorder {
 public:
  // The links of `devices`, or of all devices that this network namespace and the living
  // user-space drivers have; then also of those that come later. They are added to the log, which
  // outlives the recorder.
  static Result<std::unique_ptr<LogRecorder>> open(HostChoice choice,
                                                   const std::vector<std::string>& devices,
                                                   LogWriter& log);

  // As of EventFeed: what to poll for, and for how long at most.
  void append_to(std::vector<pollfd>& wanted) const { feed_->append_to(wanted); }
  int patience_ms() const { return feed_->patience_ms(); }
  // Writes what has come; does not wait. `also` visits what came, too.
  Failure read(const EventFeed::Visitor& also = {});
  // How many frames of the present run have come, by wire.
  std::map<WireKey, vnet_u64> frames();
  // The last of it, and how many frames each wire has had.
  Failure close();

 private:
  struct QueueState {
    vnet_u32 run = 0, loss_state = 0, since_early = 0;
    vnet_u64 frames = 0, after = 0;
    std::optional<vnet_u64> told;  // the sequence that comes next
  };
  struct Wire {
    std::string words;
    vnet_u64 seed = 0;
    vnet_u32 place = 0;
    std::vector<QueueState> queues;
  };
  struct Link {
    std::shared_ptr<Transport> host;
    std::array<std::string, 2> devices;  // the second is empty where it cannot be seen
    std::array<Wire, 2> wires;           // by direction, seen from the first device
  };
  struct Place {
    Link* link;
    vnet_u32 direction;
  };

  LogRecorder(std::unique_ptr<EventFeed> feed, HostChoice choice, std::vector<std::string> devices,
              LogWriter& log)
      : feed_(std::move(feed)), choice_(choice), devices_(std::move(devices)), log_(log) {}

  Failure survey();
  Failure add_links_of(const std::shared_ptr<Transport>& host);
  bool is_wanted(const std::string& device) const;
  Failure add_link(Link link);
  Link* link_of(std::string_view device);
  std::optional<Place> place_of(std::string_view device, vnet_u32 direction);
  static bool ask(Link& link, vnet_u32 direction, Wire& wire);
  void ask_again(Link& link, vnet_u32 direction, vnet_u64 time);
  Json wire_json(const Link& link, vnet_u32 direction) const;
  Json faults_json(Link& link);

  void take(const Reply& reply);
  void take_event(const vnet_event_values& event);
  void take_fault(const vnet_event_values& event, Link& link, Json line);
  void fault_fired(const vnet_event_values& event, const std::string& device, Json& line);
  static Failure ask_fault(Link& link, const std::string& device, vnet_u32 id,
                           vnet_fault_values& fault);
  static vnet_u64 come(Link& link);
  void take_decisions(const vnet_decided_values& decided);
  void miss(const Place& place, vnet_u32 queue, vnet_u64 time, vnet_u64 count);

  std::unique_ptr<EventFeed> feed_;
  HostChoice choice_;
  std::vector<std::string> devices_;  // empty: all
  LogWriter& log_;
  std::vector<std::unique_ptr<Link>> links_;
  struct KnownFault {
    std::string fault_class;
    vnet_u64 forced = 0;  // a bit for each queue where it is yet to fire because it was told to
  };
  std::map<std::pair<std::string, vnet_u32>, KnownFault> faults_;  // by device and id
};

}  // namespace vnet::cli
