// HL7 v2 messages of a file, understood as a centre's door understands a hospital's: the same
// feeds, the same mapping (actors/core/hl7). Knows no federation: what to send is the caller's.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "actors/core/hl7/feed.hpp"
#include "messages/types/command.hpp"
#include "nodes/vigie/cli.hpp"

namespace vigie::cli {

/// Files beyond are refused.
inline constexpr std::size_t hl7_file_bytes_max = 64 * 1024 * 1024;

struct Hl7File {
  std::vector<std::string> messages;
  std::string left_out;  ///< what of the file is in no message, for people; empty: nothing
};
/// MLLP frames, or bare messages one after the other, segments ended by CR, LF or both.
/// @errors not_found: no such file; too_large; malformed: no message in it.
Result<Hl7File> read_hl7_file(const std::filesystem::path& path);
Result<Hl7File> split_hl7(const std::string& bytes);

/// Which feed the messages came over, as far as the command line says.
struct FeedWish {
  std::filesystem::path site_file;  ///< its [[feed]]s; empty: the one beside the client file
  std::string feed;                 ///< only this one
  const Establishment* establishment = nullptr;  ///< only this hospital
};
/// The feeds that may be meant. Without any site's file: one for each hospital of the directory,
/// known by its name and FINESS number, with all else at its default.
/// @errors not_found: the file, or no such feed in it; bad_configuration.
Result<std::vector<hl7::Feed>> feeds_for(const Place& place, const FeedWish& wish);

/// A message's new requests, as one command: all or none.
struct Hl7Request {
  std::string feed;
  Submit submit;
};
/// @errors malformed, bad_value (with the place in the message); unknown_establishment: no feed
/// speaks for the hospital; bad_value: several may, or the message changes requests instead;
/// too_large: more than a client may send.
Result<Hl7Request> understand(const std::string& message, const std::vector<hl7::Feed>& feeds,
                              const std::string& federation);
/// MSH-10, as far as it can be read.
std::string message_id_of(const std::string& message);

}  // namespace vigie::cli
