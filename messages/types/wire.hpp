// What travels between a client and a node, as values. messages/schema/vigie.capnp is the reference
// of their bytes; messages/codec translates.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "messages/types/command.hpp"
#include "messages/types/event.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

namespace vigie {

/// Versions of the client and peer protocols that this build speaks.
inline constexpr std::uint16_t protocol_version_min = 1;
inline constexpr std::uint16_t protocol_version = 1;
/// The room's level that this build can apply.
inline constexpr Level level_max{1};

enum class NodeMode : std::uint8_t {
  starting,
  connected,
  island,
  quarantined,
  stopping,
  halted,
};
inline constexpr NodeMode node_mode_last = NodeMode::halted;
constexpr std::string_view name_of(NodeMode mode) {
  constexpr std::string_view names[] = {"STARTING",    "CONNECTED", "ISLAND",
                                        "QUARANTINED", "STOPPING",  "HALTED"};
  return names[static_cast<std::size_t>(mode)];
}

/// One client's connection, as the link of its node numbers it. Never on the wire.
using Connection = std::uint64_t;

// Client to node.

/// First frame on a connection. Nothing else is served before the Welcome.
struct Hello {
  std::string federation;  ///< empty: any
  std::uint16_t version_min = protocol_version_min, version_max = protocol_version;
  std::string program;  ///< name and version, for logs
  bool operator==(const Hello&) const = default;
};
/// A numbered command of a session (or Attach, which opens it).
struct ClientRequest {
  SessionId session;
  Incarnation incarnation;
  RequestNo request;  ///< 1, 2, ... per incarnation; Attach itself is 0
  LogIndex seen;      ///< highest index this client has seen: the node answers after it
  Command command;
  /// Hash of the command's bytes; filled in by the decoder, ignored by the encoder.
  std::uint64_t content_hash = 0;
  bool operator==(const ClientRequest&) const = default;
};
/// The session is alive. `mark` is the client's own send mark, echoed in the ack: the holder counts
/// its lease from the moment it sent (design D8).
struct Renew {
  SessionId session;
  Incarnation incarnation;
  std::uint64_t mark = 0;
  bool operator==(const Renew&) const = default;
};
/// Which events a subscription carries. Numbers are stable.
enum class Desk : std::uint8_t { none, all, reader, regulator };
/// Sends covers from `from` on. `session` is needed for Desk::reader and Desk::regulator.
struct Subscribe {
  std::uint32_t subscription = 0;  ///< chosen by the client
  Desk desk = Desk::none;
  SessionId session;
  LogIndex from;  ///< cursor: events of indexes > from; 0: from now, beginning with a fresh view
  bool operator==(const Subscribe&) const = default;
};
enum class QueryKind : std::uint8_t {
  none,
  status,
  exams,
  exam,
  why,
  readers,
  directory,
  roster,
  incidents,
  aggregates
};
/// A question about the room's applied state; answered in JSON.
struct Query {
  std::uint64_t query = 0;  ///< chosen by the client
  QueryKind kind = QueryKind::none;
  std::string argument;  ///< an exam number, a filter or a byte offset
  LogIndex seen;
  bool linearizable = false;  ///< wait for a ReadIndex round
  bool operator==(const Query&) const = default;
};

// Node to client.

struct Welcome {
  std::string federation;
  std::uint16_t version = protocol_version;
  Level level;
  SiteId site;
  std::string site_name;
  InstanceId instance;
  BootCount boot;
  NodeMode mode = NodeMode::starting;
  LogIndex applied;
  KeyId key;
  PersonId person;
  bool concentrator = false;
  bool operator==(const Welcome&) const = default;
};
struct ClientAnswer {
  SessionId session;
  Incarnation incarnation;
  Answer answer;
  bool operator==(const ClientAnswer&) const = default;
};
struct RenewAck {
  SessionId session;
  Incarnation incarnation;
  std::uint64_t mark = 0;
  Millis lease;  ///< L_g; the holder stops at 0.9 of it, counted from its send
  Errc code = Errc::ok;
  bool operator==(const RenewAck&) const = default;
};
/// Every event for this subscription in (from, to]. Take it only if `from` is the cursor.
struct Cover {
  std::uint32_t subscription = 0;
  LogIndex from, to;
  std::vector<Event> events;
};
/// (from, to] is no longer retained; `view` is what the desk shows at `to`.
struct Gap {
  std::uint32_t subscription = 0;
  LogIndex from, to;
  std::vector<Event> view;
};
struct QueryReply {
  std::uint64_t query = 0;
  Errc code = Errc::ok;
  LogIndex as_of;
  bool last = true;  ///< long replies come in pieces, in order
  std::string json;
  bool operator==(const QueryReply&) const = default;
};
/// What was wrong with a frame that cannot be answered otherwise.
struct Complaint {
  Errc code = Errc::ok;
  std::string what;
  bool operator==(const Complaint&) const = default;
};

using ClientMessage = std::variant<Hello, ClientRequest, Renew, Subscribe, Query>;
using NodeMessage =
    std::variant<Welcome, ClientAnswer, RenewAck, Cover, Gap, QueryReply, Complaint>;

}  // namespace vigie
