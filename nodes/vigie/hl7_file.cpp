#include "nodes/vigie/hl7_file.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>

#include "actors/core/hl7/map.hpp"
#include "actors/core/hl7/mllp.hpp"
#include "config/settings/settings.hpp"
#include "messages/codec/client_codec.hpp"
#include "messages/types/limits.hpp"
#include "nodes/door/feed_map.hpp"

namespace vigie::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view line_ends = "\r\n";

/// Where bare messages begin: "MSH" and a separator, at the beginning of a line.
std::vector<std::size_t> beginnings(const std::string& bytes) {
  std::vector<std::size_t> found;
  for (std::size_t at = bytes.find("MSH"); at != std::string::npos;
       at = bytes.find("MSH", at + 3)) {
    const bool first = at == 0 || line_ends.find(bytes[at - 1]) != std::string_view::npos;
    const auto next = at + 3 < bytes.size() ? static_cast<unsigned char>(bytes[at + 3]) : 'x';
    if (first && next > ' ' && !std::isalnum(next)) found.push_back(at);
  }
  return found;
}

Result<Hl7File> split_framed(const std::string& bytes) {
  Hl7File file;
  hl7::MllpReader reader;
  if (const auto read = reader.feed(bytes, file.messages); !read) {
    return Error{read.error().code, "an MLLP frame of more than " +
                                        std::to_string(limits::mllp_frame_bytes) + " bytes"};
  }
  if (reader.in_frame()) {
    file.left_out = "the last MLLP frame has no end";
  } else if (reader.skipped_bytes() > 0) {
    file.left_out = std::to_string(reader.skipped_bytes()) + " bytes outside of MLLP frames";
  }
  return file;
}

Result<Hl7File> split_bare(const std::string& bytes) {
  Hl7File file;
  const auto begins = beginnings(bytes);
  for (std::size_t i = 0; i < begins.size(); ++i) {
    const std::size_t end = i + 1 < begins.size() ? begins[i + 1] : bytes.size();
    file.messages.push_back(bytes.substr(begins[i], end - begins[i]));
  }
  const std::string before = bytes.substr(0, begins.empty() ? bytes.size() : begins.front());
  const bool batch = before.starts_with("FHS") || before.starts_with("BHS");
  if (!batch && before.find_first_not_of(" \r\n\xEF\xBB\xBF") != std::string::npos) {
    file.left_out = std::to_string(before.size()) + " bytes before the first MSH";
  }
  return file;
}

/// The file whose [[feed]]s count; empty: there is none.
fs::path site_file_of(const Place& place, const FeedWish& wish) {
  if (!wish.site_file.empty()) return wish.site_file;
  for (const settings::Centre& centre : place.client.centres) {
    const fs::path file = place.folder() / centre.site / "site.toml";
    if (fs::exists(file)) return file;
  }
  return {};
}

std::vector<settings::FeedSettings> feeds_of(const Directory& directory) {
  std::vector<settings::FeedSettings> feeds;
  for (const Establishment& e : directory.establishments) {
    settings::FeedSettings& feed = feeds.emplace_back();
    feed.name = e.recipients.empty() ? e.name : e.recipients.front();
    feed.establishments = {e.name};
  }
  return feeds;
}

std::string names_of(const std::vector<settings::FeedSettings>& feeds) {
  std::string names;
  for (const auto& feed : feeds) names += (names.empty() ? "" : ", ") + feed.name;
  return names;
}

Errc code_of(hl7::ErrorCode code) {
  switch (code) {
    case hl7::ErrorCode::unknown_key:
      return Errc::unknown_establishment;
    case hl7::ErrorCode::segment_sequence:
      return Errc::malformed;
    default:
      return Errc::bad_value;
  }
}

Error error_of(const hl7::Refusal& refusal) {
  const std::string place = refusal.place.text();
  return {code_of(refusal.code), (place.empty() ? "" : place + ": ") + refusal.text};
}

UtcTime utc_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

hl7::Checked<std::vector<hl7::Order>> map(const std::string& message, const hl7::Feed& feed) {
  const auto parsed = hl7::Message::parse(message, feed.charset);
  if (!parsed) return parsed.refusal();
  return hl7::map_message(*parsed, feed, door::french_day(utc_now()));
}

/// A door knows the feed by listener and sender; here only what the message names tells.
Result<std::pair<std::string, std::vector<hl7::Order>>> orders_in(
    const std::string& message, const std::vector<hl7::Feed>& feeds) {
  std::vector<hl7::Order> orders;
  std::string by;
  std::string others;
  std::optional<hl7::Refusal> refusal;
  for (const hl7::Feed& feed : feeds) {
    auto mapped = map(message, feed);
    if (mapped) {
      if (by.empty()) orders = std::move(mapped).value();
      (by.empty() ? by : others) += (by.empty() ? "" : ", ") + feed.name;
    } else if (!refusal || refusal->code == hl7::ErrorCode::unknown_key) {
      refusal = mapped.refusal();
    }
  }
  if (!others.empty()) {
    return Error{Errc::bad_value,
                 "it names no hospital, or several: may be of " + by + others + "; say --feed"};
  }
  if (by.empty()) return error_of(*refusal);
  return std::pair{by, std::move(orders)};
}

}  // namespace

Result<Hl7File> split_hl7(const std::string& bytes) {
  auto file = bytes.find('\x0b') == std::string::npos ? split_bare(bytes) : split_framed(bytes);
  if (file && file->messages.empty()) {
    return Error{Errc::malformed, "no HL7 v2 message: none begins with MSH" +
                                      (file->left_out.empty() ? "" : "; " + file->left_out)};
  }
  return file;
}

Result<Hl7File> read_hl7_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || fs::is_directory(path)) {
    return Error{Errc::not_found, path.string() + ": cannot be read"};
  }
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (bytes.size() > hl7_file_bytes_max) {
    return Error{Errc::too_large, path.string() + ": more than 64 MiB"};
  }
  auto file = split_hl7(bytes);
  if (!file) return Error{file.error().code, path.string() + ": " + file.error().what};
  return file;
}

Result<std::vector<hl7::Feed>> feeds_for(const Place& place, const FeedWish& wish) {
  const fs::path file = site_file_of(place, wish);
  auto mode = settings::FederationMode::production;
  auto known = feeds_of(*place.directory);
  if (!file.empty()) {
    auto site = settings::load_site(file);
    if (!site) return site.error();
    if (site->federation != place.client.federation) {
      return Error{Errc::bad_configuration, file.string() + ": of federation " + site->federation +
                                                ", not of " + place.client.federation};
    }
    known = std::move(site->feeds);
    mode = site->mode;
  }
  std::vector<hl7::Feed> feeds;
  for (const settings::FeedSettings& settings : known) {
    if (!wish.feed.empty() && settings.name != wish.feed) continue;
    hl7::Feed feed = door::map_feed(settings, *place.directory, mode);
    if (wish.establishment) {
      std::erase_if(feed.establishments,
                    [&](const auto& e) { return e.id != wish.establishment->id; });
    }
    if (!feed.establishments.empty()) feeds.push_back(std::move(feed));
  }
  if (!feeds.empty()) return feeds;
  const std::string where = file.empty() ? std::string("the directory") : file.string();
  return Error{Errc::not_found, "no such feed in " + where + "; there are: " + names_of(known)};
}

Result<Hl7Request> understand(const std::string& message, const std::vector<hl7::Feed>& feeds,
                              const std::string& federation) {
  auto read = orders_in(message, feeds);
  if (!read) return read.error();
  Hl7Request out{read->first, {}};
  for (hl7::Order& order : read->second) {
    if (order.action != hl7::Action::submit) {
      return Error{Errc::bad_value, std::string(name_of(order.action)) + " of " +
                                        order.request.key.number +
                                        ": only new requests are handed in here; send changes to "
                                        "the feed's MLLP door"};
    }
    door::complete(order, federation);
    out.submit.message_id = order.message_id;
    out.submit.requests.push_back(std::move(order.request));
  }
  const ClientRequest request{{1}, {1}, {1}, {}, out.submit};
  if (codec::encode_client({request}).size() > limits::client_frame_bytes) {
    return Error{Errc::too_large, "more than " + std::to_string(limits::client_frame_bytes) +
                                      " bytes as one command; send it to the feed's MLLP door"};
  }
  return out;
}

std::string message_id_of(const std::string& message) {
  return hl7::read_header(message, std::nullopt).control_id;
}

}  // namespace vigie::cli
