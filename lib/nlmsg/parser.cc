// SPDX-License-Identifier: GPL-2.0-only
#include "lib/nlmsg/parser.h"

#include <libmnl/libmnl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace vnet::nlmsg {
namespace {

int take_attribute(const nlattr* attribute, void* data) {
  auto& status = *static_cast<Status*>(data);
  const size_t length = mnl_attr_get_payload_len(attribute);
  const auto* const payload = static_cast<const char*>(mnl_attr_get_payload(attribute));
  if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_MSG)
    status.text.assign(payload, strnlen(payload, length));
  if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_OFFS && length == sizeof(vnet_u32))
    status.offset = mnl_attr_get_u32(attribute);
  return MNL_CB_OK;
}

// How many bytes of payload stand before the attributes of extack; none if it is malformed.
std::optional<size_t> extack_at(const nlmsghdr& message) {
  const size_t length = mnl_nlmsg_get_payload_len(&message);
  if (message.nlmsg_type == NLMSG_DONE) return MNL_ALIGN(sizeof(int));
  if (length < sizeof(nlmsgerr)) return {};
  size_t at = sizeof(nlmsgerr);
  if (!(message.nlmsg_flags & NLM_F_CAPPED)) {  // the whole request is repeated
    const auto* const body = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(&message));
    if (body->msg.nlmsg_len < MNL_NLMSG_HDRLEN) return {};
    at += MNL_ALIGN(size_t{body->msg.nlmsg_len}) - MNL_NLMSG_HDRLEN;
  }
  return at;
}

}  // namespace

// Not mnl_nlmsg_ok(): it takes a length of 2 GiB and more for a negative one, which fits.
const nlmsghdr* Parser::next() {
  const nlmsghdr* const message = message_;
  if (rest_ < MNL_NLMSG_HDRLEN || message->nlmsg_len < MNL_NLMSG_HDRLEN ||
      message->nlmsg_len > rest_)
    return nullptr;
  // The last one of a datagram may lack its padding.
  const size_t padded = std::min(rest_, MNL_ALIGN(size_t{message->nlmsg_len}));
  message_ = reinterpret_cast<const nlmsghdr*>(reinterpret_cast<const char*>(message) + padded);
  rest_ -= padded;
  return message;
}

const genlmsghdr* generic_header(const nlmsghdr& message) {
  if (message.nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN)) return nullptr;
  return static_cast<const genlmsghdr*>(mnl_nlmsg_get_payload(&message));
}

std::span<const vnet_u8> attributes(const nlmsghdr& message) {
  if (!generic_header(message)) return {};
  return {static_cast<const vnet_u8*>(mnl_nlmsg_get_payload_offset(&message, GENL_HDRLEN)),
          message.nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN)};
}

std::optional<Status> parse_status(const nlmsghdr& message) {
  const bool done = message.nlmsg_type == NLMSG_DONE;
  if (!done && message.nlmsg_type != NLMSG_ERROR) return {};
  Status status;
  status.done = done;
  const std::optional<size_t> extack = extack_at(message);
  if (!extack || mnl_nlmsg_get_payload_len(&message) < sizeof(int)) {
    status.code = -EBADMSG;
    return status;
  }
  std::memcpy(&status.code, mnl_nlmsg_get_payload(&message), sizeof(status.code));
  const bool told = message.nlmsg_flags & NLM_F_ACK_TLVS;
  if (told && mnl_nlmsg_get_payload_len(&message) > *extack)
    mnl_attr_parse(&message, static_cast<unsigned>(*extack), take_attribute, &status);
  return status;
}

}  // namespace vnet::nlmsg
