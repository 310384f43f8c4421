// A small night as its clients saw it, and its log: written by hand, line by line. Tests change one
// thing and want the checker to see it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "messages/types/exam_number.hpp"
#include "tests/verify/linear/linear.hpp"

namespace vigie::linear {

inline std::string words(const Findings& f) {
  std::string out;
  for (const Fault& one : f.faults) {
    out += one.kind + " at " + std::to_string(one.index.value) + " (" + one.where + ", exam " +
           std::to_string(one.exam.value) + "): " + one.what + "\n";
  }
  return out;
}

/// Two readers, a regulator, a technologist, a hospital; three exams, of which Ana reads the first,
/// Bob loses the second to Ana by leaving, and the third waits. Index 10 x i is asked at time 100 x
/// i.
class Story {
 public:
  static constexpr SessionId hospital{0xc0}, regulator{0xd0}, technologist{0xe0}, ana{0xa1},
      bob{0xb0}, head{0xf0}, other_head{0xf1}, lead{0xf8}, gateway{0xf9};
  static inline const SiteId lyon{1};
  static ExamId exam(std::uint64_t n) { return make_exam_id(lyon, n); }

  History h;

  /// @param shown true: every assignment is told as an event.
  explicit Story(bool shown = true) {
    h.every_assignment_shown = shown;
    put({}, {}, {}, {});  // a leader's no-op                                                   1
    node(ApplyDirectory{directory()});            //     2
    attach(hospital, 1, Role::requester);         //     3
    attach(regulator, 2, Role::regulator);        //     4
    attach(technologist, 3, Role::technologist);  //     5
    attach(ana, 4, Role::reader);                 //     6
    attach(bob, 5, Role::reader);                 //     7
    submit("ORD-1", 1);                           //     8
    submit("ORD-2", 2);                           //     9
    submit("ORD-3", 3);                           //    10
    for (const std::uint64_t n : {1u, 2u}) {
      ask(regulator, Claim{exam(n)});                                            // 11, 15
      ask(regulator, Accept{exam(n), "ok", "CT v1", Urgency::p2, {}, {}});       // 12, 16
      ask(technologist, AcquisitionStarted{{exam(n), {}}});                      // 13, 17
      ask(technologist, AcquisitionComplete{{exam(n), {}}, {}, {}, 10, false});  // 14, 18
    }
    ask(ana, SetReader{ReaderMode::free, AcceptMode::manual});  //    19
    given(19, exam(1), ana);
    ask(ana, AcceptOffer{exam(1), {0, 19}});                    //    20
    ask(bob, SetReader{ReaderMode::free, AcceptMode::manual});  //    21
    given(21, exam(2), bob);
    ask(bob, AcceptOffer{exam(2), {0, 21}});                   //    22
    ask(ana, Preliminary{exam(1), {0, 19}, {0x71}, "early"});  //    23
    ask(ana, Sign{exam(1), {0, 19}, {0x72}, "final"});         //    24
    node(ExpireSession{bob, {1}});                             //    25
    given(25, exam(2), ana);
    ask(ana, AcceptOffer{exam(2), {0, 25}});                                //    26
    ask(ana, Sign{exam(2), {0, 25}, {0x73}, "second"});                     //    27
    attach(bob, 5, Role::reader, 2);                                        //    28
    ask(bob, Sign{exam(2), {0, 21}, {0x74}, "late"}, Errc::already_final);  //    29
    again(24);  // a repetition of Ana's sign, answered as the first time                      30
    read("board", 31, {{exam(1), ExamState::validated}, {exam(3), ExamState::requested}});
  }

  /// The operation whose answer names `index`.
  Operation& at(std::uint64_t index) {
    for (Operation& o : h.operations) {
      if (!o.replies.empty() && o.replies.front().answer.index.value == index) return o;
    }
    throw std::runtime_error("no such operation");
  }
  Answer& answer(std::uint64_t index) { return at(index).replies.front().answer; }
  Proposal& entry(std::uint64_t index) { return *h.log[index - 1].proposal; }
  std::uint64_t last() const { return h.log.size(); }

  /// Appends what a client asks next, and is told.
  Operation& ask(SessionId session, Command command, Errc code = Errc::ok) {
    const auto [incarnation, number] = numbers_[session];
    const RequestNo request{number + 1};
    numbers_[session].second = request.value;
    put(session, incarnation, request, command);
    Answer a = answered(code, request);
    a.exam = said_by(command).exam;
    return told({session, incarnation, request}, command, a);
  }
  void attach(SessionId session, std::uint32_t person, Role role, std::uint32_t incarnation = 1) {
    Attach c;
    c.session = session;
    c.incarnation = {incarnation};
    c.person = {person};
    c.role = role;
    c.site = lyon;
    numbers_[session] = {{incarnation}, 0};
    put({}, {}, {}, c);
    Answer a = answered(Errc::ok, {});
    a.session = session;
    a.incarnation = {incarnation};
    a.next = {1};
    told({session, {incarnation}, {}}, c, a);
  }
  Operation& submit(const std::string& number, std::uint64_t as, bool duplicate = false) {
    Operation& o = ask(hospital, Submit{{request(number)}, "M"});
    o.replies.front().answer.exam = exam(as);
    o.replies.front().answer.duplicate = duplicate;
    return o;
  }
  /// Time goes by, and a leader says so.
  void pass(Millis span) {
    passed_ = passed_ + span;
    node(Tick{});
  }
  /// Appends what came through a feed, whose answer nobody keeps.
  void feed(vigie::Request r, const std::string& message = "M") {
    node(Submit{{std::move(r)}, message});
  }
  /// Exam `n`, which was REQUESTED, is accepted, imaged, and READY after that.
  void prepare(std::uint64_t n, Urgency urgency = Urgency::p2) {
    ask(regulator, Claim{exam(n)});
    ask(regulator, Accept{exam(n), "ok", "CT v1", urgency, {}, {}});
    ask(technologist, AcquisitionStarted{{exam(n), {}}});
    ask(technologist, AcquisitionComplete{{exam(n), {}}, {}, {}, 1, false});
  }
  /// Exam 3 waits as P3 (120 min), and after that pause exam 4 as P2 (45 min).
  void prepare_two(Millis pause) {
    prepare(3, Urgency::p3);  //                                                           32 to 35
    passed_ = pause;
    submit("ORD-4", 4);  //                                                                      36
    prepare(4);          //                                                                37 to 40
    node(Tick{});        //                                                                      41
  }
  /// A leader's, of no command.
  void noop() { put({}, {}, {}, {}); }
  void node(Command command) { put({}, {}, {}, std::move(command)); }
  void given(std::uint64_t index, ExamId id, SessionId to) {
    Shown s;
    s.where = "watch:" + std::to_string(index);
    s.t = time(index) + 6;
    s.event.kind = EventKind::read_offered;
    s.event.state = ExamState::offered;
    s.event.index = {index};
    s.event.exam = id;
    s.event.session = to;
    s.event.epoch = {0, index};
    if (h.every_assignment_shown) h.shown.push_back(s);
  }
  /// The request that was applied at `index` comes again, and is answered as before.
  Reply& again(std::uint64_t index) {
    const Committed& first = h.log[index - 1];
    put(first.proposal->session, first.proposal->incarnation, first.proposal->request,
        first.proposal->command);
    Operation& o = at(index);
    Answer a = o.replies.front().answer;
    a.duplicate = true;
    o.replies.push_back({time(last()) + 5, a});
    return o.replies.back();
  }
  Read& read(const std::string& who, std::uint64_t as_of, std::vector<Read::Seen> exams) {
    while (last() < as_of) node(Tick{});
    Read r;
    r.where = who;
    r.invoked = time(last()) + 10;
    r.completed = r.invoked + 5;
    r.linearizable = true;
    r.as_of = {as_of};
    r.exams = std::move(exams);
    h.reads.push_back(r);
    return h.reads.back();
  }
  /// Forgets what the client was told.
  void silence(std::uint64_t index) { at(index).replies.clear(); }
  static std::int64_t time(std::uint64_t index) { return static_cast<std::int64_t>(index) * 100; }

  static vigie::Request request(const std::string& number) {
    vigie::Request r;
    r.key = {{7}, "AUTH", number};
    r.establishment = {70};
    r.modality = Modality::ct;
    r.age_class = AgeClass::adult;
    return r;
  }

  static Directory directory() {
    Directory d;
    d.version = 1;
    d.federation = "test";
    d.sites = {{lyon, "lyon", "LYS", {}, 9, "04", {}, false, {}, {}, 0, 0}};
    d.groups = {{{1}, "tous", {lyon}, {}}};
    Establishment e;
    e.id = {70};
    e.name = "CH";
    e.legal_entity = {7};
    e.doors = {lyon};
    e.recipients = {"ch"};
    d.establishments = {e};
    d.entities = {{{7}, "CH", {}}};
    Agreement all;
    all.name = "tous";
    all.modalities.add(Modality::ct);
    all.group = {1};
    all.requester = all.provider = {"signed", {}, {}};
    d.agreements = {all};
    Protocol ct;
    ct.code = "CT v1";
    ct.modality = Modality::ct;
    d.protocols = {ct};
    d.engines = {{"gleamer", 1, {{"bleed", Urgency::p1}}}};
    const Role roles[] = {Role::requester, Role::regulator, Role::technologist, Role::reader,
                          Role::reader,    Role::regulator, Role::duty_head,    Role::duty_head,
                          Role::site_lead, Role::gateway};
    for (std::uint32_t i = 1; i <= std::size(roles); ++i) {
      Person p;
      p.id = {i};
      p.name = "p" + std::to_string(i);
      p.rpps = "1";
      p.roles.add(roles[i - 1]);
      p.site = lyon;
      p.privileges = {{Set<Modality>::of(Modality::ct)}};
      if (roles[i - 1] == Role::regulator) p.qualifications = {{Role::regulator}};
      p.skills.add(Skill::general);
      d.people.push_back(p);
    }
    return d;
  }

 private:
  void put(SessionId session, Incarnation incarnation, RequestNo request,
           std::optional<Command> command) {
    const std::uint64_t index = last() + 1;
    Committed c{{index}, {1'000'000 + time(index) + passed_.value}, {}};
    if (command) {
      Proposal p;
      p.key = {1};
      p.door = lyon;
      p.session = session;
      p.incarnation = incarnation;
      p.request = request;
      p.content_hash = std::hash<std::string>{}(words(*command));
      p.command = std::move(*command);
      c.proposal = std::move(p);
    }
    h.log.push_back(std::move(c));
  }
  static std::string words(const Command& command) {
    const Said s = said_by(command);
    std::string out = std::string{s.command} + std::to_string(s.exam.value) + "/" +
                      std::to_string(s.epoch.index) + "/" + std::to_string(s.report.value) + "/" +
                      std::to_string(s.text);
    for (const OrderKey& key : s.orders) out += key.number;
    return out;
  }
  Answer answered(Errc code, RequestNo request) const {
    Answer a;
    a.code = code;
    a.request = request;
    a.index = {last()};
    return a;
  }
  Operation& told(const RequestName& name, const Command& command, const Answer& a) {
    Recorder recorder{h};
    recorder.asked("line " + std::to_string(last()), name, command, time(last()));
    recorder.told(name, a, time(last()) + 5);
    return h.operations.back();
  }

  std::map<SessionId, std::pair<Incarnation, std::uint64_t>> numbers_;
  Millis passed_;  ///< of the federation's time, beside the steps
};

}  // namespace vigie::linear
