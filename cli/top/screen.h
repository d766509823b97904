// SPDX-License-Identifier: GPL-2.0-only
// The terminal of `vnet top`, by ncurses. One at a time.
#pragma once

#include <memory>
#include <vector>

#include "cli/top/view.h"
#include "user/result.h"

namespace vnet::cli {

class Screen {
 public:
  // Takes stdin and stdout over until its end.
  static user::Result<std::unique_ptr<Screen>> open();
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  int width() const;
  int height() const;
  void show(const std::vector<Line>& lines);
  // The next key as TopView knows it; -1: none has come. A change of size needs only another show.
  int key();

 private:
  Screen() = default;
};

}  // namespace vnet::cli
