// One metric with one label whose values are all known beforehand: a fixed row of handles.
//
// A value that is not known is counted under "other", so that nothing is lost and no hostile input
// can make a new time series. (Gauges of "other" go nowhere: node_metrics.cpp.)
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "messages/types/assert.hpp"

namespace vigie::telemetry {

template <class Handle>
class Labelled {
 public:
  /// Makes one handle for each of `values` and for "other"; `make(value)` returns a Handle&.
  template <class Make>
  Labelled(std::vector<std::string> values, Make make) {
    if (std::find(values.begin(), values.end(), "other") == values.end()) values.push_back("other");
    for (std::string& value : values) {
      Handle& handle = make(value);
      row_.emplace_back(std::move(value), &handle);
    }
  }

  /// By the label's value; "other" when it is none of them. Cost: linear in the number of values.
  Handle& of(std::string_view value) const {
    const auto at = std::find_if(row_.begin(), row_.end(),
                                 [&](const auto& cell) { return cell.first == value; });
    return at != row_.end() ? *at->second : *row_.back().second;
  }
  /// By position in the list of values; an enumerator, where the values are those of an
  /// enumeration.
  Handle& at(std::size_t position) const {
    VIGIE_ASSERT(position < row_.size());
    return *row_[position].second;
  }
  /// With "other".
  std::size_t size() const { return row_.size(); }
  const std::string& value(std::size_t position) const { return row_[position].first; }

 private:
  std::vector<std::pair<std::string, Handle*>> row_;
};

}  // namespace vigie::telemetry
