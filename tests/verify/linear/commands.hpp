// What each command wants and does, in the words of the domain's table of transitions (T1 to T31)
// and of the protocol's table of commands. Part of the model (model.hpp).
#pragma once

#include <initializer_list>
#include <string_view>
#include <type_traits>

#include "tests/verify/linear/model.hpp"

namespace vigie::linear {

struct Commands {
  Model& m;
  const Proposal& p;
  const Answer* seen;  ///< what its client was told; nullptr: nobody knows
  Prediction& out;

  Commands(Model& model, const Proposal& proposal, const Answer* answer, Prediction& prediction)
      : m(model), p(proposal), seen(answer), out(prediction) {}

  /// Fills in the prediction and changes the model as the answer, or else the prediction, says.
  void run();

  void operator()(const Attach& c);
  void operator()(const Detach& c);
  void operator()(const Submit& c);
  void operator()(const Amend& c);
  void operator()(const Cancel& c);
  void operator()(const Claim& c);
  void operator()(const ReleaseClaim& c);
  void operator()(const AskInfo& c);
  void operator()(const ProvideInfo& c);
  void operator()(const Accept& c);
  void operator()(const Refuse& c);
  void operator()(const AcquisitionStarted& c);
  void operator()(const ImagesProgress& c);
  void operator()(const AcquisitionComplete& c);
  void operator()(const SetReader& c);
  void operator()(const AcceptOffer& c);
  void operator()(const DeclineOffer& c);
  void operator()(const Release& c);
  void operator()(const Preliminary& c);
  void operator()(const Sign& c);
  void operator()(const SettleLate& c);
  void operator()(const DeliveryResult& c);
  void operator()(const ExpireSession& c);
  void operator()(const SiteContact& c);
  void operator()(const Tick& c);
  void operator()(const ClockCorrection& c);
  void operator()(const ApplyDirectory& c);
  void operator()(const ReviseProtocol& c);
  void operator()(const AckProtocol& c);
  void operator()(const SetUrgency& c);
  void operator()(const Hold& c);
  void operator()(const Resume& c);
  void operator()(const LinkOrder& c);
  void operator()(const AnswerCancel& c);
  void operator()(const CloseTask& c);
  void operator()(const Suspend& c);
  void operator()(const WantImages& c);
  void operator()(const TellResult& c);
  void operator()(const AskRead& c);
  void operator()(const ReviseReport& c);
  void operator()(const AckCritical& c);
  void operator()(const TakeOver& c);
  void operator()(const Direct& c);
  void operator()(const Pin& c);
  void operator()(const TakeDuty& c);
  void operator()(const OfferDuty& c);
  void operator()(const HandOver& c);
  void operator()(const AddFinding& c);
  void operator()(const SetSite& c);
  void operator()(const SetAway& c);
  void operator()(const SetShift& c);
  void operator()(const Bypass& c);
  void operator()(const Reopen& c);
  void operator()(const UnknownCommand&) { must(false, {Errc::unknown_command}); }
  /// What changes the federation itself is not predicted; it may change the directory.
  template <class C>
  void operator()(const C&) {
    out.predicted = false;
    m.directory_followed_ &= std::is_same_v<C, Checkpoint> || std::is_same_v<C, SetLevel>;
  }
  void operator()(const ChangeSite& c);

 private:
  using Codes = std::initializer_list<Errc>;
  using Exam = Model::Exam;

  /// Refused with one of the codes unless `holds`.
  void must(bool holds, Codes codes, std::string_view kind = "wrong_answer",
            std::string_view why = {});
  /// It may be refused so: the words do not decide.
  void may(bool undecided, Codes codes);
  /// Refused unless the exam is in one of `wanted`; undecided where it may be.
  void state(const Exam& exam, States wanted, Codes codes, std::string_view kind = "wrong_answer");
  Exam* named(ExamId id);
  Exam* named(const ExamRef& ref);
  /// The exam is this session's by this epoch; sets the reasons if it is not.
  void mine(const Exam& exam, Epoch epoch, States wanted);
  /// A regulator's: claimed by this session.
  void claimed(const Exam& exam);
  /// It took effect, as was answered, or as must be if nobody knows the answer. If nobody can know,
  /// the exam that was found by name is blurred.
  bool done();
  /// Nobody was told, and the words do not decide.
  bool undecided() const;
  void set(ExamId id, Exam& exam, States to);
  void authorise();
  void authorise_node();
  void authorise_duty(const Model::Session& s);
  void attached(SessionId id, const Attach& c, PersonId who);
  void leave(SiteId door);
  SessionId session_for(const Attach& c, PersonId who);
  bool is_full(SiteId site, SessionId but) const;

  /// What became of an order that was sent.
  enum class Fate { same, amended, fresh, unsure };
  Fate fate_of(const Request& r, const std::string& message) const;
  void take_order(const Request& r, const std::string& message, ExamId told);
  void take_told(const Request& r, const std::string& message, Fate fate, ExamId told);
  void take_fresh(const Request& r, const std::string& message, ExamId told);
  void amend(ExamId id, Exam& exam, const Request& r);
  void open_exam(ExamId id, const Request& r);
  void finish(ExamId id, Exam& exam, ReportId report);
  PersonId who() const { return m.sessions_.at(p.session).person; }
  Role role() const { return p.session ? m.sessions_.at(p.session).role : Role::node; }
  void reasoned(std::string_view reason);
  /// A hospital's people speak for their own house only.
  void of_his_house(const Exam& exam);
  void out_of_regulation(ExamId id, Exam& exam);
  void cancelled(ExamId id, Exam& exam);
  void wants_cancel(Exam& exam);
  /// Readings without which `exam` is not signed are open, surely or perhaps.
  bool awaits_others(const Exam& exam, bool surely) const;
  void may_ask(const Exam& exam, const AskRead& c);
  void take_child(const Exam& parent, ExamId id, const AskRead& c);
  void revised(ExamId id, Exam& exam, const ReviseReport& c);
  void joined(ExamId id, Exam& exam, const LinkOrder& c);
  void check_orders(const Submit& c);
  /// What TakeDuty is answered if that is how things stand.
  std::set<Errc> taken(const Model::Duty& duty, const TakeDuty& c) const;
  bool is_duty_head(PersonId person) const;
  /// A site lead's own centre, or whose the duty is.
  bool may_steer(SiteId site) const;
  /// Is the exam on the list of what its hospital's guard left unread?
  bool is_to_hand_over(const Exam& exam) const;
  void raise(ExamId id, Exam& exam, const Engine& engine, const std::string& finding);
  /// The agreements that may be in force, first those whose quota may be used up (O22).
  std::vector<const Agreement*> agreements_for(const Request& r, UtcTime at) const;

  ExamId id_;  ///< of the exam that was found by name
};

}  // namespace vigie::linear
