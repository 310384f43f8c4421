#include "tests/verify/history.hpp"

#include <array>
#include <charconv>
#include <fstream>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "messages/types/limits.hpp"
#include "tests/verify/content.hpp"

namespace vigie::verify {
namespace {

using nlohmann::json;

using Names = std::map<std::string_view, std::uint16_t, std::less<>>;

template <std::size_t... I>
Names command_names(std::index_sequence<I...>) {
  Names names;
  const Command all[] = {Command{std::in_place_index<I>}...};
  for (std::uint16_t i = 0; i < sizeof...(I); ++i) names.emplace(name_of(all[i]), i);
  return names;
}

const Names& commands() {
  static const Names names =
      command_names(std::make_index_sequence<std::variant_size_v<Command>>{});
  return names;
}
const Names& codes() {
  static const Names names = [] {
    Names all;
    for (std::uint16_t i = 0; i < 100; ++i) all.emplace(errc_name(static_cast<Errc>(i)), i);
    all.erase("unknown_code");
    return all;
  }();
  return names;
}
const Names& kinds() {
  static const Names names = [] {
    Names all;
    for (std::uint16_t i = 1; i < event_kind_count; ++i) {
      all.emplace(name_of(static_cast<EventKind>(i)), i);
    }
    return all;
  }();
  return names;
}
const Names& questions() {
  static const Names names = {{"status", 1}, {"exams", 2},   {"exam", 3},
                              {"why", 4},    {"readers", 5}, {"directory", 6}};
  return names;
}
const Names& states() {
  static const Names names = [] {
    Names all;
    for (std::uint16_t i = 0; i < exam_state_count; ++i) {
      all.emplace(name_of(static_cast<ExamState>(i)), i);
    }
    return all;
  }();
  return names;
}

/// A line's fields, each taken once; what is left over at the end is a mistake. Throws
/// std::runtime_error, caught per line.
class Fields {
 public:
  explicit Fields(const json& line) : line_(line) {
    if (!line.is_object()) throw std::runtime_error("not a JSON object");
  }

  bool has(const char* key) const { return line_.contains(key); }
  std::uint64_t number(const char* key) {
    const json& v = take(key);
    if (!v.is_number_unsigned()) throw std::runtime_error(std::string{key} + ": not a number");
    return v.get<std::uint64_t>();
  }
  std::int64_t signed_number(const char* key) {
    const json& v = take(key);
    if (!v.is_number_integer()) throw std::runtime_error(std::string{key} + ": not a number");
    return v.get<std::int64_t>();
  }
  std::uint64_t number_or_none(const char* key) { return has(key) ? number(key) : 0; }
  const std::string& text(const char* key) {
    const json& v = take(key);
    if (!v.is_string()) throw std::runtime_error(std::string{key} + ": not a text");
    return v.get_ref<const std::string&>();
  }
  std::uint64_t hex(const char* key) {
    const std::string& s = text(key);
    std::uint64_t value = 0;
    const auto read = std::from_chars(s.data(), s.data() + s.size(), value, 16);
    if (s.size() != 16 || read.ptr != s.data() + 16) {
      throw std::runtime_error(std::string{key} + ": not 16 hexadecimal digits");
    }
    return value;
  }
  bool flag(const char* key) {
    if (!has(key)) return false;
    if (take(key) != true) throw std::runtime_error(std::string{key} + ": only ever true");
    return true;
  }
  std::uint64_t hex_or_none(const char* key) { return has(key) ? hex(key) : 0; }
  std::uint16_t one_of(const char* key, const Names& names) {
    const std::string& s = text(key);
    const auto found = names.find(s);
    if (found == names.end()) throw std::runtime_error(std::string{key} + ": unknown name " + s);
    return found->second;
  }
  std::string_view command() {
    const std::string& s = text("command");
    const auto found = commands().find(s);
    if (found == commands().end()) throw std::runtime_error("command: unknown name " + s);
    return found->first;
  }
  Epoch epoch() {
    if (!has("epoch")) return {};
    const json& v = take("epoch");
    if (!v.is_array() || v.size() != 2 || !v[0].is_number_unsigned() ||
        !v[1].is_number_unsigned()) {
      throw std::runtime_error("epoch: not [origin, index]");
    }
    return {v[0].get<std::uint64_t>(), v[1].get<std::uint64_t>()};
  }
  static OrderKey order(const json& v) {
    if (!v.is_array() || v.size() != 3 || !v[0].is_number_unsigned() || !v[1].is_string() ||
        !v[2].is_string()) {
      throw std::runtime_error("order: not [legal entity, authority, number]");
    }
    return {{v[0].get<std::uint32_t>()}, v[1].get<std::string>(), v[2].get<std::string>()};
  }
  const json& take(const char* key) {
    const auto found = line_.find(key);
    if (found == line_.end()) throw std::runtime_error(std::string{"no "} + key);
    ++taken_;
    return *found;
  }
  void end() const {
    if (taken_ != line_.size()) throw std::runtime_error("keys that do not belong there");
  }

 private:
  const json& line_;
  std::size_t taken_ = 0;
};

std::uint64_t hash_of(const OrderKey& key) {
  return order_hash(key.legal_entity.value, key.authority, key.number);
}

RequestName name_in(Fields& f) {
  return {{f.hex("session")},
          {static_cast<std::uint32_t>(f.number("incarnation"))},
          {f.number("request")}};
}

class FileReader {
 public:
  FileReader(History& history, std::uint32_t file) : history_(history) { place_.file = file; }

  void line(const json& parsed, std::uint32_t number) {
    place_.line = number;
    Fields f{parsed};
    const std::int64_t t = f.signed_number("t");
    const std::string& client = f.text("client");
    const std::string& op = f.text("op");
    auto& last = last_t_[client];
    if (t < last) throw std::runtime_error("t goes back");
    last = t;
    if (op != "event") view_t_ = -1;
    if (op == "invoke") {
      invoke(f, t);
    } else if (op == "answer") {
      answer(f, t);
    } else if (op == "event") {
      event(f, t);
    } else if (op == "lease") {
      lease(f, t);
    } else if (op == "gap") {
      gap(f, t);
    } else if (op == "query") {
      query(f, t, client);
    } else if (op == "reply") {
      reply(f, t, client);
    } else if (op == "connected") {
      (void)f.text("site");
      (void)f.number("boot");
    } else if (op == "disconnected") {
      (void)f.text("site");
      (void)f.text("why");
    } else {
      throw std::runtime_error("unknown op " + op);
    }
    f.end();
  }

 private:
  void invoke(Fields& f, std::int64_t t) {
    Invoke out;
    out.place = place_;
    out.t = t;
    out.name = name_in(f);
    out.command = f.command();
    out.attempt = static_cast<int>(f.has("attempt") ? f.number("attempt") : 1);
    Content content;
    content.command = out.command;
    content.exam = f.number_or_none("exam");
    if (f.has("order")) {
      out.keys.push_back(Fields::order(f.take("order")));
      content.orders = fold(0, hash_of(out.keys.back()));
    }
    if (f.has("orders")) {
      const json& orders = f.take("orders");
      if (!orders.is_array()) throw std::runtime_error("orders: not a list");
      for (const json& one : orders) {
        out.keys.push_back(Fields::order(one));
        out.orders.push_back(hash_of(out.keys.back()));
        content.orders = fold(content.orders, out.orders.back());
      }
    }
    if (out.command == "submit" && out.orders.empty()) throw std::runtime_error("no orders");
    content.epoch = f.epoch();
    content.report = f.hex_or_none("report");
    content.text = f.hex_or_none("text");
    const std::string none;
    content.urgency = f.has("urgency") ? f.text("urgency") : none;
    content.message = f.has("message") ? f.text("message") : none;
    content.person = f.number_or_none("person");
    content.role = f.has("role") ? f.text("role") : none;
    content.site = f.number_or_none("site");
    content.version = f.number_or_none("version");
    out.exam = {content.exam};
    out.epoch = content.epoch;
    out.content = verify::hash_of(content);
    out.report = {content.report};
    out.text = content.text;
    asked_[out.name] = static_cast<std::uint32_t>(history_.invokes.size());
    history_.invokes.push_back(std::move(out));
  }

  void answer(Fields& f, std::int64_t t) {
    AnswerLine out;
    out.place = place_;
    out.t = t;
    out.name = name_in(f);
    out.command = f.command();
    out.code = static_cast<Errc>(f.one_of("code", codes()));
    out.index = {f.number("index")};
    out.exam = {f.number_or_none("exam")};
    out.epoch = f.epoch();
    out.duplicate = f.flag("duplicate");
    out.attached = {f.hex_or_none("attached")};
    out.as = {static_cast<std::uint32_t>(f.number_or_none("as"))};
    out.next = {f.number_or_none("next")};
    if (f.has("exams")) {
      for (const json& one : f.take("exams")) {
        if (!one.is_number_unsigned()) throw std::runtime_error("exams: not numbers");
        out.exams.push_back({one.get<std::uint64_t>()});
      }
    }
    const auto asked = asked_.find(out.name);
    if (asked == asked_.end()) throw std::runtime_error("an answer to what was never asked");
    out.invoke = asked->second;
    if (history_.invokes[out.invoke].command != out.command) {
      throw std::runtime_error("an answer to another command");
    }
    history_.answers.push_back(std::move(out));
  }

  void event(Fields& f, std::int64_t t) {
    EventLine out;
    out.place = place_;
    out.t = t;
    out.session = {f.hex("session")};
    out.kind = static_cast<EventKind>(f.one_of("kind", kinds()));
    out.state = static_cast<ExamState>(f.one_of("state", states()));
    out.index = {f.number("index")};
    out.at = {f.signed_number("at")};
    out.exam = {f.number_or_none("exam")};
    out.epoch = f.epoch();
    out.whose = {f.hex_or_none("whose")};
    out.by = {static_cast<std::uint32_t>(f.number_or_none("by"))};
    out.site = {static_cast<std::uint16_t>(f.number_or_none("site"))};
    out.view = t == view_t_ && out.session == view_session_ && out.index == view_index_;
    history_.events.push_back(out);
  }

  void lease(Fields& f, std::int64_t t) {
    LeaseLine out;
    out.place = place_;
    out.t = t;
    out.session = {f.hex("session")};
    out.incarnation = {static_cast<std::uint32_t>(f.number("incarnation"))};
    out.code = static_cast<Errc>(f.one_of("code", codes()));
    out.until = f.signed_number("until");
    history_.leases.push_back(out);
  }

  void gap(Fields& f, std::int64_t t) {
    view_t_ = t;
    view_session_ = {f.hex("session")};
    const std::uint64_t from = f.number("from");
    view_index_ = {f.number("to")};
    if (from > view_index_.value) throw std::runtime_error("a gap that ends before it begins");
  }

  /// Sent again, here or in a later life of the client: the last time counts.
  void query(Fields& f, std::int64_t t, const std::string& client) {
    Question& asked = questions_[{client, f.number("query")}];
    asked = {};
    asked.read.invoked = t;
    asked.read.seen = {f.number("seen")};
    asked.read.linearizable = f.flag("linearizable");
    const std::uint16_t kind = f.one_of("kind", questions());
    asked.shows = kind == questions().at("exams") || kind == questions().at("exam");
    asked.shows_all = kind == questions().at("exams");
    if (f.has("argument") && !f.text("argument").empty()) asked.shows_all = false;
  }

  void reply(Fields& f, std::int64_t t, const std::string& client) {
    const auto asked = questions_.find({client, f.number("query")});
    if (asked == questions_.end()) throw std::runtime_error("a reply to what was not asked");
    const Question question = asked->second;
    questions_.erase(asked);
    ReadLine out = question.read;
    out.place = place_;
    out.t = t;
    out.code = static_cast<Errc>(f.one_of("code", codes()));
    out.as_of = {f.number("as_of")};
    const json none = json::array();
    const json& shown = f.has("shown") ? f.take("shown") : none;
    if (!shown.is_array()) throw std::runtime_error("shown: not a list");
    for (const json& one : shown) out.shown.push_back(sight(one));
    out.all = f.flag("all");
    const bool ok = out.code == Errc::ok;
    if (!shown.empty() && !(ok && question.shows)) throw std::runtime_error("shown: it shows none");
    if (out.all && !(ok && question.shows_all)) throw std::runtime_error("all: it was not asked");
    history_.reads.push_back(std::move(out));
  }

  static std::pair<ExamId, ExamState> sight(const json& one) {
    const bool pair = one.is_array() && one.size() == 2 && one[0].is_number_unsigned() &&
                      one[1].is_string() && states().contains(one[1].get_ref<const std::string&>());
    if (!pair) throw std::runtime_error("shown: not [exam, state]");
    const auto state = states().find(one[1].get_ref<const std::string&>())->second;
    return {{one[0].get<std::uint64_t>()}, static_cast<ExamState>(state)};
  }

  struct Question {
    ReadLine read;  ///< as far as it was asked
    bool shows = false, shows_all = false;
  };

  History& history_;
  Place place_;
  std::map<std::string, std::int64_t> last_t_;
  std::map<RequestName, std::uint32_t> asked_;
  std::map<std::pair<std::string, std::uint64_t>, Question> questions_;  ///< without a reply
  std::int64_t view_t_ = -1;
  SessionId view_session_;
  LogIndex view_index_;
};

}  // namespace

bool is_temporary(Errc code) {
  const auto number = static_cast<std::uint16_t>(code);
  return (number >= 50 && number < 70) || code == Errc::retry_from;
}

void History::read(const std::string& path, Verdict& verdict) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return verdict.add("history", path + ": cannot be read");
  files.push_back(path.substr(path.rfind('/') + 1));
  FileReader reader{*this, static_cast<std::uint32_t>(files.size() - 1)};
  std::string text;
  for (std::uint32_t number = 1; std::getline(in, text); ++number) {
    if (in.eof()) return;  // was being written when its client died
    const json parsed = json::parse(text, nullptr, false);
    try {
      if (parsed.is_discarded()) throw std::runtime_error("not JSON");
      reader.line(parsed, number);
    } catch (const std::runtime_error& error) {
      verdict.add("history",
                  at({static_cast<std::uint32_t>(files.size() - 1), number}) + ": " + error.what());
    } catch (const json::exception& error) {
      verdict.add("history",
                  at({static_cast<std::uint32_t>(files.size() - 1), number}) + ": " + error.what());
    }
  }
}

}  // namespace vigie::verify
