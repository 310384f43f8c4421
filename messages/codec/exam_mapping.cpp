// Exams, requests and events.
#include "messages/codec/fields.hpp"
#include "messages/codec/mapping.hpp"

namespace vigie::codec {
namespace {

void write(const ExamCard& from, schema::ExamCard::Builder to) {
  to.setExam(from.exam.value);
  write_epoch(from.epoch, to.getEpoch());
  to.setState(number<schema::ExamState>(from.state));
  to.setUrgency(number<schema::Urgency>(from.urgency));
  to.setModality(number<schema::Modality>(from.modality));
  to.setRegion(number<schema::Region>(from.region));
  to.setAgeClass(number<schema::AgeClass>(from.age_class));
  to.setFlags(static_cast<std::uint32_t>(from.flags));
  to.setEstablishment(from.establishment.value);
  to.setPlacerOrder(text(from.placer_order));
  to.setProcedure(text(from.procedure));
  to.setProtocol(text(from.protocol));
  if (!from.studies.empty()) write_texts(from.studies, to.initStudies(count(from.studies)));
  to.setImages(from.images);
  to.setReceivedAt(from.received_at.value);
  to.setReadyAt(from.ready_at.value);
  to.setDeadline(from.deadline.value);
  to.setOfferedUntil(from.offered_until.value);
  to.setCallbackPhone(text(from.callback_phone));
  to.setSealed(data(from.sealed));
  to.setParent(from.parent.value);
  to.setPurpose(number<schema::Purpose>(from.purpose));
  if (!from.priors.empty()) write_texts(from.priors, to.initPriors(count(from.priors)));
  if (from.answers.empty()) return;
  auto answers = to.initAnswers(count(from.answers));
  for (unsigned i = 0; i < answers.size(); ++i) answers.set(i, data(from.answers[i]));
}

void read(schema::ExamCard::Reader from, ExamCard& to) {
  to.exam = {from.getExam()};
  to.epoch = take_epoch(from.getEpoch());
  to.state = take_enum(from.getState(), ExamState::suspended, ExamState::none);
  to.urgency = need_enum(from.getUrgency(), Urgency::p3, "urgency");
  to.modality = take_enum(from.getModality(), Modality::other, Modality::unknown);
  to.region = take_enum(from.getRegion(), Region::whole_body, Region::unknown);
  to.age_class = take_enum(from.getAgeClass(), AgeClass::infant, AgeClass::unknown);
  to.flags = static_cast<ExamFlag>(from.getFlags());
  to.establishment = {from.getEstablishment()};
  to.placer_order = take_name(from.getPlacerOrder(), "placerOrder");
  to.procedure = take_text(from.getProcedure(), details_bytes, "procedure");
  to.protocol = take_name(from.getProtocol(), "protocol");
  read_texts(from.getStudies(), limits::studies_count, "studies", to.studies);
  to.images = from.getImages();
  to.received_at = {from.getReceivedAt()};
  to.ready_at = {from.getReadyAt()};
  to.deadline = {from.getDeadline()};
  to.offered_until = {from.getOfferedUntil()};
  to.callback_phone = take_name(from.getCallbackPhone(), "callbackPhone");
  to.sealed = take_data(from.getSealed(), limits::sealed_bytes, "sealed");
  to.parent = {from.getParent()};
  to.purpose = take_enum(from.getPurpose(), Purpose::region, Purpose::none);
  read_texts(from.getPriors(), limits::priors_count, "priors", to.priors);
  const auto answers = from.getAnswers();
  to.answers.reserve(bounded(answers, limits::answers_count, "answers"));
  for (const auto answer : answers) {
    to.answers.push_back(take_data(answer, limits::answer_bytes, "answer"));
  }
}

}  // namespace

void write(const OrderKey& from, schema::OrderKey::Builder to) {
  to.setLegalEntity(from.legal_entity.value);
  to.setAuthority(text(from.authority));
  to.setNumber(text(from.number));
}

void read(schema::OrderKey::Reader from, OrderKey& to) {
  to.legal_entity = {from.getLegalEntity()};
  to.authority = take_name(from.getAuthority(), "authority");
  to.number = take_name(from.getNumber(), "number");
}

void write(const ExamRef& from, schema::ExamRef::Builder to) {
  to.setId(from.id.value);
  if (from.key != OrderKey{}) write(from.key, to.initKey());
}

void read(schema::ExamRef::Reader from, ExamRef& to) {
  to.id = {from.getId()};
  if (from.hasKey()) read(from.getKey(), to.key);
}

void write(const Request& from, schema::ExamRequest::Builder to) {
  write(from.key, to.initKey());
  to.setEstablishment(from.establishment.value);
  to.setModality(number<schema::Modality>(from.modality));
  to.setRegion(number<schema::Region>(from.region));
  to.setSide(number<schema::Side>(from.side));
  to.setAgeClass(number<schema::AgeClass>(from.age_class));
  to.setAsked(number<schema::Urgency>(from.asked));
  to.setFlags(static_cast<std::uint32_t>(from.flags));
  to.setProcedure(text(from.procedure));
  if (!from.accessions.empty()) {
    write_texts(from.accessions, to.initAccessions(count(from.accessions)));
  }
  if (!from.studies.empty()) write_texts(from.studies, to.initStudies(count(from.studies)));
  write_bits(from.patient_key, to.getPatientKey());
  to.setCallbackPhone(text(from.callback_phone));
  to.setSealed(data(from.sealed));
  if (!from.protocol.empty()) to.setProtocol(text(from.protocol));
  to.setImagesComplete(from.images_complete);
  to.setImages(from.images);
  if (!from.priors.empty()) write_texts(from.priors, to.initPriors(count(from.priors)));
}

void read(schema::ExamRequest::Reader from, Request& to) {
  read(from.getKey(), to.key);
  to.establishment = {from.getEstablishment()};
  to.modality = take_enum(from.getModality(), Modality::other, Modality::unknown);
  to.region = take_enum(from.getRegion(), Region::whole_body, Region::unknown);
  to.side = take_enum(from.getSide(), Side::both, Side::none);
  to.age_class = take_enum(from.getAgeClass(), AgeClass::infant, AgeClass::unknown);
  to.asked = need_enum(from.getAsked(), Urgency::p3, "asked");
  to.flags = static_cast<ExamFlag>(from.getFlags());
  to.procedure = take_text(from.getProcedure(), details_bytes, "procedure");
  read_texts(from.getAccessions(), limits::accessions_count, "accessions", to.accessions);
  read_texts(from.getStudies(), limits::studies_count, "studies", to.studies);
  to.patient_key = take_bits(from.getPatientKey());
  to.callback_phone = take_name(from.getCallbackPhone(), "callbackPhone");
  to.sealed = take_data(from.getSealed(), limits::sealed_bytes, "sealed");
  to.protocol = take_name(from.getProtocol(), "protocol");
  to.images_complete = from.getImagesComplete();
  to.images = from.getImages();
  read_texts(from.getPriors(), limits::priors_count, "priors", to.priors);
}

void write(const Event& from, schema::Event::Builder to) {
  to.setKind(number<schema::EventKind>(from.kind));
  to.setUrgency(number<schema::Urgency>(from.urgency));
  to.setState(number<schema::ExamState>(from.state));
  to.setIndex(from.index.value);
  to.setAt(from.at.value);
  to.setExam(from.exam.value);
  to.setSession(from.session.value);
  to.setBy(from.by.value);
  to.setSite(from.site.value);
  write_epoch(from.epoch, to.getEpoch());
  if (!from.text.empty()) to.setText(text(from.text));
  if (from.card) write(*from.card, to.initCard());
}

void read(schema::Event::Reader from, Event& to) {
  to.kind = take_enum(from.getKind(), EventKind::exam_reopened, EventKind::none);
  to.urgency = need_enum(from.getUrgency(), Urgency::p3, "urgency");
  to.state = take_enum(from.getState(), ExamState::suspended, ExamState::none);
  to.index = {from.getIndex()};
  to.at = {from.getAt()};
  to.exam = {from.getExam()};
  to.session = {from.getSession()};
  to.by = {from.getBy()};
  to.site = {from.getSite()};
  to.epoch = take_epoch(from.getEpoch());
  to.text = take_text(from.getText(), details_bytes, "text");
  if (!from.hasCard()) return;
  auto card = std::make_shared<ExamCard>();
  read(from.getCard(), *card);
  to.card = std::move(card);
}

}  // namespace vigie::codec
