// How what a node has to say to a client is cut into frames: by a bound of each message's size that
// is quick to compute and never too small.
#include <algorithm>

#include "messages/codec/client_codec.hpp"
#include "messages/codec/fields.hpp"

namespace vigie::codec {
namespace {

constexpr std::size_t frame_budget = limits::client_frame_bytes - 256;  // framing, root, list tag
constexpr std::size_t message_bytes = 128;  // any message's fixed part, in its list

// A text or list pointer's target, rounded up to whole words.
std::size_t bytes_of(const std::string& s) { return s.size() + 8; }
std::size_t bytes_of(const std::vector<std::string>& list) {
  std::size_t sum = 8;
  for (const std::string& s : list) sum += 8 + bytes_of(s);
  return sum;
}

std::size_t bytes_of(const ExamCard& card) {
  return 176 + bytes_of(card.placer_order) + bytes_of(card.procedure) + bytes_of(card.protocol) +
         bytes_of(card.studies) + bytes_of(card.priors) + bytes_of(card.callback_phone) +
         bytes_of(card.sealed) + bytes_of(card.answers);
}

std::size_t bytes_of(const Event& event) {
  return 96 + bytes_of(event.text) + (event.card ? bytes_of(*event.card) : 0);
}

std::size_t bytes_of(const std::vector<Event>& events) {
  std::size_t sum = 8;
  for (const Event& event : events) sum += bytes_of(event);
  return sum;
}

std::size_t bytes_of(const Welcome& m) { return bytes_of(m.federation) + bytes_of(m.site_name); }
std::size_t bytes_of(const ClientAnswer& m) {
  return 128 + bytes_of(m.answer.text) + 8 * m.answer.exams.size();
}
std::size_t bytes_of(const RenewAck&) { return 0; }
std::size_t bytes_of(const Cover& m) { return bytes_of(m.events); }
std::size_t bytes_of(const Gap& m) { return bytes_of(m.view); }
std::size_t bytes_of(const QueryReply& m) { return bytes_of(m.json); }
std::size_t bytes_of(const Complaint& m) { return bytes_of(m.what); }

// Collects messages and closes a frame before it would grow too long.
class Frames {
 public:
  void add(NodeMessage message, std::size_t bytes) {
    bytes += message_bytes;
    if (bytes_ + bytes > frame_budget || batch_.size() == messages_per_frame) close();
    batch_.push_back(std::move(message));
    bytes_ += bytes;
  }
  std::vector<std::string> finish() {
    close();
    return std::move(frames_);
  }

 private:
  void close() {
    if (!batch_.empty()) frames_.push_back(encode_node(batch_));
    batch_.clear();
    bytes_ = 0;
  }
  std::vector<NodeMessage> batch_;
  std::size_t bytes_ = 0;
  std::vector<std::string> frames_;
};

constexpr std::size_t part_budget = frame_budget - message_bytes;

// All parts but the last have to == from: they do not move the cursor.
template <class Message>
void split_events(const Message& whole, const std::vector<Event>& events,
                  std::vector<Event> Message::*list, Frames& out) {
  const auto begin_part = [&whole] {
    Message part;
    part.subscription = whole.subscription;
    part.from = whole.from;
    part.to = whole.from;
    return part;
  };
  Message part = begin_part();
  std::size_t bytes = 8;
  for (const Event& event : events) {
    const std::size_t more = bytes_of(event);
    if (bytes + more > part_budget || (part.*list).size() == events_per_message) {
      out.add(std::exchange(part, begin_part()), bytes);
      bytes = 8;
    }
    (part.*list).push_back(event);
    bytes += more;
  }
  part.to = whole.to;
  out.add(std::move(part), bytes);
}

void split(const Cover& m, Frames& out) { split_events(m, m.events, &Cover::events, out); }
void split(const Gap& m, Frames& out) { split_events(m, m.view, &Gap::view, out); }
void split(const QueryReply& m, Frames& out) {
  constexpr std::size_t piece_bytes = part_budget - 8;
  for (std::size_t at = 0; at < m.json.size(); at += piece_bytes) {
    const bool end = m.json.size() - at <= piece_bytes;
    QueryReply piece{m.query, m.code, m.as_of, end && m.last, m.json.substr(at, piece_bytes)};
    const std::size_t bytes = bytes_of(piece);
    out.add(std::move(piece), bytes);
  }
}
template <class Message>  // Never long: its texts are bounded.
void split(const Message& m, Frames& out) {
  out.add(m, bytes_of(m));
}

std::size_t events_of(const Cover& m) { return m.events.size(); }
std::size_t events_of(const Gap& m) { return m.view.size(); }
template <class Message>
std::size_t events_of(const Message&) {
  return 0;
}

}  // namespace

std::vector<std::string> encode_node_frames(const std::vector<NodeMessage>& messages) {
  Frames out;
  for (const NodeMessage& message : messages) {
    std::visit(
        [&](const auto& m) {
          const std::size_t bytes = bytes_of(m);
          if (bytes <= part_budget && events_of(m) <= events_per_message) return out.add(m, bytes);
          split(m, out);
        },
        message);
  }
  return out.finish();
}

}  // namespace vigie::codec
