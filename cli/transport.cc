// SPDX-License-Identifier: GPL-2.0-only
#include "cli/transport.h"

#include <fmt/core.h>
#include <sys/socket.h>

#include <array>

#include "cli/schema.h"
#include "lib/nlmsg/builder.h"
#include "lib/nlmsg/parser.h"

namespace vnet::cli {
struct Answers {
  std::vector<vnet_u32> bytes;  // the replies' attributes, one behind the other
  struct Place {
    vnet_u32 command;
    size_t at, length;
  };
  std::vector<Place> replies;
  bool interrupted = false;

  void take(const nlmsghdr& message) {
    const genlmsghdr* const generic = nlmsg::generic_header(message);
    if (!generic) return;
    const std::span<const vnet_u8> from = nlmsg::attributes(message);
    replies.push_back({generic->cmd, bytes.size(), from.size()});
    bytes.resize(bytes.size() + (from.size() + 3) / 4);
    if (!from.empty()) std::memcpy(&bytes[replies.back().at], from.data(), from.size());
  }
  void visit(const Transport::Visitor& visitor) const {
    for (const Place& reply : replies)
      visitor({reply.command,
               {reinterpret_cast<const vnet_u8*>(bytes.data() + reply.at), reply.length}});
  }
};

namespace {

constexpr size_t kRequestSize = nlmsg::kDatagramMax;
// Each repetition meets another change; a table that never stands still is not ours.
constexpr int kDumpTries = 16;

// "rx: must be 64 to 32768": what the error is about stands first, if its text does not say so
// itself.
Error refusal(const nlmsg::Status& status, vnet_set set, std::span<const vnet_u8> attributes) {
  Error error{status.text.empty() ? std::strerror(-status.code) : status.text, -status.code};
  if (!status.offset || *status.offset < nlmsg::kAttributesAt) return error;
  const Attribute* const attribute =
      attribute_at(set, attributes, *status.offset - nlmsg::kAttributesAt);
  if (!attribute) return error;
  const Knob* const knob = knob_of(*attribute);
  const char* const word = knob ? knob->keyword : attribute->name;
  const auto says = [&](const char* name) { return error.text.find(name) != std::string::npos; };
  // "loss burst: ...", of loss-p1.
  const size_t end = error.text.find_first_not_of("abcdefghijklmnopqrstuvwxyz");
  const bool begins =
      end != 0 && std::string_view(attribute->name).starts_with(error.text.substr(0, end));
  if (!begins && !says(word) && !says(attribute->name))
    error.text = fmt::format("{}: {}", word, error.text);
  return error;
}

}  // namespace

Failure Transport::send(vnet_u8 command, vnet_set set, const void* values, vnet_u16 flags) {
  request_.resize(kRequestSize / sizeof(vnet_u32));
  nlmsg::Builder builder(request_.data(), kRequestSize);
  builder.begin(type_, command, ++sequence_, static_cast<vnet_u16>(NLM_F_REQUEST | flags));
  builder.append(set, values);
  if (!builder.end()) return Error{"the request is too long", EMSGSIZE};
  if (::send(fd_.get(), request_.data(), builder.length(), MSG_NOSIGNAL) >= 0) return {};
  const int code = errno;
  // Who was turned away meanwhile can read why.
  Answers none;
  if (code == EPIPE)
    if (Failure failure = collect(set, none)) return failure;
  return gone(code);
}

// What happened to the host, as told by a socket's errno.
Error Transport::gone(int code) const {
  if (host_ == Host::kKernel) return user::errno_error("netlink", code);
  if (code == EAGAIN) return {fmt::format("instance '{}' does not answer", name_), code};
  if (code == ECONNRESET || code == EPIPE || code == ECONNREFUSED)
    return {fmt::format("instance '{}' has ended", name_), code};
  return user::errno_error(fmt::format("instance '{}'", name_), code);
}

// Reads until the ack or the end of the dump.
Failure Transport::collect(vnet_set set, Answers& answers) {
  for (;;) {
    Failure failure = datagram_.receive(fd_.get());
    // So it reads, once, when the other end did not take all that was sent; what that said at last
    // stands behind it (net/unix/af_unix.c, unix_release_sock()).
    if (failure && failure->code == ECONNRESET) failure = datagram_.receive(fd_.get());
    if (failure) return gone(failure->code);
    nlmsg::Parser parser(datagram_.data(), datagram_.size());
    while (const nlmsghdr* const message = parser.next()) {
      const std::optional<nlmsg::Status> status = nlmsg::parse_status(*message);
      // A driver that turns somebody away says so before it is asked anything.
      if (host_ == Host::kUser && message->nlmsg_seq == 0 && status && status->code < 0)
        return Error{fmt::format("instance '{}': {}", name_, status->text), -status->code};
      if (message->nlmsg_seq != sequence_) continue;  // an event, or of a dump that was given up
      if (message->nlmsg_flags & NLM_F_DUMP_INTR) answers.interrupted = true;
      if (!status) {
        answers.take(*message);
      } else if (status->code < 0) {
        const auto* const sent = reinterpret_cast<const nlmsghdr*>(request_.data());
        return refusal(*status, set, nlmsg::attributes(*sent));
      } else {
        return {};
      }
    }
    if (parser.malformed()) return Error{fmt::format("{}: a malformed answer", name_), EBADMSG};
  }
}

Failure Transport::exchange(vnet_u8 command, vnet_set set, const void* values, vnet_u16 flags,
                            const Visitor& visit) {
  for (int tries = 0; tries < kDumpTries; tries++) {
    Answers answers;
    if (Failure failure = send(command, set, values, flags)) return failure;
    if (Failure failure = collect(set, answers)) return failure;
    if (answers.interrupted) continue;
    if (visit) answers.visit(visit);
    return {};
  }
  return Error{fmt::format("{}: its devices change too fast to be listed", name_), EINTR};
}

Failure Transport::receive(const Visitor& visit) {
  for (;;) {
    if (Failure failure = datagram_.receive(fd_.get(), MSG_DONTWAIT)) {
      if (failure->code == EAGAIN) return {};
      return gone(failure->code);
    }
    nlmsg::Parser parser(datagram_.data(), datagram_.size());
    while (const nlmsghdr* const message = parser.next())
      if (const genlmsghdr* const generic = nlmsg::generic_header(*message);
          generic && message->nlmsg_type == type_)
        visit({generic->cmd, nlmsg::attributes(*message)});
  }
}

}  // namespace vnet::cli
