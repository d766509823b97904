// SPDX-License-Identifier: GPL-2.0-only
// Walking a netlink message's attributes; libmnl's macro for it is C only.
#pragma once

#include <libmnl/libmnl.h>

namespace vnet::user {

// Calls visit(attribute) for each attribute after a family header of `offset` bytes.
template <typename Visitor>
void for_each_attribute(const nlmsghdr* message, size_t offset, const Visitor& visit) {
  const auto call = [](const nlattr* attribute, void* data) {
    (*static_cast<const Visitor*>(data))(attribute);
    return MNL_CB_OK;
  };
  mnl_attr_parse(message, static_cast<unsigned>(offset), call, const_cast<Visitor*>(&visit));
}

// The same for the attributes in a nest.
template <typename Visitor>
void for_each_nested(const nlattr* nest, const Visitor& visit) {
  const auto call = [](const nlattr* attribute, void* data) {
    (*static_cast<const Visitor*>(data))(attribute);
    return MNL_CB_OK;
  };
  mnl_attr_parse_nested(nest, call, const_cast<Visitor*>(&visit));
}

}  // namespace vnet::user
