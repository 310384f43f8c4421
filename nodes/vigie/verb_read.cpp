// vigie read: a reader's desk. He is offered one exam at a time, accepts, reads, signs; his session
// goes on at another centre when his own is lost.
#include <map>
#include <set>

#include "messages/types/assignment_events.hpp"
#include "nodes/vigie/desk.hpp"
#include "nodes/vigie/exam_text.hpp"
#include "nodes/vigie/sayings.hpp"
#include "nodes/vigie/words.hpp"

namespace vigie::cli {
namespace {

class Reader : public DeskWorker {
 public:
  using DeskWorker::DeskWorker;

 private:
  /// The exam in hand.
  struct Hand {
    ExamId exam;
    Epoch epoch;
    std::shared_ptr<const ExamCard> card;
    bool accepted = false;
    bool signing = false;
    BootTime sign_at;
    ReportId report;
    bool lost = false;  ///< another may read it now; what he signs is kept as late
  };

  std::string left_behind() const override {
    const bool is_his = hand_ && hand_->accepted && !hand_->signing && !hand_->lost;
    return is_his ? place_.exam(hand_->exam) + " est en main, non signé" : std::string();
  }

  Result<void> begin() override {
    auto mine = handler();
    const auto told = mine.attached;
    mine.attached = [this, told](client::Session& session, const Answer& answer) {
      told(session, answer);
      session.send(SetReader{mode_, accept_mode()});
    };
    mine.event = [this](client::Session&, const Event& event) { happened(event); };
    mine.view = [this](client::Session&, const std::vector<Event>& view) {
      if (view.empty() && hand_ && !hand_->signing) hand_.reset();
      for (const Event& event : view) happened(event);
    };
    auto wished = wish(Role::reader, Desk::reader);
    wished.accept = accept_mode();
    if (!wished.site) {
      return Error{Errc::bad_configuration,
                   place_.file.string() + ": a reader needs a site, and directory.toml beside"};
    }
    session_ = &client_->open(wished, std::move(mine));
    if (!flags_.automatic) say_words();
    return {};
  }

  std::vector<Help> help() const override {
    std::vector<Help> all = {
        {"accepter", "l'examen proposé"},
        {"decliner images|competence|conflit|autre", "l'examen proposé va à un autre"},
        {"preliminaire TEXTE", "un premier compte rendu ; l'examen reste en main"},
        {"signer TEXTE", "le compte rendu final"},
        {"critique CODE TEXTE",
         "le compte rendu final, que l'hôpital doit accuser : CODE est à "
         "vous (AVC, EP, DISSECTION...)"},
        {"rendre MOTIF", "l'examen à la file"},
        {"aparte", "le mettre de côté : un p0 attend"},
        {"manque MOTIF", "des images manquent : l'hôpital les complète, l'examen vous revient"},
        {"adopter N", "le compte rendu tardif d'un autre devient le bon"},
        {"ecarter N", "le compte rendu tardif d'un autre est gardé à côté"},
        {"libre", "proposez-moi un examen"},
        {"absent", "plus d'offre, je ne suis pas là"},
        {"pause", "plus d'offre, je me repose"}};
    for (Help& word : words_of(Role::reader)) all.push_back(std::move(word));
    return all;
  }

  AcceptMode accept_mode() const {
    return flags_.accept_at_once ? AcceptMode::automatic : AcceptMode::manual;
  }

  void happened(const Event& event) {
    const bool mine = event.session == session_->id();
    const bool marked = event.kind == EventKind::reader_changed && !event.text.empty();
    if (mine && marked) {
      return say("away", {{"text", event.text}},
                 "vous êtes noté absent (" + event.text + ") ; libre : vous êtes de retour");
    }
    if (!mine || !event.exam) return;
    switch (event.kind) {
      case EventKind::read_offered:
        return offered(event);
      case EventKind::read_accepted:
        return reading(event);
      case EventKind::report_validated:  // by another's late report, or by his own, which is told
        if (hand_ && hand_->exam == event.exam && !hand_->signing) hand_.reset();
        return;
      default:
        return is_taken_away(event.kind) ? taken_away(event) : heard(event);
    }
  }

  void taken_away(const Event& event) {
    if (!hand_ || hand_->exam != event.exam) return;
    say("taken_away", {{"exam", place_.exam(event.exam)}, {"event", name_of(event.kind)}},
        place_.exam(event.exam) + " n'est plus en main (" + said(event.kind) + ")" +
            (event.kind == EventKind::offer_expired
                 ? " ; vous êtes noté absent, libre : vous êtes de retour"
                 : ""));
    // What was lost while he read it is signed all the same; what he set aside comes back.
    const bool lost = event.kind == EventKind::lease_expired ||
                      event.kind == EventKind::read_released ||
                      event.kind == EventKind::read_taken_over;
    if (!hand_->accepted || !lost) return hand_.reset();
    hand_->lost = true;
  }

  /// Of his own exam, and of no other (F7).
  void heard(const Event& event) {
    say("heard",
        {{"exam", place_.exam(event.exam)}, {"event", name_of(event.kind)}, {"text", event.text}},
        said(event.kind) + ' ' + place_.exam(event.exam) + ' ' + event.text);
  }

  void take(const Event& event) {
    if (hand_ && hand_->exam == event.exam && hand_->epoch == event.epoch) return;
    hand_ =
        Hand{event.exam, event.epoch, event.card, false, false, {}, ReportId{client::draw_id()}};
  }

  Json described(const Event& event) const {
    Json row = {{"exam", place_.exam(event.exam)},
                {"epoch", {{"origin", event.epoch.origin}, {"index", event.epoch.index}}},
                {"index", event.index.value},
                {"urgency", name_of(event.urgency)}};
    if (!event.card) return row;
    row["modality"] = name_of(event.card->modality);
    row["region"] = name_of(event.card->region);
    row["placer_order"] = event.card->placer_order;
    row["protocol"] = event.card->protocol;
    row["priors"] = event.card->priors;
    row["flags"] = warnings_of(*event.card);
    row["context"] = json_of(context_of(*event.card));
    return row;
  }

  /// What he has to know before he reads, by the flags' names.
  static std::vector<std::string> warnings_of(const ExamCard& card) {
    std::vector<std::string> warnings;
    if (has(card.flags, ExamFlag::bypassed)) warnings.emplace_back("bypassed");
    if (has(card.flags, ExamFlag::partial)) warnings.emplace_back("partial");
    return warnings;
  }

  static std::string text_of(const ExamCard& card) {
    std::string text = std::string(name_of(card.modality)) + ' ' + card.protocol + ", rappel " +
                       card.callback_phone;
    if (has(card.flags, ExamFlag::bypassed)) text += ", SANS PROTOCOLE";
    if (has(card.flags, ExamFlag::partial)) text += ", IMAGES INCOMPLÈTES";
    for (const std::string& prior : card.priors) text += ", antérieur " + prior;
    return on_one_line(text + cli::text_of(context_of(card)));
  }

  void offered(const Event& event) {
    const bool again = hand_ && hand_->exam == event.exam && hand_->epoch == event.epoch;
    take(event);
    if (!again) {
      say("offered", described(event),
          "examen proposé : " + place_.exam(event.exam) + ' ' +
              std::string(name_of(event.urgency)) +
              (event.card ? ", " + text_of(*event.card) : std::string()));
    }
    if (flags_.automatic && !hand_->accepted) accept();
    if (!again && !flags_.automatic) tell_question();
  }

  /// What is asked of a second reader, and about which exam.
  void tell_question() {
    look_up(
        QueryKind::exam, place_.exam(hand_->exam),
        [this](const Json& row) {
          const std::string parent = row.value("parent", "");
          if (parent.empty()) return;
          const Json notes = row.value("notes", Json::array());
          const std::string question = notes.empty() ? "" : notes.front().value("text", "");
          say("question",
              {{"exam", row.value("exam", "")},
               {"parent", parent},
               {"purpose", row.value("purpose", "")},
               {"text", question}},
              row.value("exam", "") + " : " + row.value("purpose", "") + " sur " + parent + ", " +
                  question + " (voir " + parent + ")");
        },
        [](const std::string&) {});
  }

  void accept() {
    if (!hand_) return;
    const ExamId exam = hand_->exam;
    const Epoch epoch = hand_->epoch;
    session_->send(AcceptOffer{exam, epoch}, [this, exam, epoch](const Answer& answer) {
      if (answer.code != Errc::ok) {
        refused(AcceptOffer{exam, epoch}, answer);
        if (hand_ && hand_->epoch == epoch) hand_.reset();
        return;
      }
      if (hand_ && hand_->epoch == epoch) started();
    });
  }

  void reading(const Event& event) {
    take(event);
    if (!hand_->accepted) started();
  }

  void started() {
    if (hand_->accepted) return;
    hand_->accepted = true;
    hand_->sign_at = client_->now() + Millis{static_cast<std::int64_t>(flags_.seconds * 1000)};
    say("reading", {{"exam", place_.exam(hand_->exam)}, {"site", client_->welcome().site_name}},
        "lecture de " + place_.exam(hand_->exam));
  }

  void work(BootTime now) override {
    if (!flags_.automatic || !hand_ || !hand_->accepted || hand_->signing) return;
    if (now < hand_->sign_at) return;
    sign("Indication : " + place_.exam(hand_->exam) +
         ".\nRésultat : examen lu à distance pour la démonstration.\nConclusion : pas d'anomalie "
         "aiguë décelée. Relu par " +
         place_.name + ".");
  }

  void sign(const std::string& text, const std::string& critical = {}) {
    hand_->signing = true;
    const Hand signed_now = *hand_;
    if (flags_.automatic && is_last_one()) set_mode(ReaderMode::away);  // nothing new in his hand
    const Sign command{hand_->exam, hand_->epoch, hand_->report, text, critical};
    session_->send(command, [this, signed_now, command](const Answer& answer) {
      const bool is_his = hand_ && hand_->epoch == signed_now.epoch;
      if (answer.code != Errc::ok && answer.code != Errc::stale) {
        const bool is_over = answer.code == Errc::not_holder ||
                             answer.code == Errc::already_final ||
                             answer.code == Errc::unknown_exam;
        if (is_his && is_over) hand_.reset();
        if (is_his && !is_over) {  // it is still his, to be signed later or otherwise
          hand_->signing = false;
          hand_->sign_at = client_->now() + 60_s;
        }
        return refused(command, answer);
      }
      if (is_his) hand_.reset();
      const ExamId exam = signed_now.exam;
      say("signed",
          {{"exam", place_.exam(exam)},
           {"code", errc_name(answer.code)},
           {"index", answer.index.value},
           {"site", client_->welcome().site_name},
           {"duplicate", answer.duplicate}},
          "compte rendu signé : " + place_.exam(exam) +
              (answer.code == Errc::stale ? " (gardé comme tardif)" : ""));
      done_one();
    });
  }

  void typed(const std::string& line) override {
    const auto blank = line.find(' ');
    const std::string verb = line.substr(0, blank);
    const std::string rest = blank == std::string::npos ? std::string() : line.substr(blank + 1);
    if (verb == "libre")
      set_mode(ReaderMode::free);
    else if (verb == "absent")
      set_mode(ReaderMode::away);
    else if (verb == "pause")
      set_mode(ReaderMode::rest);
    else if (verb == "adopter" || verb == "ecarter")
      settle_late(*session_, rest, verb == "adopter");
    else if (auto told = command_in(line, Role::reader, place_))
      obey(*session_, std::move(*told));
    else if (!is_of_hand(verb))
      say_words(line);
    else if (!hand_)
      say("nothing", {}, verb + " : aucun examen en main");
    else
      of_hand(verb, rest);
  }

  /// Is it a word about the exam in hand?
  static bool is_of_hand(const std::string& verb) {
    static const std::set<std::string> all = {"accepter", "decliner", "preliminaire", "signer",
                                              "critique", "rendre",   "aparte",       "manque"};
    return all.contains(verb);
  }

  void of_hand(const std::string& verb, const std::string& rest) {
    const bool alone = verb == "accepter" || verb == "aparte" || verb == "rendre";
    const auto blank = rest.find(' ');
    if (rest.empty() && !alone) return say_usage(verb + " : il manque ce qui suit (aide)");
    if (hand_->signing) return say_usage(verb + " : la signature est en route");
    if (verb == "accepter") return accept();
    if (verb == "decliner") return decline(rest);
    if (verb == "aparte") return carry_out(*session_, Suspend{hand_->exam, hand_->epoch});
    if (!hand_->accepted) return say_usage(verb + " : acceptez-le d'abord (accepter)");
    if (verb == "rendre") {
      return leave(Release{hand_->exam, hand_->epoch, rest.empty() ? "rendu" : rest});
    }
    if (verb == "signer") return sign(rest);
    if (verb == "manque") {
      return carry_out(*session_, WantImages{hand_->exam, hand_->epoch, rest});
    }
    if (verb == "preliminaire") {
      const ReportId report{client::draw_id()};
      return carry_out(*session_, Preliminary{hand_->exam, hand_->epoch, report, rest});
    }
    if (blank == std::string::npos) return say_usage("critique CODE TEXTE : il manque le texte");
    sign(rest.substr(blank + 1), rest.substr(0, blank));
  }

  void decline(const std::string& why) {
    static const std::map<std::string, DeclineReason> reasons = {
        {"images", DeclineReason::images},
        {"competence", DeclineReason::skill},
        {"conflit", DeclineReason::conflict},
        {"autre", DeclineReason::other}};
    const auto at = reasons.find(why);
    if (at == reasons.end()) {
      return say_usage("decliner " + why + " : images, competence, conflit ou autre");
    }
    if (hand_->accepted) return say_usage("decliner : vous le lisez ; rendre MOTIF");
    leave(DeclineOffer{hand_->exam, hand_->epoch, at->second});
  }

  /// Once it is done the exam is another's.
  void leave(const Command& command) {
    carry_out(*session_, command, [this, epoch = hand_->epoch](bool done) {
      if (done && hand_ && hand_->epoch == epoch) hand_.reset();
    });
  }

  void set_mode(ReaderMode mode) {
    static constexpr const char* names[] = {"fermé", "libre", "absent", "en pause"};
    mode_ = mode;
    session_->send(SetReader{mode_, accept_mode()}, [this, mode](const Answer& answer) {
      if (answer.code != Errc::ok) return refused(SetReader{mode, accept_mode()}, answer);
      if (flags_.automatic) return;
      const std::string off =
          answer.text.empty() ? "" : " ; hors du tableau de garde : aucune offre";
      const char* name = names[static_cast<std::size_t>(mode)];
      say("mode", {{"mode", name}, {"text", answer.text}}, std::string("vous êtes ") + name + off);
    });
  }

  void end() override {
    detach(*session_);
    say("detached", {}, "session fermée");
  }

  client::Session* session_ = nullptr;
  std::optional<Hand> hand_;
  ReaderMode mode_ = ReaderMode::free;
};

int read_exams(const Globals& globals, const DeskFlags& flags) {
  auto people = choose_people(globals, flags, Role::reader);
  if (!people) return complain(people.error());
  std::vector<std::unique_ptr<DeskWorker>> workers;
  for (Place& place : *people) {
    workers.push_back(std::make_unique<Reader>(globals, flags, std::move(place)));
  }
  return run_all(flags, std::move(workers));
}

}  // namespace

void add_read(CLI::App& app, Globals& globals, int& code) {
  auto* verb = app.add_subcommand(
      "read",
      "be a reader: exams are offered, accepted, read and signed, a line for each. JSON lines: op "
      "(connected, attached, offered, reading, signed, taken_away, heard, refused, disconnected, "
      "lost, detached), who, t (CLOCK_BOOTTIME ms), exam, epoch, site, priors, flags (bypassed: "
      "without a protocol; partial: before all images were there), context (code, text: what the "
      "hospital said, its answers under \"answer\")...");
  auto flags = std::make_shared<DeskFlags>();
  flags->seconds = 5;
  add_desk_flags(*verb, *flags);
  verb->add_option("--read-seconds", flags->seconds, "with --auto: how long a reading takes")
      ->check(CLI::Range(0.0, 36000.0))
      ->capture_default_str();
  verb->add_flag("--accept-at-once", flags->accept_at_once,
                 "an offer is at once the reading, nothing to accept");
  verb->callback([&, flags] { code = read_exams(globals, *flags); });
}

}  // namespace vigie::cli
