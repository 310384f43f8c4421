#include "actors/core/delivery/report_message.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "actors/core/hl7/message.hpp"
#include "actors/core/hl7/sealed.hpp"

namespace vigie::delivery {
namespace {

constexpr std::int64_t day_ms = 86'400'000;

/// Day number of the last Sunday of a month of 31 days whose last day is `last_day` (1970-01-01 was
/// a Thursday).
std::int64_t last_sunday(std::int64_t last_day) { return last_day - (last_day + 4) % 7; }

/// Days from 1970 to 1 January of `year` (>= 1970).
std::int64_t year_start(std::int64_t year) {
  const std::int64_t y = year - 1;
  return 365 * (year - 1970) + (y / 4 - y / 100 + y / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400);
}

bool is_leap(std::int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

std::int64_t year_of(std::int64_t day) {
  std::int64_t year = 1970 + day / 366;
  while (year_start(year + 1) <= day) ++year;
  return year;
}

const Report* version_of(const Exam& exam, ReportVersion version) {
  const auto at = std::find_if(exam.reports.begin(), exam.reports.end(), [&](const Report& r) {
    return is_version(r.kind) && r.version == version;
  });
  return at == exam.reports.end() ? nullptr : &*at;
}

hl7::ReportEvent event_of(const Report& report) {
  switch (report.kind) {
    case ReportKind::addendum:
      return hl7::ReportEvent::addendum;
    case ReportKind::withdrawal:
      return hl7::ReportEvent::withdrawn;
    default:
      return report.version.value > 1 ? hl7::ReportEvent::corrected : hl7::ReportEvent::validated;
  }
}

/// What stood before `report`: the newest whole text that was not withdrawn.
std::string text_before(const Exam& exam, const Report& report) {
  const Report* whole = nullptr;
  for (const Report& r : exam.reports) {
    const bool is_whole = r.kind == ReportKind::final_ || r.kind == ReportKind::correction;
    if (is_whole && r.version < report.version && (!whole || whole->version < r.version)) {
      whole = &r;
    }
  }
  return whole ? whole->text : std::string();
}

/// The feed decides whether an addendum goes alone or before the whole text.
void set_texts(const Exam& exam, const Report& report, hl7::ReportContent& content) {
  content.text = report.text;
  if (report.kind == ReportKind::addendum) {
    content.addendum = report.text;
    content.text = text_before(exam, report);
  }
  if (report.kind == ReportKind::withdrawal) content.reason = report.text;
}

hl7::Clinician clinician(std::string_view name, std::string_view rpps) {
  if (name.starts_with("Dr ")) name.remove_prefix(3);
  return {std::string(rpps), std::string(name), {}};
}

UtcTime to_utc(FedTime at, Millis utc_offset) {
  return at ? UtcTime{(at + utc_offset).value} : UtcTime{};
}

/// The exam's sealed field; for a request that came without one, what the room knows of the order.
Result<std::string> sealed_of(const Exam& exam) {
  if (!exam.request.sealed.empty()) return exam.request.sealed;
  const hl7::Separators separators;
  const auto plain = [&](std::string_view text) { return hl7::escape(text, separators); };
  const OrderKey& key = exam.request.key;
  hl7::Sealed sealed;
  sealed.orc2 = sealed.obr2 = plain(key.number) + "^" + plain(key.authority);
  if (!exam.request.accessions.empty()) sealed.obr18 = plain(exam.request.accessions.front());
  return hl7::seal(std::move(sealed));
}

Result<Outgoing> build(const Exam& exam, hl7::ReportContent content, const hl7::Feed& feed) {
  content.studies = exam.request.studies;
  const auto sealed = sealed_of(exam);
  if (!sealed) return sealed.error();
  auto bytes = hl7::build_report(*sealed, content, feed);
  if (!bytes) return bytes.error();
  return Outgoing{content.message_id, std::move(bytes).value()};
}

void fill_notice(const Exam& exam, hl7::ReportContent& content) {
  switch (content.event) {
    case hl7::ReportEvent::refused:
      content.recourse = exam.request.modality == Modality::us ? exam.reason : std::string{};
      content.reason = exam.request.modality == Modality::us
                           ? "Échographie non réalisée en téléradiologie"
                           : exam.reason;
      break;
    case hl7::ReportEvent::cannot_cancel:
      content.reason = "Acquisition commencée : l'examen sera interprété";
      break;
    case hl7::ReportEvent::cancelled:
      content.reason = exam.reason;
      break;
    case hl7::ReportEvent::accepted:
      content.protocol = exam.protocol;
      break;
    case hl7::ReportEvent::preliminary:
      for (const Report& r : exam.reports) {
        if (r.kind == ReportKind::preliminary) content.text = r.text;
      }
      break;
    case hl7::ReportEvent::validated:
    case hl7::ReportEvent::corrected:
    case hl7::ReportEvent::addendum:
    case hl7::ReportEvent::withdrawn:
      break;
  }
}

std::string_view name_of(hl7::ReportEvent event) {
  constexpr std::array<std::string_view, 9> names = {"accepted",      "refused",     "cancelled",
                                                     "cannot_cancel", "preliminary", "validated",
                                                     "corrected",     "addendum",    "withdrawn"};
  return names[static_cast<std::size_t>(event)];
}

}  // namespace

std::string message_id(std::string_view exam_number, ReportVersion version,
                       std::string_view recipient, std::string_view what) {
  std::string named(what);
  named.append("\n").append(exam_number).append("\n").append(std::to_string(version.value));
  named.append("\n").append(recipient);
  std::array<unsigned char, crypto_generichash_BYTES_MIN> hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(named.data()),
                     named.size(), nullptr, 0);
  constexpr std::string_view signs = "0123456789ABCDEF";
  std::string out;
  for (std::size_t i = 0; i < 10; ++i) {
    out.push_back(signs[hash[i] >> 4]);
    out.push_back(signs[hash[i] & 15]);
  }
  return out;
}

int legal_offset_minutes(UtcTime utc) {
  const std::int64_t year = year_of(utc.value / day_ms);
  const std::int64_t first = year_start(year) + (is_leap(year) ? 1 : 0);
  const std::int64_t summer = last_sunday(first + 89) * day_ms + 3'600'000;   // 31 March
  const std::int64_t winter = last_sunday(first + 303) * day_ms + 3'600'000;  // 31 October
  return utc.value >= summer && utc.value < winter ? 120 : 60;
}

hl7::LocalTime local_time(UtcTime utc) { return {utc, utc ? legal_offset_minutes(utc) : 0}; }

Result<Outgoing> report_message(const DeliveryJob& job, const hl7::Feed& feed) {
  const Report* report = version_of(job.record, job.version);
  if (report == nullptr) {
    return Error{Errc::not_found, "no report version " + std::to_string(job.version.value)};
  }
  const Millis utc_offset{job.signed_at.value - job.record.signed_at.value};
  hl7::ReportContent content;
  content.event = event_of(*report);
  // Exam numbers begin anew in a new federation; when the exam came does not.
  content.message_id = message_id(job.exam_number, job.version, job.feed,
                                  "received@" + std::to_string(job.record.received_at.value));
  content.exam_number = job.exam_number;
  content.signed_at = content.sent_at = local_time(to_utc(report->at, utc_offset));
  content.exam_time = local_time(to_utc(job.record.first_image_at, utc_offset));
  content.reader = clinician(job.author, job.author_rpps);
  set_texts(job.record, *report, content);
  return build(job.record, std::move(content), feed);
}

Result<Outgoing> notice_message(const Exam& exam, std::string_view exam_number,
                                hl7::ReportEvent event, UtcTime at, Millis utc_offset,
                                const hl7::Feed& feed) {
  hl7::ReportContent content;
  content.event = event;
  content.message_id = message_id(exam_number, {}, feed.name,
                                  std::string(name_of(event)) + "@" + std::to_string(at.value));
  content.exam_number = exam_number;
  content.sent_at = local_time(at);
  content.exam_time = local_time(to_utc(exam.first_image_at, utc_offset));
  fill_notice(exam, content);
  return build(exam, std::move(content), feed);
}

}  // namespace vigie::delivery
