#include "tests/verify/records.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "messages/types/limits.hpp"
#include "tests/verify/content.hpp"

namespace vigie::verify {
namespace {

using nlohmann::json;

std::uint64_t whole(const json& value) { return value.get<std::uint64_t>(); }

}  // namespace

bool ExamRecord::changed_at(LogIndex index) const {
  return !timeline_complete || std::find(timeline.begin(), timeline.end(), index) != timeline.end();
}

const RecordedReport* ExamRecord::report(ReportId id) const {
  const auto found = std::find_if(reports.begin(), reports.end(),
                                  [&](const RecordedReport& r) { return r.id == id; });
  return found == reports.end() ? nullptr : &*found;
}

const ExamRecord* Records::find(ExamId exam) const {
  const auto found = exams.find(exam.value);
  return found == exams.end() ? nullptr : &found->second;
}

Result<void> Records::take_directory(const std::string& body) {
  try {
    const json said = json::parse(body);
    known = true;
    for (const json& e : said.at("establishments")) {
      recipients[{static_cast<std::uint32_t>(whole(e.at(0)))}] = whole(e.at(1));
    }
    return {};
  } catch (const json::exception& error) {
    return Error{Errc::malformed, error.what()};
  }
}

Result<void> Records::take_exam(const std::string& body) {
  try {
    const json said = json::parse(body);
    ExamRecord record;
    record.exam = {whole(said.at("exam"))};
    const json& key = said.at("order");
    record.number = key.at(2).get<std::string>();
    record.order = order_hash(static_cast<std::uint32_t>(whole(key.at(0))),
                              key.at(1).get<std::string>(), record.number);
    record.establishment = {static_cast<std::uint32_t>(whole(said.at("establishment")))};
    record.state = static_cast<ExamState>(whole(said.at("state")));
    record.closed = {whole(said.at("closed"))};
    for (const json& index : said.at("timeline")) record.timeline.push_back({whole(index)});
    record.timeline_complete = record.timeline.size() < limits::timeline_count;
    for (const json& r : said.at("reports")) {
      record.reports.push_back({{whole(r.at("id"))},
                                static_cast<ReportKind>(whole(r.at("kind"))),
                                {static_cast<std::uint16_t>(whole(r.at("version")))},
                                {whole(r.at("index"))},
                                r.at("text").get<std::string>()});
    }
    for (const json& version : said.at("acked")) {
      record.acked.push_back({static_cast<std::uint16_t>(whole(version))});
    }
    exams.insert_or_assign(record.exam.value, std::move(record));
    return {};
  } catch (const json::exception& error) {
    return Error{Errc::malformed, error.what()};
  }
}

}  // namespace vigie::verify
