// SPDX-License-Identifier: GPL-2.0-only
#include "lib/nlmsg/builder.h"

#include <libmnl/libmnl.h>
#include <linux/vnet_netlink.h>

#include <string>

namespace vnet::nlmsg {

nlmsghdr* Builder::message() const {
  return reinterpret_cast<nlmsghdr*>(at_ + length_);
}

void Builder::header(vnet_u16 type, vnet_u32 sequence, vnet_u16 flags, vnet_u32 port) {
  fits_ = size_ - length_ >= MNL_NLMSG_HDRLEN;
  if (!fits_) return;
  nlmsghdr* const begun = mnl_nlmsg_put_header(message());
  begun->nlmsg_type = type;
  begun->nlmsg_flags = flags;
  begun->nlmsg_seq = sequence;
  begun->nlmsg_pid = port;
}

// Room behind what there is of the message; null: there is none.
void* Builder::extra(size_t length) {
  fits_ = fits_ && size_ - length_ - message()->nlmsg_len >= MNL_ALIGN(length);
  return fits_ ? mnl_nlmsg_put_extra_header(message(), length) : nullptr;
}

void Builder::begin(vnet_u16 type, vnet_u8 command, vnet_u32 sequence, vnet_u16 flags) {
  header(type, sequence, flags, 0);
  if (auto* const generic = static_cast<genlmsghdr*>(extra(sizeof(genlmsghdr)))) {
    generic->cmd = command;
    generic->version = VNET_FAMILY_VERSION;
  }
}

void Builder::append(vnet_set set, const void* values) {
  if (!fits_) return;
  char* const tail = static_cast<char*>(mnl_nlmsg_get_payload_tail(message()));
  const size_t room = size_ - static_cast<size_t>(tail - at_);
  const int bytes = vnet_core_encode(set, values, tail, static_cast<vnet_u32>(room));
  fits_ = bytes >= 0;
  if (fits_) message()->nlmsg_len += MNL_ALIGN(static_cast<vnet_u32>(bytes));
}

void Builder::put(vnet_u16 attribute, const void* data, size_t length) {
  fits_ = fits_ && mnl_attr_put_check(message(), size_ - length_, attribute, length, data);
}

bool Builder::end() {
  if (fits_) length_ += MNL_ALIGN(message()->nlmsg_len);
  return fits_;
}

bool Builder::error(const nlmsghdr& request, int code, std::string_view text,
                    std::optional<vnet_u32> offset) {
  vnet_u16 flags = NLM_F_CAPPED;  // of the request only the header is repeated
  if (!text.empty() || offset) flags |= NLM_F_ACK_TLVS;
  header(NLMSG_ERROR, request.nlmsg_seq, flags, request.nlmsg_pid);
  if (auto* const body = static_cast<nlmsgerr*>(extra(sizeof(nlmsgerr)))) {
    body->error = code;
    body->msg = request;
  }
  if (!text.empty()) {
    // A string attribute ends with a zero byte.
    char copy[256];
    copy[text.copy(copy, sizeof(copy) - 1)] = '\0';
    put(NLMSGERR_ATTR_MSG, copy, std::char_traits<char>::length(copy) + 1);
  }
  if (offset) put(NLMSGERR_ATTR_OFFS, &*offset, sizeof(*offset));
  return end();
}

bool Builder::done(const nlmsghdr& request, int code) {
  header(NLMSG_DONE, request.nlmsg_seq, NLM_F_MULTI, request.nlmsg_pid);
  if (auto* const body = static_cast<int*>(extra(sizeof(int)))) *body = code;
  return end();
}

}  // namespace vnet::nlmsg
