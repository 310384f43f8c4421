#include "tests/verify/content.hpp"

namespace vigie::verify {
namespace {

std::uint64_t with(std::uint64_t hash, std::uint64_t number) {
  return fnv(std::to_string(number) + "|", hash);
}
std::uint64_t with(std::uint64_t hash, std::string_view text) { return fnv("|", fnv(text, hash)); }

std::uint64_t hash_of_key(const OrderKey& key) {
  return order_hash(key.legal_entity.value, key.authority, key.number);
}

/// Reads whatever a command has of the recorded fields.
struct Reader {
  Content& out;

  template <class C>
  void operator()(const C& c) const {
    if constexpr (requires { c.exam.value; }) out.exam = c.exam.value;
    if constexpr (requires { c.exam.key; }) {
      if (c.exam.id) {
        out.exam = c.exam.id.value;
      } else {
        out.orders = fold(0, hash_of_key(c.exam.key));
      }
    }
    if constexpr (requires { c.epoch.origin; }) out.epoch = c.epoch;
    if constexpr (requires { c.report.value; }) out.report = c.report.value;
    if constexpr (
        requires { c.report.value; } && requires { c.text; }) {
      out.text = fnv(c.text);
    }
    if constexpr (requires { c.urgency; }) out.urgency = name_of(c.urgency);
  }
  void operator()(const Attach& c) const {
    out.person = c.person.value;
    out.role = name_of(c.role);
    out.site = c.site.value;
  }
  void operator()(const Submit& c) const {
    out.message = c.message_id;
    for (const Request& r : c.requests) out.orders = fold(out.orders, hash_of_key(r.key));
  }
  void operator()(const ApplyDirectory& c) const { out.version = c.directory.version; }
};

}  // namespace

std::uint64_t fnv(std::string_view text, std::uint64_t before) {
  for (const char c : text) {
    before = (before ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  }
  return before;
}

std::uint64_t order_hash(std::uint32_t legal_entity, std::string_view authority,
                         std::string_view number) {
  return with(with(with(fnv(""), legal_entity), authority), number);
}

std::uint64_t fold(std::uint64_t orders, std::uint64_t order) { return with(orders, order); }

std::uint64_t hash_of(const Content& c) {
  std::uint64_t hash = with(fnv(""), c.command);
  for (const std::uint64_t n : {c.exam, c.orders, c.epoch.origin, c.epoch.index, c.report, c.text,
                                c.person, c.site, c.version}) {
    hash = with(hash, n);
  }
  for (const std::string_view s : {c.urgency, c.message, c.role}) hash = with(hash, s);
  return hash;
}

std::uint64_t content_of(const Command& command) {
  Content content;
  content.command = name_of(command);
  std::visit(Reader{content}, command);
  return hash_of(content);
}

}  // namespace vigie::verify
