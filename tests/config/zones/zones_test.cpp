#include "config/zones/zones.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>

#include "messages/types/limits.hpp"

namespace vigie::zones {
namespace {

using namespace date::literals;

UtcTime midnight(date::sys_days day) {
  return {static_cast<std::int64_t>(day.time_since_epoch().count()) * (24_h).value};
}

date::sys_days day_of(const std::string& text) {
  int year = 0;
  unsigned month = 0, day = 0;
  EXPECT_EQ(std::sscanf(text.c_str(), "%d-%u-%u", &year, &month, &day), 3) << text;
  return date::year{year} / date::month{month} / date::day{day};
}

/// "2026-01-13T17:00Z"
UtcTime utc_of(const std::string& text) {
  int hours = 0, minutes = 0;
  EXPECT_EQ(std::sscanf(text.c_str() + 11, "%d:%dZ", &hours, &minutes), 2) << text;
  return midnight(day_of(text.substr(0, 10))) + 1_h * hours + 1_min * minutes;
}

struct Night {
  std::map<std::string, std::string> cell;
  std::string said() const { return cell.at("place") + ", " + cell.at("night_of"); }
};

std::vector<Night> nights() {
  std::ifstream file("config/samples/guard-nights.csv");  // tests run in the source folder
  std::vector<std::string> header;
  std::vector<Night> all;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::vector<std::string> cells;
    std::istringstream in(line);
    for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
    if (header.empty()) {
      header = cells;
      continue;
    }
    Night night;
    for (std::size_t i = 0; i < header.size(); ++i) night.cell[header[i]] = cells.at(i);
    all.push_back(std::move(night));
  }
  return all;
}

Calendar calendar_of(const Night& night) {
  Calendar c;
  c.holidays = {"france"};
  std::istringstream added(night.cell.at("added"));
  for (std::string name; added >> name;) c.holidays.push_back(name);
  const date::sys_days day = day_of(night.cell.at("night_of"));
  const auto first = day - date::days{9}, last = day + date::days{9};
  const auto offsets = offsets_of(night.cell.at("zone"), midnight(first) - 24_h, midnight(last));
  EXPECT_TRUE(offsets) << night.said();
  EXPECT_TRUE(calendar::expand(c, *offsets, first, last)) << night.said();
  return c;
}

Millis hours(const std::string& text) { return 1_h * std::stoi(text); }

// domain N7, O1
TEST(GuardNights, EachBeginsAndEndsWhenTheClocksSay) {
  ASSERT_GE(nights().size(), 20u);
  for (const Night& night : nights()) {
    const Calendar c = calendar_of(night);
    const UtcTime begins = utc_of(night.cell.at("night_begins"));
    const UtcTime ends = utc_of(night.cell.at("night_ends"));
    EXPECT_EQ((ends - begins).value, hours(night.cell.at("night_hours")).value) << night.said();
    EXPECT_EQ(c.at(begins), Band::evening) << night.said();
    EXPECT_NE(c.at(begins - 1_ms), Band::evening) << night.said();
    EXPECT_EQ(c.at(ends - 1_ms), Band::deep_night) << night.said();
    EXPECT_NE(c.at(ends), Band::deep_night) << night.said();
    for (UtcTime t = begins; t < ends; t = t + 30_min) {
      EXPECT_TRUE(c.at(t) == Band::evening || c.at(t) == Band::deep_night) << night.said();
    }
  }
}

// domain O1
TEST(GuardNights, TheGuardAroundEachIsWhole) {
  for (const Night& night : nights()) {
    const Calendar c = calendar_of(night);
    const UtcTime begins = utc_of(night.cell.at("guard_begins"));
    const UtcTime ends = utc_of(night.cell.at("guard_ends"));
    EXPECT_EQ((ends - begins).value, hours(night.cell.at("guard_hours")).value) << night.said();
    EXPECT_EQ(c.at(begins - 1_ms), Band::day) << night.said();
    EXPECT_EQ(c.at(ends), Band::day) << night.said();
    for (UtcTime t = begins; t < ends; t = t + 30_min) {
      EXPECT_TRUE(is_guard(c.at(t))) << night.said();
    }
  }
}

TEST(Zones, AnUnknownOneIsRefusedByName) {
  const auto none = offsets_of("Europe/Lyon", midnight(2026_y / 1 / 1), midnight(2026_y / 2 / 1));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Errc::bad_value);
  EXPECT_NE(none.error().what.find("Europe/Lyon"), std::string::npos);
}

TEST(Zones, OffsetsBeginWhereTheyWereAskedForAndFollowEachOther) {
  const auto from = midnight(2026_y / 1 / 1), to = midnight(2027_y / 1 / 1);
  const auto paris = offsets_of("Europe/Paris", from, to);
  ASSERT_TRUE(paris);
  ASSERT_EQ(paris->size(), 3u);
  EXPECT_EQ((*paris)[0].from, from);
  EXPECT_EQ((*paris)[0].ahead, 1_h);
  EXPECT_EQ((*paris)[1].from, midnight(2026_y / 3 / 29) + 1_h);
  EXPECT_EQ((*paris)[1].ahead, 2_h);
  EXPECT_EQ((*paris)[2].from, midnight(2026_y / 10 / 25) + 1_h);
  const auto marquesas = offsets_of("Pacific/Marquesas", from, to);
  ASSERT_TRUE(marquesas);
  ASSERT_EQ(marquesas->size(), 1u);
  EXPECT_EQ((*marquesas)[0].ahead, Millis{} - 9_h - 30_min);
}

Directory with(Calendar c) {
  Directory d;
  d.calendars = {std::move(c)};
  return d;
}

TEST(ExpandCalendars, ReachesFromTheWeekBeforeToThirteenMonthsAhead) {
  Calendar c;
  c.id = {1};
  c.zone = "Pacific/Marquesas";
  c.holidays = {"france"};
  Directory d = with(c);
  const UtcTime now = midnight(2026_y / 11 / 22) + 13_h;
  const auto done = expand_calendars(d, now);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_NE(d.calendars[0].at(now - 24_h * 6), Band::none);
  EXPECT_NE(d.calendars[0].at(now + 24_h * 398), Band::none);
  EXPECT_EQ(d.calendars[0].at(now + 24_h * 402), Band::none);
  EXPECT_LE(d.calendars[0].turns.size(), limits::calendar_turns_count);
  EXPECT_TRUE(d.normalise());
}

TEST(ExpandCalendars, NamesTheCalendarThatItCannotExpand) {
  Calendar c;
  c.id = {1};
  c.name = "gap";
  c.zone = "Europe/Gap";
  Directory d = with(c);
  const auto refused = expand_calendars(d, midnight(2026_y / 11 / 22));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what.substr(0, 14), "calendar 'gap'");
}

TEST(ExpandCalendars, WhatTheRoomWouldRefuseIsRefusedBefore) {
  Calendar c;
  c.id = {1};
  c.name = "gap";
  c.zone = "Europe/Paris";
  c.guard_end = 500_ms;
  Directory d = with(c);
  const auto refused = expand_calendars(d, midnight(2026_y / 11 / 22));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, "calendar gap: its times are not in order");
  d.calendars[0].guard_end = 0_h;
  EXPECT_TRUE(expand_calendars(d, midnight(2026_y / 11 / 22)));
}

TEST(Zones, SayWhichReleaseTheyAreOf) { EXPECT_GE(version(), "2020a"); }

}  // namespace
}  // namespace vigie::zones
