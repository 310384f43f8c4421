// Commands on their way out: one function each.
#include "messages/codec/fields.hpp"
#include "messages/codec/mapping.hpp"

namespace vigie::codec {
namespace {

using To = schema::Command::Builder;

void put(const UnknownCommand& from, To to) { to.setNone(from.number); }

void put(const Attach& from, To to) {
  auto out = to.initAttach();
  out.setSession(from.session.value);
  out.setIncarnation(from.incarnation.value);
  out.setPerson(from.person.value);
  out.setRole(number<schema::Role>(from.role));
  out.setSite(from.site.value);
  out.setPost(text(from.post));
  out.setAccept(number<schema::AcceptMode>(from.accept));
}

void put(const Detach&, To to) { to.initDetach(); }

void put(const Submit& from, To to) {
  auto out = to.initSubmit();
  write_list(from.requests, out.initRequests(count(from.requests)),
             [](const Request& request, auto slot) { write(request, slot); });
  out.setMessageId(text(from.message_id));
}

void put(const Amend& from, To to) {
  auto out = to.initAmend();
  write(from.request, out.initRequest());
  out.setMessageId(text(from.message_id));
}

void put(const Cancel& from, To to) {
  auto out = to.initCancel();
  write(from.exam, out.initExam());
  out.setReason(text(from.reason));
}

void put(const Claim& from, To to) { to.initClaim().setExam(from.exam.value); }
void put(const ReleaseClaim& from, To to) { to.initReleaseClaim().setExam(from.exam.value); }

void put(const AskInfo& from, To to) {
  auto out = to.initAskInfo();
  out.setExam(from.exam.value);
  out.setQuestion(data(from.question));
}

void put(const ProvideInfo& from, To to) {
  auto out = to.initProvideInfo();
  write(from.exam, out.initExam());
  out.setText(data(from.text));
}

void put(const Accept& from, To to) {
  auto out = to.initAccept();
  out.setExam(from.exam.value);
  out.setRelevance(text(from.relevance));
  out.setProtocol(text(from.protocol));
  out.setUrgency(number<schema::Urgency>(from.urgency));
  out.setModality(number<schema::Modality>(from.modality));
  out.setRegion(number<schema::Region>(from.region));
}

void put(const Refuse& from, To to) {
  auto out = to.initRefuse();
  out.setExam(from.exam.value);
  out.setReason(text(from.reason));
  out.setCalledBack(from.called_back);
}

void put(const AcquisitionStarted& from, To to) {
  write(from.exam, to.initAcquisitionStarted().initExam());
}

void put(const ImagesProgress& from, To to) {
  auto out = to.initImagesProgress();
  write(from.exam, out.initExam());
  out.setReceived(from.received);
  out.setExpected(from.expected);
}

void put(const AcquisitionComplete& from, To to) {
  auto out = to.initAcquisitionComplete();
  write(from.exam, out.initExam());
  write_texts(from.accessions, out.initAccessions(count(from.accessions)));
  write_texts(from.studies, out.initStudies(count(from.studies)));
  out.setImages(from.images);
  out.setPartial(from.partial);
}

void put(const SetReader& from, To to) {
  auto out = to.initSetReader();
  out.setMode(number<schema::ReaderMode>(from.mode));
  out.setAccept(number<schema::AcceptMode>(from.accept));
}

void put(const AcceptOffer& from, To to) {
  auto out = to.initAcceptOffer();
  out.setExam(from.exam.value);
  write_epoch(from.epoch, out.getEpoch());
}

void put(const DeclineOffer& from, To to) {
  auto out = to.initDeclineOffer();
  out.setExam(from.exam.value);
  write_epoch(from.epoch, out.getEpoch());
  out.setReason(number<schema::DeclineReason>(from.reason));
}

void put(const Release& from, To to) {
  auto out = to.initRelease();
  out.setExam(from.exam.value);
  write_epoch(from.epoch, out.getEpoch());
  out.setReason(text(from.reason));
}

template <class Text>
void put_report(const Text& from, schema::ReportText::Builder out) {
  out.setExam(from.exam.value);
  write_epoch(from.epoch, out.getEpoch());
  out.setReport(from.report.value);
  out.setText(data(from.text));
}
void put(const Preliminary& from, To to) { put_report(from, to.initPreliminary()); }
void put(const Sign& from, To to) {
  auto out = to.initSign();
  put_report(from, out);
  if (!from.critical.empty()) out.setCritical(text(from.critical));
}

void put(const SettleLate& from, To to) {
  auto out = to.initSettleLate();
  out.setExam(from.exam.value);
  out.setReport(from.report.value);
  out.setAdopt(from.adopt);
}

void put(const DeliveryResult& from, To to) {
  auto out = to.initDeliveryResult();
  out.setExam(from.exam.value);
  out.setVersion(from.version.value);
  out.setRecipient(from.recipient);
  out.setOutcome(number<schema::DeliveryOutcome>(from.outcome));
  out.setDetail(text(from.detail));
}

void put(const ExpireSession& from, To to) {
  auto out = to.initExpireSession();
  out.setSession(from.session.value);
  out.setIncarnation(from.incarnation.value);
}

void put(const SiteContact& from, To to) {
  auto out = to.initSiteContact();
  out.setSite(from.site.value);
  out.setBoot(from.boot.value);
  out.setReachable(from.reachable);
}

void put(const Tick& from, To to) { to.initTick().setNewLeader(from.new_leader); }

void put(const Checkpoint& from, To to) {
  auto out = to.initCheckpoint();
  out.setIndex(from.index.value);
  write_bits(from.digest, out.initDigest());
}

void put(const ClockCorrection& from, To to) {
  to.initClockCorrection().setOffsetChangeMs(from.offset_change.value);
}

void put(const SetLevel& from, To to) { to.initSetLevel().setLevel(from.level.value); }

void put(const ApplyDirectory& from, To to) { write(from.directory, to.initApplyDirectory()); }

void put(const ChangeSite& from, To to) {
  auto out = to.initChangeSite();
  out.setWhat(number<schema::SiteChange>(from.what));
  write_site(from.site, out.initSite());
}

void put(const ReviseProtocol& from, To to) {
  auto out = to.initReviseProtocol();
  out.setExam(from.exam.value);
  out.setProtocol(text(from.protocol));
  out.setReason(text(from.reason));
}

void put(const AckProtocol& from, To to) {
  auto out = to.initAckProtocol();
  write(from.exam, out.initExam());
  out.setVersion(from.version);
}

void put(const SetUrgency& from, To to) {
  auto out = to.initSetUrgency();
  write(from.exam, out.initExam());
  out.setUrgency(number<schema::Urgency>(from.urgency));
  out.setReason(text(from.reason));
}

template <class Command>
void put_reason(const Command& from, schema::ExamReason::Builder out) {
  out.setExam(from.exam.value);
  out.setReason(text(from.reason));
}

void put(const Hold& from, To to) { put_reason(from, to.initHold()); }
void put(const TakeOver& from, To to) { put_reason(from, to.initTakeOver()); }
void put(const Bypass& from, To to) { put_reason(from, to.initBypass()); }
void put(const Resume& from, To to) { to.setResume(from.exam.value); }

void put(const Suspend& from, To to) {
  auto out = to.initSuspend();
  out.setExam(from.exam.value);
  write_epoch(from.epoch, out.getEpoch());
}

void put(const WantImages& from, To to) {
  auto out = to.initWantImages();
  out.setExam(from.exam.value);
  write_epoch(from.epoch, out.getEpoch());
  out.setReason(text(from.reason));
}

void put(const Direct& from, To to) {
  auto out = to.initDirect();
  out.setExam(from.exam.value);
  out.setReader(from.reader.value);
  out.setReason(text(from.reason));
}

void put(const Pin& from, To to) {
  auto out = to.initPin();
  out.setExam(from.exam.value);
  out.setOn(from.on);
  out.setReason(text(from.reason));
}

void put(const AnswerCancel& from, To to) {
  auto out = to.initAnswerCancel();
  out.setExam(from.exam.value);
  out.setGranted(from.granted);
  out.setReason(text(from.reason));
}

void put(const TellResult& from, To to) {
  auto out = to.initTellResult();
  out.setExam(from.exam.value);
  out.setTo(text(from.to));
  out.setText(text(from.text));
}

void put(const ReviseReport& from, To to) {
  auto out = to.initReviseReport();
  out.setExam(from.exam.value);
  out.setReport(from.report.value);
  out.setKind(number<schema::ReportKind>(from.kind));
  out.setText(data(from.text));
}

void put(const AckCritical& from, To to) { write(from.exam, to.initAckCritical()); }

void put(const CloseTask& from, To to) {
  auto out = to.initCloseTask();
  out.setExam(from.exam.value);
  out.setTask(number<schema::TaskKind>(from.task));
  out.setReason(text(from.reason));
}

void put(const LinkOrder& from, To to) {
  auto out = to.initLinkOrder();
  out.setExam(from.exam.value);
  write(from.key, out.initKey());
}

void put(const AskRead& from, To to) {
  auto out = to.initAskRead();
  out.setExam(from.exam.value);
  out.setPurpose(number<schema::Purpose>(from.purpose));
  out.setSkill(number<schema::Skill>(from.skill));
  out.setRegion(number<schema::Region>(from.region));
  out.setReader(from.reader.value);
  out.setMandatory(from.is_mandatory);
  out.setQuestion(text(from.question));
}

void put(const TakeDuty& from, To to) {
  auto out = to.initTakeDuty();
  out.setNumber(from.number);
  out.setDeputy(from.deputy.value);
  write_ids(from.seen, out.initSeen(count(from.seen)));
}

void put(const OfferDuty& from, To to) {
  auto out = to.initOfferDuty();
  out.setNumber(from.number);
  out.setTo(from.to.value);
}

void put(const HandOver& from, To to) {
  auto out = to.initHandOver();
  write(from.exam, out.initExam());
  out.setKept(from.kept);
  out.setReason(text(from.reason));
}

void put(const AddFinding& from, To to) {
  auto out = to.initAddFinding();
  write(from.exam, out.initExam());
  out.setEngine(text(from.engine));
  out.setVersion(text(from.version));
  out.setFinding(text(from.finding));
}

void put(const SetSite& from, To to) {
  auto out = to.initSetSite();
  out.setSite(from.site.value);
  out.setClosedPosts(from.closed_posts);
  out.setDegraded(from.degraded);
  out.setReason(text(from.reason));
}

void put(const SetAway& from, To to) {
  auto out = to.initSetAway();
  out.setReader(from.reader.value);
  out.setReason(text(from.reason));
}

void put(const SetShift& from, To to) {
  auto out = to.initSetShift();
  if (from.before.person) write_shift(from.before, out.initBefore());
  if (from.after.person) write_shift(from.after, out.initAfter());
  out.setReason(text(from.reason));
}
void put(const Reopen& from, To to) {
  auto out = to.initReopen();
  out.setExam(from.exam.value);
  out.setReason(text(from.reason));
  out.setRecord(data(from.record));
}

}  // namespace

void write(const Command& from, schema::Command::Builder to) {
  std::visit([to](const auto& command) { put(command, to); }, from);
}

}  // namespace vigie::codec
