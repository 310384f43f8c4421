// vigie read: a reader's desk. He is offered one exam at a time, accepts, reads, signs; his session
// goes on at another centre when his own is lost.
#include <map>

#include "messages/types/assignment_events.hpp"
#include "nodes/vigie/desk.hpp"
#include "nodes/vigie/words.hpp"

namespace vigie::cli {
namespace {

std::string usage_text() {
  return "commandes : accepter | decliner images|competence|conflit|autre | signer TEXTE | "
         "critique CODE TEXTE | preliminaire TEXTE | rendre MOTIF | aparte | manque MOTIF | libre "
         "| "
         "absent | pause | " +
         words_of(Role::reader) + " | quitter";
}

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
  };

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
    if (!flags_.automatic) tell(globals_, {{"op", "usage"}, {"text", usage_text()}}, usage_text());
    return {};
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
      case EventKind::report_validated:
        return;
      default:
        return is_taken_away(event.kind) ? taken_away(event) : heard(event);
    }
  }

  void taken_away(const Event& event) {
    if (!hand_ || hand_->exam != event.exam) return;
    say("taken_away", {{"exam", place_.exam(event.exam)}, {"event", name_of(event.kind)}},
        place_.exam(event.exam) + " n'est plus en main (" + std::string(name_of(event.kind)) + ")");
    // What was lost while he read it is signed all the same; what he set aside comes back.
    const bool lost = event.kind == EventKind::lease_expired ||
                      event.kind == EventKind::read_released ||
                      event.kind == EventKind::read_taken_over;
    if (!hand_->accepted || !lost) hand_.reset();
  }

  /// Of his own exam, and of no other (F7).
  void heard(const Event& event) {
    say("heard",
        {{"exam", place_.exam(event.exam)}, {"event", name_of(event.kind)}, {"text", event.text}},
        std::string(name_of(event.kind)) + ' ' + place_.exam(event.exam) + ' ' + event.text);
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
    return text;
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
  }

  void accept() {
    if (!hand_) return;
    const ExamId exam = hand_->exam;
    const Epoch epoch = hand_->epoch;
    session_->send(AcceptOffer{exam, epoch}, [this, exam, epoch](const Answer& answer) {
      if (answer.code != Errc::ok) {
        refused("accept_offer", exam, answer);
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
    session_->send(Sign{hand_->exam, hand_->epoch, hand_->report, text, critical},
                   [this, signed_now](const Answer& answer) {
                     const ExamId exam = signed_now.exam;
                     if (hand_ && hand_->epoch == signed_now.epoch) hand_.reset();
                     if (answer.code != Errc::ok && answer.code != Errc::stale) {
                       return refused("sign", exam, answer);
                     }
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
    if (verb == "quitter")
      quit_ = true;
    else if (verb == "libre")
      set_mode(ReaderMode::free);
    else if (verb == "absent")
      set_mode(ReaderMode::away);
    else if (verb == "pause")
      set_mode(ReaderMode::rest);
    else if (auto said = command_in(line, Role::reader, place_))
      steer(std::move(*said));
    else if (!hand_ && !verb.empty())
      say("nothing", {}, "aucun examen en main. " + usage_text());
    else if (verb == "accepter")
      accept();
    else if (verb == "decliner")
      decline(rest);
    else if (verb == "signer" && !rest.empty())
      sign(rest);
    else if (verb == "critique" && rest.find(' ') != std::string::npos)
      sign(rest.substr(rest.find(' ') + 1), rest.substr(0, rest.find(' ')));
    else if (verb == "aparte")
      carry_out(*session_, Suspend{hand_->exam, hand_->epoch});
    else if (verb == "manque" && !rest.empty())
      carry_out(*session_, WantImages{hand_->exam, hand_->epoch, rest});
    else if (verb == "preliminaire" && !rest.empty())
      send("preliminary",
           Preliminary{hand_->exam, hand_->epoch, ReportId{client::draw_id()}, rest});
    else if (verb == "rendre") {
      send("release", Release{hand_->exam, hand_->epoch, rest.empty() ? "rendu" : rest});
      hand_.reset();
    } else if (!verb.empty())
      say("usage", {}, usage_text());
  }

  void steer(Result<Command> said) {
    if (!said) return say("usage", {{"text", said.error().what}}, said.error().what);
    carry_out(*session_, std::move(*said));
  }

  void decline(const std::string& why) {
    static const std::map<std::string, DeclineReason> reasons = {
        {"images", DeclineReason::images},
        {"competence", DeclineReason::skill},
        {"conflit", DeclineReason::conflict}};
    const auto at = reasons.find(why);
    send("decline_offer", DeclineOffer{hand_->exam, hand_->epoch,
                                       at == reasons.end() ? DeclineReason::other : at->second});
    hand_.reset();
  }

  void set_mode(ReaderMode mode) {
    mode_ = mode;
    session_->send(SetReader{mode_, accept_mode()});
  }

  void send(const std::string& what, Command command) {
    const ExamId exam = hand_->exam;
    session_->send(std::move(command), [this, what, exam](const Answer& answer) {
      if (answer.code != Errc::ok) return refused(what, exam, answer);
      say(what, {{"exam", place_.exam(exam)}}, what + " : " + place_.exam(exam));
    });
  }

  void end() override {
    bool told = false;
    session_->send(Detach{}, [&](const Answer&) { told = true; });
    client_->poll_until([&] { return told; }, 2_s);
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
      "without a protocol; partial: before all images were there)...");
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
