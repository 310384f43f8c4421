// Commands on their way in: one function each, and the hash that tells a repeated request from a
// number used twice.
#include <xxhash.h>

#include "messages/codec/fields.hpp"
#include "messages/codec/mapping.hpp"

namespace vigie::codec {
namespace {

namespace s = schema;

void take(s::Attach::Reader from, Attach& to) {
  to.session = {from.getSession()};
  to.incarnation = {from.getIncarnation()};
  to.person = {from.getPerson()};
  to.role = take_enum(from.getRole(), Role::agency, Role::none);
  to.site = {from.getSite()};
  to.post = take_name(from.getPost(), "post");
  to.accept = need_enum(from.getAccept(), AcceptMode::automatic, "accept");
}

void take(s::Detach::Reader, Detach&) {}

void take(s::Submit::Reader from, Submit& to) {
  read_list(from.getRequests(), limits::orders_per_message, "requests", to.requests,
            [](s::ExamRequest::Reader item, Request& request) { read(item, request); });
  to.message_id = take_name(from.getMessageId(), "messageId");
}

void take(s::Amend::Reader from, Amend& to) {
  read(from.getRequest(), to.request);
  to.message_id = take_name(from.getMessageId(), "messageId");
}

void take(s::Cancel::Reader from, Cancel& to) {
  read(from.getExam(), to.exam);
  to.reason = take_name(from.getReason(), "reason");
}

void take(s::Claim::Reader from, Claim& to) { to.exam = {from.getExam()}; }
void take(s::ReleaseClaim::Reader from, ReleaseClaim& to) { to.exam = {from.getExam()}; }

void take(s::AskInfo::Reader from, AskInfo& to) {
  to.exam = {from.getExam()};
  to.question = take_data(from.getQuestion(), limits::sealed_bytes, "question");
}

void take(s::ProvideInfo::Reader from, ProvideInfo& to) {
  read(from.getExam(), to.exam);
  to.text = take_data(from.getText(), limits::sealed_bytes, "text");
}

void take(s::Accept::Reader from, Accept& to) {
  to.exam = {from.getExam()};
  to.relevance = take_name(from.getRelevance(), "relevance");
  to.protocol = take_name(from.getProtocol(), "protocol");
  to.urgency = need_enum(from.getUrgency(), Urgency::p3, "urgency");
  to.modality = take_enum(from.getModality(), Modality::other, Modality::unknown);
  to.region = take_enum(from.getRegion(), Region::whole_body, Region::unknown);
}

void take(s::Refuse::Reader from, Refuse& to) {
  to.exam = {from.getExam()};
  to.reason = take_name(from.getReason(), "reason");
  to.called_back = from.getCalledBack();
}

void take(s::AcquisitionStarted::Reader from, AcquisitionStarted& to) {
  read(from.getExam(), to.exam);
}

void take(s::ImagesProgress::Reader from, ImagesProgress& to) {
  read(from.getExam(), to.exam);
  to.received = from.getReceived();
  to.expected = from.getExpected();
}

void take(s::AcquisitionComplete::Reader from, AcquisitionComplete& to) {
  read(from.getExam(), to.exam);
  read_texts(from.getAccessions(), limits::accessions_count, "accessions", to.accessions);
  read_texts(from.getStudies(), limits::studies_count, "studies", to.studies);
  to.images = from.getImages();
  to.partial = from.getPartial();
}

void take(s::SetReader::Reader from, SetReader& to) {
  to.mode = need_enum(from.getMode(), ReaderMode::rest, "mode");
  to.accept = need_enum(from.getAccept(), AcceptMode::automatic, "accept");
}

void take(s::AcceptOffer::Reader from, AcceptOffer& to) {
  to.exam = {from.getExam()};
  to.epoch = take_epoch(from.getEpoch());
}

void take(s::DeclineOffer::Reader from, DeclineOffer& to) {
  to.exam = {from.getExam()};
  to.epoch = take_epoch(from.getEpoch());
  to.reason = take_enum(from.getReason(), DeclineReason::other, DeclineReason::none);
}

void take(s::Release::Reader from, Release& to) {
  to.exam = {from.getExam()};
  to.epoch = take_epoch(from.getEpoch());
  to.reason = take_name(from.getReason(), "reason");
}

template <class Text>  // Preliminary, Sign
void take(s::ReportText::Reader from, Text& to) {
  to.exam = {from.getExam()};
  to.epoch = take_epoch(from.getEpoch());
  to.report = {from.getReport()};
  to.text = take_data(from.getText(), limits::report_bytes, "text");
  if constexpr (requires { to.critical; }) to.critical = take_name(from.getCritical(), "critical");
}

void take(s::SettleLate::Reader from, SettleLate& to) {
  to.exam = {from.getExam()};
  to.report = {from.getReport()};
  to.adopt = from.getAdopt();
}

void take(s::DeliveryResult::Reader from, DeliveryResult& to) {
  to.exam = {from.getExam()};
  to.version = {from.getVersion()};
  to.recipient = from.getRecipient();
  to.outcome = take_enum(from.getOutcome(), DeliveryOutcome::failed, DeliveryOutcome::none);
  to.detail = take_text(from.getDetail(), details_bytes, "detail");
}

void take(s::ExpireSession::Reader from, ExpireSession& to) {
  to.session = {from.getSession()};
  to.incarnation = {from.getIncarnation()};
}

void take(s::SiteContact::Reader from, SiteContact& to) {
  to.site = {from.getSite()};
  to.boot = {from.getBoot()};
  to.reachable = from.getReachable();
}

void take(s::Tick::Reader from, Tick& to) { to.new_leader = from.getNewLeader(); }

void take(s::Checkpoint::Reader from, Checkpoint& to) {
  to.index = {from.getIndex()};
  to.digest = take_bits(from.getDigest());
}

void take(s::ClockCorrection::Reader from, ClockCorrection& to) {
  to.offset_change = {from.getOffsetChangeMs()};
}

void take(s::SetLevel::Reader from, SetLevel& to) { to.level = {from.getLevel()}; }

void take(s::Directory::Reader from, ApplyDirectory& to) { read(from, to.directory); }

void take(s::ChangeSite::Reader from, ChangeSite& to) {
  to.what = need_enum(from.getWhat(), SiteChange::remove, "changeSite.what");
  read_site(from.getSite(), to.site);
}

void take(s::ReviseProtocol::Reader from, ReviseProtocol& to) {
  to.exam = {from.getExam()};
  to.protocol = take_name(from.getProtocol(), "protocol");
  to.reason = take_name(from.getReason(), "reason");
}

void take(s::AckProtocol::Reader from, AckProtocol& to) {
  read(from.getExam(), to.exam);
  to.version = from.getVersion();
}

void take(s::SetUrgency::Reader from, SetUrgency& to) {
  read(from.getExam(), to.exam);
  to.urgency = need_enum(from.getUrgency(), Urgency::p3, "urgency");
  to.reason = take_name(from.getReason(), "reason");
}

template <class Text>  // Hold, TakeOver
void take(s::ExamReason::Reader from, Text& to) {
  to.exam = {from.getExam()};
  to.reason = take_name(from.getReason(), "reason");
}

void take(s::Suspend::Reader from, Suspend& to) {
  to.exam = {from.getExam()};
  to.epoch = take_epoch(from.getEpoch());
}

void take(s::WantImages::Reader from, WantImages& to) {
  to.exam = {from.getExam()};
  to.epoch = take_epoch(from.getEpoch());
  to.reason = take_name(from.getReason(), "reason");
}

void take(s::Direct::Reader from, Direct& to) {
  to.exam = {from.getExam()};
  to.reader = {from.getReader()};
  to.reason = take_name(from.getReason(), "reason");
}

void take(s::Pin::Reader from, Pin& to) {
  to.exam = {from.getExam()};
  to.on = from.getOn();
  to.reason = take_name(from.getReason(), "reason");
}

void take(s::AnswerCancel::Reader from, AnswerCancel& to) {
  to.exam = {from.getExam()};
  to.granted = from.getGranted();
  to.reason = take_name(from.getReason(), "reason");
}

void take(s::TellResult::Reader from, TellResult& to) {
  to.exam = {from.getExam()};
  to.to = take_name(from.getTo(), "to");
  to.text = take_name(from.getText(), "text");
}

void take(s::ReviseReport::Reader from, ReviseReport& to) {
  to.exam = {from.getExam()};
  to.report = {from.getReport()};
  to.kind = take_enum(from.getKind(), ReportKind::withdrawal, ReportKind::none);
  to.text = take_data(from.getText(), limits::report_bytes, "text");
}

void take(s::CloseTask::Reader from, CloseTask& to) {
  to.exam = {from.getExam()};
  to.task = take_enum(from.getTask(), TaskKind::new_report, TaskKind::none);
  to.reason = take_name(from.getReason(), "reason");
}

void take(s::LinkOrder::Reader from, LinkOrder& to) {
  to.exam = {from.getExam()};
  read(from.getKey(), to.key);
}

void take(s::AskRead::Reader from, AskRead& to) {
  to.exam = {from.getExam()};
  to.purpose = take_enum(from.getPurpose(), Purpose::region, Purpose::none);
  to.skill = take_enum(from.getSkill(), Skill::paediatric, Skill::general);
  to.region = take_enum(from.getRegion(), Region::whole_body, Region::unknown);
  to.reader = {from.getReader()};
  to.is_mandatory = from.getMandatory();
  to.question = take_name(from.getQuestion(), "question");
}

void take(s::TakeDuty::Reader from, TakeDuty& to) {
  to.number = from.getNumber();
  to.deputy = {from.getDeputy()};
  read_ids(from.getSeen(), limits::hand_over_count, "seen", to.seen);
}

void take(s::OfferDuty::Reader from, OfferDuty& to) {
  to.number = from.getNumber();
  to.to = {from.getTo()};
}

void take(s::HandOver::Reader from, HandOver& to) {
  read(from.getExam(), to.exam);
  to.kept = from.getKept();
  to.reason = take_name(from.getReason(), "reason");
}

void take(s::AddFinding::Reader from, AddFinding& to) {
  read(from.getExam(), to.exam);
  to.engine = take_name(from.getEngine(), "engine");
  to.version = take_name(from.getVersion(), "version");
  to.finding = take_name(from.getFinding(), "finding");
}

void take(s::SetSite::Reader from, SetSite& to) {
  to.site = {from.getSite()};
  to.closed_posts = from.getClosedPosts();
  to.degraded = from.getDegraded();
  to.reason = take_name(from.getReason(), "reason");
}

void take(s::SetAway::Reader from, SetAway& to) {
  to.reader = {from.getReader()};
  to.reason = take_name(from.getReason(), "reason");
}

void take(s::SetShift::Reader from, SetShift& to) {
  if (from.hasBefore()) read_shift(from.getBefore(), to.before);
  if (from.hasAfter()) read_shift(from.getAfter(), to.after);
  to.reason = take_name(from.getReason(), "reason");
}

void take(s::Reopen::Reader from, Reopen& to) {
  to.exam = {from.getExam()};
  to.reason = take_name(from.getReason(), "reason");
  to.record = take_data(from.getRecord(), limits::reopened_bytes, "record");
}

}  // namespace

void read(schema::Command::Reader from, Command& to) {
  using W = schema::Command::Which;
  switch (from.which()) {
    // clang-format off
    case W::NONE: to = UnknownCommand{from.getNone()}; return;
    case W::ATTACH: return take(from.getAttach(), to.emplace<Attach>());
    case W::DETACH: return take(from.getDetach(), to.emplace<Detach>());
    case W::SUBMIT: return take(from.getSubmit(), to.emplace<Submit>());
    case W::AMEND: return take(from.getAmend(), to.emplace<Amend>());
    case W::CANCEL: return take(from.getCancel(), to.emplace<Cancel>());
    case W::CLAIM: return take(from.getClaim(), to.emplace<Claim>());
    case W::RELEASE_CLAIM: return take(from.getReleaseClaim(), to.emplace<ReleaseClaim>());
    case W::ASK_INFO: return take(from.getAskInfo(), to.emplace<AskInfo>());
    case W::PROVIDE_INFO: return take(from.getProvideInfo(), to.emplace<ProvideInfo>());
    case W::ACCEPT: return take(from.getAccept(), to.emplace<Accept>());
    case W::REFUSE: return take(from.getRefuse(), to.emplace<Refuse>());
    case W::ACQUISITION_STARTED:
      return take(from.getAcquisitionStarted(), to.emplace<AcquisitionStarted>());
    case W::IMAGES_PROGRESS: return take(from.getImagesProgress(), to.emplace<ImagesProgress>());
    case W::ACQUISITION_COMPLETE:
      return take(from.getAcquisitionComplete(), to.emplace<AcquisitionComplete>());
    case W::SET_READER: return take(from.getSetReader(), to.emplace<SetReader>());
    case W::ACCEPT_OFFER: return take(from.getAcceptOffer(), to.emplace<AcceptOffer>());
    case W::DECLINE_OFFER: return take(from.getDeclineOffer(), to.emplace<DeclineOffer>());
    case W::RELEASE: return take(from.getRelease(), to.emplace<Release>());
    case W::PRELIMINARY: return take(from.getPreliminary(), to.emplace<Preliminary>());
    case W::SIGN: return take(from.getSign(), to.emplace<Sign>());
    case W::SETTLE_LATE: return take(from.getSettleLate(), to.emplace<SettleLate>());
    case W::DELIVERY_RESULT: return take(from.getDeliveryResult(), to.emplace<DeliveryResult>());
    case W::EXPIRE_SESSION: return take(from.getExpireSession(), to.emplace<ExpireSession>());
    case W::SITE_CONTACT: return take(from.getSiteContact(), to.emplace<SiteContact>());
    case W::TICK: return take(from.getTick(), to.emplace<Tick>());
    case W::CHECKPOINT: return take(from.getCheckpoint(), to.emplace<Checkpoint>());
    case W::CLOCK_CORRECTION: return take(from.getClockCorrection(), to.emplace<ClockCorrection>());
    case W::SET_LEVEL: return take(from.getSetLevel(), to.emplace<SetLevel>());
    case W::CHANGE_SITE: return take(from.getChangeSite(), to.emplace<ChangeSite>());
    case W::APPLY_DIRECTORY: return take(from.getApplyDirectory(), to.emplace<ApplyDirectory>());
    case W::REVISE_PROTOCOL: return take(from.getReviseProtocol(), to.emplace<ReviseProtocol>());
    case W::ACK_PROTOCOL: return take(from.getAckProtocol(), to.emplace<AckProtocol>());
    case W::SET_URGENCY: return take(from.getSetUrgency(), to.emplace<SetUrgency>());
    case W::HOLD: return take(from.getHold(), to.emplace<Hold>());
    case W::RESUME: to = Resume{{from.getResume()}}; return;
    case W::SUSPEND: return take(from.getSuspend(), to.emplace<Suspend>());
    case W::WANT_IMAGES: return take(from.getWantImages(), to.emplace<WantImages>());
    case W::TAKE_OVER: return take(from.getTakeOver(), to.emplace<TakeOver>());
    case W::DIRECT: return take(from.getDirect(), to.emplace<Direct>());
    case W::PIN: return take(from.getPin(), to.emplace<Pin>());
    case W::ANSWER_CANCEL: return take(from.getAnswerCancel(), to.emplace<AnswerCancel>());
    case W::TELL_RESULT: return take(from.getTellResult(), to.emplace<TellResult>());
    case W::REVISE_REPORT: return take(from.getReviseReport(), to.emplace<ReviseReport>());
    case W::ACK_CRITICAL: return read(from.getAckCritical(), to.emplace<AckCritical>().exam);
    case W::CLOSE_TASK: return take(from.getCloseTask(), to.emplace<CloseTask>());
    case W::LINK_ORDER: return take(from.getLinkOrder(), to.emplace<LinkOrder>());
    case W::ASK_READ: return take(from.getAskRead(), to.emplace<AskRead>());
    case W::TAKE_DUTY: return take(from.getTakeDuty(), to.emplace<TakeDuty>());
    case W::OFFER_DUTY: return take(from.getOfferDuty(), to.emplace<OfferDuty>());
    case W::HAND_OVER: return take(from.getHandOver(), to.emplace<HandOver>());
    case W::ADD_FINDING: return take(from.getAddFinding(), to.emplace<AddFinding>());
    case W::SET_SITE: return take(from.getSetSite(), to.emplace<SetSite>());
    case W::SET_AWAY: return take(from.getSetAway(), to.emplace<SetAway>());
    case W::SET_SHIFT: return take(from.getSetShift(), to.emplace<SetShift>());
    case W::BYPASS: return take(from.getBypass(), to.emplace<Bypass>());
    case W::REOPEN: return take(from.getReopen(), to.emplace<Reopen>());
      // clang-format on
  }
  to = UnknownCommand{static_cast<std::uint16_t>(from.which())};
}

std::uint64_t content_hash(schema::Command::Reader command) {
  const auto words = capnp::canonicalize(command);
  return XXH3_64bits(words.begin(), words.size() * sizeof(capnp::word));
}

}  // namespace vigie::codec
