// Frames between a client and a node. Bytes here, values there: version, rights and order of
// messages are judged by others. messages/schema/vigie.capnp is the reference.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "messages/types/result.hpp"
#include "messages/types/wire.hpp"

namespace vigie::codec {

/// One frame; at least one message. The caller keeps a batch below limits::client_frame_bytes, or
/// the node refuses it.
std::string encode_client(const std::vector<ClientMessage>& messages);
/// Takes any alignment. ClientRequest::content_hash is filled in: equal for the same command
/// whatever its layout. A command of a newer version is an UnknownCommand with its number: answer
/// it. Nothing of a refused frame may be handled. Beyond limits::client_frame_bytes a frame holds
/// one request alone, an ApplyDirectory, up to limits::directory_frame_bytes; whose key may send it
/// is the link's to know.
/// @errors malformed, too_large, bad_value, unknown_command (a message kind of a newer version):
/// send a Complaint.
Result<std::vector<ClientMessage>> decode_client(std::string_view frame);

/// One frame, whatever its size.
std::string encode_node(const std::vector<NodeMessage>& messages);
/// The same messages in order, in frames of at most limits::client_frame_bytes. Covers, gaps and
/// replies that are too long for one are sent in parts, as the schema tells.
std::vector<std::string> encode_node_frames(const std::vector<NodeMessage>& messages);
/// Takes any alignment. Messages of a kind that this build does not know are left out.
/// @errors malformed, too_large, bad_value: the node is not to be trusted; connect to another.
Result<std::vector<NodeMessage>> decode_node(std::string_view frame);

}  // namespace vigie::codec
