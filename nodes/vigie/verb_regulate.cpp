// vigie regulate: the desk of a regulator, or of his assistant. Requests are claimed, judged, given
// a protocol and an urgency.
#include <map>
#include <set>

#include "nodes/vigie/desk.hpp"
#include "nodes/vigie/exam_text.hpp"
#include "nodes/vigie/sayings.hpp"
#include "nodes/vigie/words.hpp"

namespace vigie::cli {
namespace {

/// Upper case, for words in a procedure's text.
bool names(const std::string& text, std::string_view word) {
  const auto same = [](char a, char b) { return std::toupper(static_cast<unsigned char>(a)) == b; };
  return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
}

/// The catalogue's protocol for an exam, as a regulator in a hurry would choose it.
const Protocol* protocol_for(const Directory& directory, const ExamCard& card) {
  const auto fits = [&](const Protocol& p) {
    return card.modality == Modality::unknown || p.modality == card.modality ||
           (p.modality == Modality::cr && card.modality == Modality::dx);
  };
  const Protocol* best = nullptr;
  int best_score = -1;
  for (const Protocol& p : directory.protocols) {
    if (!fits(p)) continue;
    const bool stroke = names(card.procedure, "AVC") || names(card.procedure, "STROKE");
    const bool trauma = names(card.procedure, "TRAUMA");
    const bool named =
        (stroke && p.code.starts_with("AVC")) || (trauma && p.code.starts_with("POLYTRAUMA"));
    if (p.vital && !named && p.region != Region::whole_body) continue;
    const bool child = card.age_class == AgeClass::child || card.age_class == AgeClass::infant;
    int score = (p.region == card.region ? 8 : 0) + (named ? 16 : 0);
    if (p.skill == Skill::paediatric) score += child ? 4 : -8;
    if (p.vital && !named) score -= 4;
    if (score > best_score) {
      best = &p;
      best_score = score;
    }
  }
  return best;
}

class Regulator : public DeskWorker {
 public:
  Regulator(const Globals& globals, const DeskFlags& flags, Place place, std::size_t share,
            std::size_t of)
      : DeskWorker(globals, flags, std::move(place)), share_(share), of_(of) {
    if (place_.client.role == Role::assistant) role_ = Role::assistant;
  }

 private:
  Result<void> begin() override {
    if (!place_.directory) {
      return Error{Errc::not_found,
                   "no directory.toml beside " + place_.file.string() + ": it has the protocols"};
    }
    auto mine = handler();
    mine.event = [this](client::Session&, const Event& event) { happened(event); };
    mine.view = [this](client::Session&, const std::vector<Event>& view) {
      waiting_.clear();
      at_work_.clear();
      for (const Event& event : view) happened(event);
    };
    session_ = &client_->open(wish(role_, Desk::regulator), std::move(mine));
    if (!flags_.automatic) say_words();
    return {};
  }

  std::vector<Help> help() const override {
    std::vector<Help> all = {{"liste", "les demandes qui attendent"},
                             {"taches", "ce que régulateur et assistant doivent faire"},
                             {"prendre N",
                              "la demande est à vous ; ce que l'autre du binôme a pris "
                              "est aussi à vous"}};
    if (role_ == Role::regulator) {
      all.push_back({"accepter PROTOCOLE [p0..p3]", "la demande prise, avec ce protocole"});
      all.push_back({"refuser MOTIF", "la demande prise, après avoir rappelé l'hôpital"});
    }
    all.push_back({"question TEXTE", "à l'hôpital, sur la demande prise"});
    all.push_back({"rendre", "la demande prise à la file"});
    all.push_back({"protocoles", "le catalogue"});
    for (Help& word : words_of(role_)) all.push_back(std::move(word));
    return all;
  }

  void happened(const Event& event) {
    if (!event.exam) return;
    if (!flags_.automatic && concerns_pair(event)) {
      say("rings", {{"event", name_of(event.kind)}, {"exam", place_.exam(event.exam)}},
          said(event.kind) + ' ' + place_.exam(event.exam) + ' ' + event.text);
    }
    const bool is_his = claimed_ && claimed_->exam == event.exam;
    if (is_his && event.state != ExamState::in_regulation) claimed_.reset();
    if (event.state != ExamState::requested) return left_waiting(event);
    at_work_.erase(event.exam);
    if (!event.card) return;
    Waiting& waiting = waiting_[event.exam];
    waiting.card = event.card;
    waiting.due = client_->now() + Millis{static_cast<std::int64_t>(flags_.seconds * 1000)};
    // Others of this program have their share; but nobody's is left lying.
    if (event.exam.value % of_ != share_) waiting.due = waiting.due + 3_s;
    if (flags_.automatic) return;
    const bool rings = has(event.card->flags, ExamFlag::asked_stat);
    say("request", row_of(*event.card),
        std::string(rings ? "\a!! " : "") + "demande : " + text_of(*event.card));
  }

  std::string text_of(const ExamCard& card) const {
    const Establishment* from = place_.directory->establishment(card.establishment);
    std::string text = place_.exam(card.exam) + ' ' + std::string(name_of(card.urgency)) + ' ' +
                       std::string(name_of(card.modality)) + ' ' +
                       std::string(name_of(card.region)) + ' ' + card.procedure + ", " +
                       (from ? from->name : std::string());
    if (has(card.flags, ExamFlag::phoned)) text += ", PAR TÉLÉPHONE";
    if (!card.callback_phone.empty()) text += ", rappel " + card.callback_phone;
    return on_one_line(text + cli::text_of(context_of(card)));
  }

  /// What somebody of the pair has to do, or waits for.
  static bool concerns_pair(const Event& event) {
    if (event.kind == EventKind::info_provided) return true;
    if (event.kind == EventKind::request_amended) return event.state != ExamState::requested;
    if (event.kind != EventKind::task_opened) return false;
    TaskKind task = TaskKind::none;
    if (!task_kind_of(event.text, task)) return false;
    const Role owner = owner_of(task);
    return owner == Role::assistant || owner == Role::regulator;
  }

  /// Somebody has it: he who claimed it, and who makes a pair with him.
  void left_waiting(const Event& event) {
    const auto waiting = waiting_.extract(event.exam);
    const bool at_work =
        event.state == ExamState::in_regulation || event.state == ExamState::needs_info;
    if (!at_work) return void(at_work_.erase(event.exam));
    if (waiting && !event.card) at_work_[event.exam] = waiting.mapped().card;
    if (event.card) at_work_[event.exam] = event.card;
    const bool by_other = event.by && event.by != place_.client.person;
    if (flags_.automatic || !by_other || event.kind != EventKind::regulation_claimed) return;
    say("taken", {{"exam", place_.exam(event.exam)}, {"by", place_.person(event.by)}},
        place_.exam(event.exam) + " prise par " + place_.person(event.by));
  }

  Json row_of(const ExamCard& card) const {
    return {
        {"exam", place_.exam(card.exam)},       {"modality", name_of(card.modality)},
        {"region", name_of(card.region)},       {"urgency", name_of(card.urgency)},
        {"placer_order", card.placer_order},    {"procedure", card.procedure},
        {"context", json_of(context_of(card))}, {"rings", has(card.flags, ExamFlag::asked_stat)}};
  }

  void work(BootTime now) override {
    if (!flags_.automatic || session_->state() == client::Session::State::lost) return;
    std::vector<ExamId> due;
    for (const auto& [exam, waiting] : waiting_) {
      if (now >= waiting.due && due.size() + session_->unanswered() < 16) due.push_back(exam);
    }
    for (const ExamId exam : due) {
      const auto card = waiting_[exam].card;
      waiting_.erase(exam);
      session_->send(Claim{exam}, [this, card](const Answer& answer) {
        if (answer.code == Errc::ok) judge(*card);
        // Else another has it, and will deal with it or give it back.
      });
    }
  }

  void judge(const ExamCard& card) {
    const Protocol* protocol = protocol_for(*place_.directory, card);
    if (!protocol) {
      session_->send(Refuse{card.exam, "aucun protocole pour cette modalité", true});
      return say("refused_by_rule", row_of(card), place_.exam(card.exam) + " : aucun protocole");
    }
    Accept accept;
    accept.exam = card.exam;
    accept.relevance = "pertinent";
    accept.protocol = protocol->code;
    accept.urgency = protocol->vital ? Urgency::p0 : card.urgency;
    if (card.modality == Modality::unknown) accept.modality = protocol->modality;
    if (card.region == Region::unknown) accept.region = protocol->region;
    give(card.exam, accept);
  }

  void give(ExamId exam, const Accept& accept) {
    session_->send(accept, [this, exam, accept](const Answer& answer) {
      if (answer.code != Errc::ok) return refused(accept, answer);
      say("accepted",
          {{"exam", place_.exam(exam)},
           {"protocol", accept.protocol},
           {"urgency", name_of(accept.urgency)},
           {"index", answer.index.value}},
          place_.exam(exam) + " : " + accept.protocol + ", " +
              std::string(name_of(accept.urgency)));
      claimed_.reset();
      done_one();
    });
  }

  void typed(const std::string& line) override {
    const auto blank = line.find(' ');
    const std::string verb = line.substr(0, blank);
    const std::string rest = blank == std::string::npos ? std::string() : line.substr(blank + 1);
    const bool judges = verb == "accepter" || verb == "refuser";
    if (verb == "liste") {
      list();
    } else if (verb == "taches") {
      list_tasks();
    } else if (verb == "protocoles") {
      for (const Protocol& p : place_.directory->protocols)
        say("protocol", {{"code", p.code}}, p.code + " : " + p.name);
    } else if (verb == "prendre") {
      claim(rest);
    } else if (auto told = command_in(line, role_, place_)) {
      obey(*session_, std::move(*told));
    } else if (judges && role_ != Role::regulator) {
      say_usage(verb + " : c'est au régulateur");
    } else if (!judges && verb != "question" && verb != "rendre") {
      say_words(line);
    } else if (!claimed_) {
      say("nothing", {}, verb + " : aucune demande prise ; prendre N d'abord");
    } else if (verb == "rendre") {
      act(ReleaseClaim{claimed_->exam});
    } else if (rest.empty()) {
      say_usage(verb + " : il manque " + (verb == "accepter" ? "le protocole" : "le motif"));
    } else if (verb == "accepter") {
      accept_typed(rest);
    } else if (verb == "refuser") {
      act(Refuse{claimed_->exam, rest, true});
    } else {
      act(AskInfo{claimed_->exam, rest});
    }
  }

  void list_tasks() {
    look_up(QueryKind::exams, "tasks", [this](const Json& reply) {
      bool any = false;
      for (const Json& row : reply.value("exams", Json::array())) {
        for (const Json& task : row.value("tasks", Json::array())) {
          const std::string owner = task.value("owner", "");
          if (owner != "assistant" && owner != "regulator") continue;
          any = true;
          Json told = task;
          told["exam"] = row.value("exam", "");
          say("task", told,
              row.value("exam", "") + " : " + task.value("task", "") + " (" + owner +
                  (task.value("overdue", false) ? ", en retard)" : ")"));
        }
      }
      if (!any) say("empty", {}, "rien à faire");
    });
  }

  void list() {
    for (const auto& [exam, waiting] : waiting_) {
      say("request", row_of(*waiting.card), text_of(*waiting.card));
    }
    for (const auto& [exam, card] : at_work_) {
      say("request", row_of(*card), text_of(*card) + ", prise ou en question");
    }
    if (waiting_.empty() && at_work_.empty()) say("empty", {}, "aucune demande en attente");
  }

  /// What waits; or what the other of the pair has, to go on with it.
  void claim(const std::string& number) {
    const auto card = card_of(number);
    if (!card) return say("nothing", {}, "aucune demande " + number);
    session_->send(Claim{card->exam}, [this, card](const Answer& answer) {
      if (answer.code != Errc::ok) return refused(Claim{card->exam}, answer);
      claimed_ = *card;
      say("claimed", row_of(*card), "prise : " + place_.exam(card->exam));
    });
  }

  std::shared_ptr<const ExamCard> card_of(const std::string& number) const {
    for (const auto& [exam, waiting] : waiting_) {
      if (place_.exam(exam) == number) return waiting.card;
    }
    for (const auto& [exam, card] : at_work_) {
      if (place_.exam(exam) == number) return card;
    }
    return nullptr;
  }

  void accept_typed(std::string code) {
    Accept accept;
    accept.exam = claimed_->exam;
    accept.relevance = "pertinent";
    accept.urgency = claimed_->urgency;
    const auto blank = code.rfind(' ');
    const bool is_named = place_.directory->protocol(code) != nullptr;
    if (!is_named && blank != std::string::npos) {
      const std::string last = code.substr(blank + 1);
      const bool is_urgency = urgency_of(last, accept.urgency);
      if (!is_urgency && place_.directory->protocol(code.substr(0, blank))) {
        return say("nothing", {}, last + " : l'urgence est p0, p1, p2 ou p3");
      }
      if (is_urgency) code.resize(blank);
    }
    const Protocol* protocol = place_.directory->protocol(code);
    if (!protocol) return say("nothing", {}, "protocole inconnu (protocoles) : " + code);
    accept.protocol = code;
    if (claimed_->modality == Modality::unknown) accept.modality = protocol->modality;
    give(claimed_->exam, accept);
  }

  /// About the request that is claimed, which is over with it.
  void act(const Command& command) {
    carry_out(*session_, command, [this](bool done) {
      if (done) claimed_.reset();
    });
  }

  void end() override { detach(*session_); }

  std::string left_behind() const override {
    return claimed_ ? place_.exam(claimed_->exam) +
                          " est prise, non traitée : à votre binôme, ou de retour dans la file"
                    : std::string();
  }

  struct Waiting {
    std::shared_ptr<const ExamCard> card;
    BootTime due;
  };
  Role role_ = Role::regulator;
  std::size_t share_, of_;
  client::Session* session_ = nullptr;
  std::map<ExamId, Waiting> waiting_;
  std::map<ExamId, std::shared_ptr<const ExamCard>> at_work_;  ///< claimed by somebody
  std::optional<ExamCard> claimed_;
};

int regulate(const Globals& globals, const DeskFlags& flags) {
  auto people = choose_people(globals, flags, Role::regulator);
  if (!people) return complain(people.error());
  std::vector<std::unique_ptr<DeskWorker>> workers;
  const std::size_t of = people->size();
  for (std::size_t i = 0; i < of; ++i) {
    workers.push_back(std::make_unique<Regulator>(globals, flags, std::move((*people)[i]), i, of));
  }
  return run_all(flags, std::move(workers));
}

}  // namespace

void add_regulate(CLI::App& app, Globals& globals, int& code) {
  auto* verb = app.add_subcommand(
      "regulate",
      "be a regulator, or his assistant: requests come up, are claimed, accepted with a protocol "
      "and an urgency, or refused. A regulator and an assistant with the same --post at the same "
      "centre are a pair, one unit: what one has claimed the other goes on with, and has when the "
      "one is gone; to accept and to refuse is the regulator's. JSON lines: op (connected, "
      "attached, request, taken, claimed, accepted, refused...), who, t, exam, protocol, urgency, "
      "context (code, text: what the hospital said, its answers under \"answer\")");
  auto flags = std::make_shared<DeskFlags>();
  add_desk_flags(*verb, *flags);
  verb->add_option("--think-seconds", flags->seconds, "with --auto: how long a judgement takes")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  verb->callback([&, flags] { code = regulate(globals, *flags); });
}

}  // namespace vigie::cli
