// SPDX-License-Identifier: GPL-2.0-only
#include "cli/top/screen.h"

#include <curses.h>
#include <fmt/core.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>

namespace vnet::cli {
namespace {

using user::Error;
using user::Result;

enum : short { kRedPair = 1, kCyanPair };

attr_t attributes(Style style) {
  const bool colors = has_colors();
  switch (style) {
    case Style::kPlain:
      return A_NORMAL;
    case Style::kTitle:
      return A_BOLD | (colors ? static_cast<attr_t>(COLOR_PAIR(kCyanPair)) : 0);
    case Style::kHeader:
      return A_UNDERLINE;
    case Style::kSelected:
      return A_REVERSE;
    case Style::kDim:
      return A_DIM;
    case Style::kBad:
      return colors ? static_cast<attr_t>(COLOR_PAIR(kRedPair)) : A_BOLD;
  }
  return A_NORMAL;
}

int translate(int key) {
  switch (key) {
    case KEY_UP:
      return kKeyUp;
    case KEY_DOWN:
      return kKeyDown;
    case KEY_LEFT:
      return kKeyLeft;
    case KEY_RIGHT:
      return kKeyRight;
    case KEY_PPAGE:
      return kKeyPageUp;
    case KEY_NPAGE:
      return kKeyPageDown;
    case KEY_HOME:
      return kKeyHome;
    case KEY_END:
      return kKeyEnd;
    case KEY_ENTER:
      return '\n';
    default:
      return key < 0x100 ? key : 0;
  }
}

}  // namespace

Result<std::unique_ptr<Screen>> Screen::open() {
  std::setlocale(LC_ALL, "");
  const char* const terminal = std::getenv("TERM");
  // initscr() would end the process.
  if (!newterm(nullptr, stdout, stdin))
    return Error{fmt::format("the terminal '{}' (TERM) is not known", terminal ? terminal : "")};
  cbreak();
  noecho();
  nonl();
  keypad(stdscr, TRUE);
  nodelay(stdscr, TRUE);
  curs_set(0);
  set_escdelay(50);
  if (has_colors()) {
    start_color();
    use_default_colors();
    init_pair(kRedPair, COLOR_RED, -1);
    init_pair(kCyanPair, COLOR_CYAN, -1);
  }
  return std::unique_ptr<Screen>(new Screen);
}

Screen::~Screen() {
  endwin();
}

int Screen::width() const {
  return getmaxx(stdscr);
}
int Screen::height() const {
  return getmaxy(stdscr);
}

void Screen::show(const std::vector<Line>& lines) {
  erase();
  for (int row = 0; row < static_cast<int>(lines.size()); ++row) {
    const Line& line = lines[static_cast<std::size_t>(row)];
    attrset(attributes(line.style));
    mvaddnstr(row, 0, line.text.c_str(), static_cast<int>(line.text.size()));
    // A bar over the whole width, with what stands in it.
    if (line.style == Style::kSelected || line.style == Style::kHeader)
      mvchgat(row, 0, -1, attributes(line.style), 0, nullptr);
  }
  refresh();
}

int Screen::key() {
  const int key = getch();
  return key == ERR ? -1 : translate(key);
}

}  // namespace vnet::cli
