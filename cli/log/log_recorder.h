// SPDX-License-Identifier: GPL-2.0-only
// Puts into a log what the hosts tell: events, faults, settings as they change, and what befalls
// each frame. A link is written as its first recorded end sees it, so that the same traffic gives
// the same lines, whichever host told them, and from whichever end.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/event_feed.h"
#include "cli/log/log_reader.h"
#include "cli/log/log_writer.h"
#include "cli/log/recorded_link.h"

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
  struct Place {
    RecordedLink* link;
    vnet_u32 direction;
  };

  LogRecorder(std::unique_ptr<EventFeed> feed, HostChoice choice, std::vector<std::string> devices,
              LogWriter& log)
      : feed_(std::move(feed)), choice_(choice), devices_(std::move(devices)), log_(log) {}

  Failure survey();
  Failure add_links_of(const std::shared_ptr<Transport>& host);
  bool is_wanted(const std::string& device) const;
  Failure add_link(RecordedLink link);
  RecordedLink* link_of(std::string_view device);
  bool is_known(const Transport& host, const LinkNames& found);
  bool is_logged(const RecordedLink& link) const;
  void look_for_names(const vnet_event_values& event);
  void take_names(RecordedLink& link, const LinkNames& names, vnet_u64 time);
  std::optional<Place> place_of(std::string_view device, vnet_u32 direction);
  void ask_again(RecordedLink& link, vnet_u32 direction, vnet_u64 time);
  Json faults_json(RecordedLink& link);

  void take(const Reply& reply);
  void take_event(const vnet_event_values& event);
  void take_fault(const vnet_event_values& event, RecordedLink& link, Json line);
  void fault_fired(const vnet_event_values& event, const std::string& device, Json& line);
  static Failure ask_fault(RecordedLink& link, const std::string& device, vnet_u32 id,
                           vnet_fault_values& fault);
  static vnet_u64 come(RecordedLink& link);
  void take_decisions(const vnet_decided_values& decided);
  void miss(const Place& place, vnet_u32 queue, vnet_u64 time, vnet_u64 count);

  std::unique_ptr<EventFeed> feed_;
  HostChoice choice_;
  std::vector<std::string> devices_;  // empty: all
  LogWriter& log_;
  std::vector<std::unique_ptr<RecordedLink>> links_;
  struct KnownFault {
    std::string fault_class;
    vnet_u64 forced = 0;  // a bit for each queue where it is yet to fire because it was told to
  };
  std::map<std::pair<std::string, vnet_u32>, KnownFault> faults_;  // by device and id
};

}  // namespace vnet::cli
