# The bytes of Vigie: what clients and nodes say to each other, what nodes say among themselves, and
# what the replicated log holds. This file is the reference; messages/README.md is the guide to it.
#
# How to read it
#   - One ZeroMQ message body is one Cap'n Proto message in the standard stream framing: ClientFrame
#     from a client, NodeFrame to a client, PeerFrame between nodes. A log entry holds a Proposal.
#   - 0 means "none" for every id. `ms` are milliseconds. Moments are federation time: milliseconds
#     that start near UTC 1970 and never go back; 0 is never.
#   - Text is UTF-8. Data is bytes of others, carried as they are: a hospital's text may be in any
#     character set, and identity may be sealed.
#   - Sizes are in bytes and refused beyond (Errc too_large): `name` 128, `details` 1,024, `sealed`
#     16,384, `report` 32,768. A field's comment names its bound where it is not `name`.
#   - Numbers of enumerants and union members are stable and never used again. A reader takes an
#     enumerant that it does not know for the first one where that is `none` or `unknown`, and
#     refuses the message with bad_value where it is not.
#   - Evolution: fields and members are only ever added, at the end. A node that does not know a
#     command answers unknown_command with the request's number; it never drops one.
#   - No patient in clear: only what routing needs (age class, modality, region, urgency, a keyed
#     hash of the patient's number) is outside `sealed`.

@0xbd1f6a2c4e9053d7;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("vigie::schema");

# ==================================================================================================
# Between a client and a node. Frames of at most 65,536 bytes, 10 levels of nesting; one of an
# administrator's key that holds an applyDirectory request and nothing else: 262,144 bytes.

struct ClientFrame {
  # One body frame from a client to a node: a batch, handled in order.

  messages @0 :List(ClientMessage);
  # 1 to 4,096. One that cannot be decoded spoils the frame: the node answers with a Complaint and
  # does nothing of it.
}

struct ClientMessage {
  body :union {
    none @0 :Void;
    # So that a zeroed message is not a request. Refused as malformed.

    hello @1 :Hello;
    # First on every connection.

    request :group {
      # A numbered command. Answered by exactly one NodeMessage.answer (again, if sent again).

      session @2 :UInt64;
      # A random number that the client drew once, before its first Attach.

      incarnation @3 :UInt32;
      # The one that the last Attach was answered with.

      request @4 :UInt64;
      # 1, 2, ... in each incarnation, without holes. Attach itself is 0.

      seen @5 :UInt64;
      # Highest log index the client has seen, in an answer or as a cursor: the node answers only
      # once it has applied that much.

      command @6 :Command;
    }

    renew @7 :Renew;
    subscribe @8 :Subscribe;
    query @9 :Query;
  }
}

struct Hello {
  # Who is there is known from the CURVE key. Nothing else is served before the Welcome.

  federation @0 :Text;
  # The federation that the client means; empty: any. Another one: wrong_federation.

  versionMin @1 :UInt16;
  versionMax @2 :UInt16;
  # Versions of this protocol that the client speaks. This file is version 1. The node takes the
  # highest that both speak, or complains with wrong_version.

  program @3 :Text;
  # Name and version, for the node's log.
}

struct Renew {
  # "I am alive": renews the lease of everything that the session holds. Send one each 5 s, or
  # each sixth of the last lease, whichever is less.

  session @0 :UInt64;
  incarnation @1 :UInt32;

  mark @2 :UInt64;
  # The client's own clock when it sent this, in a unit of its own; echoed in RenewAck. The lease
  # counts from that moment, never from the ack's arrival.
}

struct Subscribe {
  # Starts a stream of covers, or restarts it from another cursor.

  subscription @0 :UInt32;
  # The client's name for it, echoed in each Cover and Gap. One already in use is replaced.

  desk @1 :Desk;

  session @2 :UInt64;
  # For desks reader and regulator: whose desk.

  from @3 :UInt64;
  # The cursor: events of log indexes > from. 0: from now on, beginning with a fresh view (a Gap).
}

enum Desk {
  none @0;
  # Ends the subscription of that number.
  all @1;
  # Every event; to a hospital's people (requester, technologist, gateway) those of its exams. Not for support
  # nor for an agency.
  reader @2;
  # What concerns the session's reader: his offers, what he holds.
  regulator @3;
  # What waits for regulation, for information, for images.
}

struct Query {
  # A question about the room as this node has applied it. Answered in JSON, in pieces.

  query @0 :UInt64;
  # The client's number for it, echoed.

  kind @1 :QueryKind;

  argument @2 :Text;
  # An exam number for `exam` and `why`, a filter for lists, a byte offset for `directory`.

  seen @3 :UInt64;
  # As in a request.

  linearizable @4 :Bool;
  # Ask the leader first, so that everything acknowledged before is in the answer.
}

enum QueryKind {
  none @0;
  status @1;
  exams @2;
  exam @3;
  why @4;
  readers @5;
  directory @6;
  # The directory that this node has applied, a part of at most 32 KiB of a `Directory` message's
  # bytes from the argument on (decimal; empty: 0). Reply: version, bytes (of the whole), offset,
  # part (Base64). Parts of different versions do not belong together: begin anew. It has public
  # keys only. No directory yet: not_found; an offset beyond its end: bad_value.
  roster @7;
  # Who is on guard now and within the next day, and who of them is there.
  incidents @8;
  # What does not work: deliveries, images that do not come, centres. No clinical text.
  aggregates @9;
  # Figures of an area, of the exams that the room holds; the argument is an area's id, or empty:
  # all. Counts under 5 are not told. Who has no other role than agency is answered this only, and
  # for its own area.
}

struct NodeFrame {
  # One body frame from a node to a client: a batch, in order.

  messages @0 :List(NodeMessage);
}

struct NodeMessage {
  body :union {
    none @0 :Void;
    welcome @1 :Welcome;
    answer @2 :ClientAnswer;
    renewAck @3 :RenewAck;
    cover @4 :Cover;
    gap @5 :Gap;
    reply @6 :QueryReply;
    complaint @7 :Complaint;
  }
  # A client skips a member that it does not know.
}

struct Welcome {
  # Answer to Hello: who this node is and as whom it sees the client.

  federation @0 :Text;
  version @1 :UInt16;
  # Spoken from now on.
  level @2 :UInt16;
  # The room's level: commands of a higher one are answered level_too_low.
  site @3 :UInt16;
  siteName @4 :Text;
  instance @5 :Bits128;
  # The node's data folder, and its starts: both differ after a reinstallation.
  boot @6 :UInt32;
  mode @7 :NodeMode;
  applied @8 :UInt64;
  # Log index that this node has applied.
  key @9 :UInt32;
  person @10 :UInt32;
  # Whom the client's key stands for in the directory.
  concentrator @11 :Bool;
  # This key may attach sessions of any person of its centre.
}

enum NodeMode {
  starting @0;
  connected @1;
  island @2;
  # Cut off from the majority: takes requests and reports, answers on its own disk.
  quarantined @3;
  # Its data are not to be trusted: use another centre.
  stopping @4;
  halted @5;
  # Applies nothing more (apply_halted): shows what it knows, takes no commands; use another centre.
}

struct ClientAnswer {
  session @0 :UInt64;
  incarnation @1 :UInt32;
  # Those of the request.
  answer @2 :Answer;
}

struct Answer {
  code @0 :UInt16;
  # 0: done. Else a number of the catalogue in messages/README.md: what was wrong, what to do.
  request @1 :UInt64;
  # Echoed.
  index @2 :UInt64;
  # Log index where it was applied; a duplicate names the first.
  exam @3 :UInt64;
  # Submit: the first exam. Others: the exam it was about.
  epoch :group {
    # Current epoch of that exam, where it matters.
    origin @4 :UInt64;
    index @5 :UInt64;
  }
  session @6 :UInt64;
  # Attach: the session to use, which may be an older one of the same person and role.
  incarnation @7 :UInt32;
  # Attach: the incarnation of every later request.
  next @8 :UInt64;
  # Attach and retry_from: the next request number expected.
  duplicate @9 :Bool;
  # This request had been applied before; the answer is the first one's.
  text @10 :Text;
  # For people, such as the recourse centre and its phone; at most `details`.
  exams @11 :List(UInt64);
  # Submit of several requests: all exams, in the order of the requests. At most 16.
}

struct RenewAck {
  # The leader's own answer, relayed.
  session @0 :UInt64;
  incarnation @1 :UInt32;
  mark @2 :UInt64;
  # Echoed.
  leaseMs @3 :Int64;
  # Everything held may be offered to others this long after the mark. The holder stops at 9/10.
  code @4 :UInt16;
  # 0, or superseded, no_session, no_leader: then nothing was renewed.
}

struct Cover {
  # Every event for this subscription of log indexes in (from, to]; the client takes it only if
  # `from` is its cursor, and `to` is its new cursor. Without events it is a heartbeat.
  # to == from with events: a first part of what the next Cover of this subscription completes.
  subscription @0 :UInt32;
  from @1 :UInt64;
  to @2 :UInt64;
  events @3 :List(Event);
  # At most 4,096.
}

struct Gap {
  # Events of (from, to] are no longer retained, or were not asked for. `view` is what the desk
  # shows at `to`, and replaces what it showed.
  # to == from with a view: a first part; the parts up to the Gap with to > from are one view.
  subscription @0 :UInt32;
  from @1 :UInt64;
  to @2 :UInt64;
  view @3 :List(Event);
  # At most 4,096.
}

struct QueryReply {
  query @0 :UInt64;
  code @1 :UInt16;
  asOf @2 :UInt64;
  # Log index of the state that was looked at.
  last @3 :Bool;
  # False: more pieces of the same reply follow; join their `json` in order.
  json @4 :Data;
  # UTF-8. Keys are English and stable, times ISO-8601 UTC. A piece may end within a character.
}

struct Complaint {
  # About a frame that cannot be answered otherwise. Nothing of that frame was done.
  code @0 :UInt16;
  what @1 :Text;
  # At most `details`.
}

# ==================================================================================================
# Commands: everything that can change the room.

struct Command {
  # The numbers of the union are the commands' numbers: stable in logs and on the wire.
  union {
    none @0 :UInt16;
    # No command. Where a node relays a command that it does not know: that command's number.
    attach @1 :Attach;
    detach @2 :Detach;
    submit @3 :Submit;
    amend @4 :Amend;
    cancel @5 :Cancel;
    claim @6 :Claim;
    releaseClaim @7 :ReleaseClaim;
    askInfo @8 :AskInfo;
    provideInfo @9 :ProvideInfo;
    accept @10 :Accept;
    refuse @11 :Refuse;
    acquisitionStarted @12 :AcquisitionStarted;
    imagesProgress @13 :ImagesProgress;
    acquisitionComplete @14 :AcquisitionComplete;
    setReader @15 :SetReader;
    acceptOffer @16 :AcceptOffer;
    declineOffer @17 :DeclineOffer;
    release @18 :Release;
    preliminary @19 :ReportText;
    # A preliminary text: shown to the requester, may be replaced.
    sign @20 :ReportText;
    # A validated report. Kept whatever its epoch: one of another epoch is filed as late.
    settleLate @21 :SettleLate;
    deliveryResult @22 :DeliveryResult;
    expireSession @23 :ExpireSession;
    siteContact @24 :SiteContact;
    tick @25 :Tick;
    checkpoint @26 :Checkpoint;
    clockCorrection @27 :ClockCorrection;
    setLevel @28 :SetLevel;
    applyDirectory @29 :Directory;
    # Replaces the directory. Its version must be the current one + 1.
    changeSite @30 :ChangeSite;
    reviseProtocol @31 :ReviseProtocol;
    ackProtocol @32 :AckProtocol;
    setUrgency @33 :SetUrgency;
    hold @34 :ExamReason;
    # Paused. What is being read only the duty head may pause: it leaves its reader's hand.
    resume @35 :UInt64;
    # The exam: ends hold, or by its reader suspend.
    suspend @36 :Suspend;
    wantImages @37 :WantImages;
    takeOver @38 :ExamReason;
    # By the duty head: out of its reader's hand, or out of an offer.
    direct @39 :Direct;
    pin @40 :Pin;
    answerCancel @41 :AnswerCancel;
    tellResult @42 :TellResult;
    reviseReport @43 :ReviseReport;
    ackCritical @44 :ExamRef;
    # By the hospital, or by who told it on the phone.
    closeTask @45 :CloseTask;
    linkOrder @46 :LinkOrder;
    askRead @47 :AskRead;
    takeDuty @48 :TakeDuty;
    offerDuty @49 :OfferDuty;
    handOver @50 :HandOver;
    addFinding @51 :AddFinding;
    setSite @52 :SetSite;
    setAway @53 :SetAway;
    setShift @54 :SetShift;
    bypass @55 :ExamReason;
    # By the duty head: to the readers at once, without a protocol.
    reopen @56 :Reopen;
  }
}

struct Attach {
  # Opens a session, or takes it over from any centre. Older incarnations get `superseded`.
  session @0 :UInt64;
  incarnation @1 :UInt32;
  # 1, or the current one + 1.
  person @2 :UInt32;
  # 0: the key's own person. Another one only with a concentrator's key.
  role @3 :Role;
  # Deny by default: this role's rights, not the person's.
  site @4 :UInt16;
  # The guard centre at whose post the person sits; 0: none.
  post @5 :Text;
  # Its name; a reader's is one of Site.enrolled, where there are any.
  accept @6 :AcceptMode;
}

enum AcceptMode {
  manual @0;
  # Each offer is accepted by hand (AcceptOffer).
  automatic @1;
  # The reader has asked for the next exam, whatever it is.
}

struct Detach {
  # Ends the session. What it held goes back.
}

struct Submit {
  # n requests of one message: one commit, all or none. A repeated order key is the same exam.
  requests @0 :List(ExamRequest);
  # 1 to 16.
  messageId @1 :Text;
  # MSH-10, or the client's own reference. Echoed, never compared.
}

struct Amend {
  # The hospital changed its order (HL7 XO). Urgency may rise, never fall.
  request @0 :ExamRequest;
  messageId @1 :Text;
}

struct Cancel {
  exam @0 :ExamRef;
  reason @1 :Text;
}

struct Claim {
  # A regulator takes the exam for regulation, for a lease of minutes.
  exam @0 :UInt64;
}

struct ReleaseClaim {
  exam @0 :UInt64;
}

struct AskInfo {
  # The exam waits until the requester has answered.
  exam @0 :UInt64;
  question @1 :Data;
  # 1 to 128 bytes. After 8 answers no more: limit_reached.
}

struct ProvideInfo {
  exam @0 :ExamRef;
  text @1 :Data;
  # Clinical text, opaque to nodes; 1 to 1,024 bytes. Kept beside `sealed`, shown with ExamCard.
}

struct Accept {
  # The exam is relevant and made with this protocol.
  exam @0 :UInt64;
  relevance @1 :Text;
  # Coded.
  protocol @2 :Text;
  # A code of the directory's catalogue.
  urgency @3 :Urgency;
  modality @4 :Modality;
  # For a request that named none; else unknown.
  region @5 :Region;
}

struct Refuse {
  exam @0 :UInt64;
  reason @1 :Text;
  calledBack @2 :Bool;
  # The requester was told on the phone.
}

struct AcquisitionStarted {
  exam @0 :ExamRef;
}

struct ImagesProgress {
  exam @0 :ExamRef;
  received @1 :UInt32;
  expected @2 :UInt32;
  # 0: not known.
}

struct AcquisitionComplete {
  # All images are where readers can open them.
  exam @0 :ExamRef;
  accessions @1 :List(Text);
  # At most 16.
  studies @2 :List(Text);
  # StudyInstanceUIDs, at most 16.
  images @3 :UInt32;
  partial @4 :Bool;
  # Forced by a regulator before all were there.
}

struct SetReader {
  mode @0 :ReaderMode;
  accept @1 :AcceptMode;
}

enum ReaderMode {
  off @0;
  free @1;
  # May be offered the next exam.
  away @2;
  # Back in a moment.
  rest @3;
  # Asleep, may be called.
}

struct AcceptOffer {
  exam @0 :UInt64;
  epoch :group {
    # As the offer's event gave it. Another one is answered `stale`.
    origin @1 :UInt64;
    index @2 :UInt64;
  }
}

struct DeclineOffer {
  exam @0 :UInt64;
  epoch :group {
    origin @1 :UInt64;
    index @2 :UInt64;
  }
  reason @3 :DeclineReason;
}

enum DeclineReason {
  none @0;
  images @1;
  skill @2;
  conflict @3;
  other @4;
}

struct Release {
  # The reader gives the exam back.
  exam @0 :UInt64;
  epoch :group {
    origin @1 :UInt64;
    index @2 :UInt64;
  }
  reason @3 :Text;
}

struct ReportText {
  exam @0 :UInt64;
  epoch :group {
    # Of the assignment that its author holds or held.
    origin @1 :UInt64;
    index @2 :UInt64;
  }
  report @3 :UInt64;
  # Drawn at random by the reader's client, once for each text: signing twice is one report.
  text @4 :Data;
  # At most `report`.
  critical @5 :Text;
  # Of sign only: coded finding that the hospital must acknowledge.
}

struct ExamReason {
  exam @0 :UInt64;
  reason @1 :Text;
  # Not empty; kept with the exam.
}

struct ReviseProtocol {
  # By a regulator, before acquisition: a new version, to be acknowledged anew.
  exam @0 :UInt64;
  protocol @1 :Text;
  # A code of the directory's catalogue.
  reason @2 :Text;
}

struct AckProtocol {
  # The technologist has seen the protocol.
  exam @0 :ExamRef;
  version @1 :UInt16;
  # 1 is the first.
}

struct SetUrgency {
  # By a hospital upwards only, to p1 at most; by a regulator or the duty head to any class.
  exam @0 :ExamRef;
  urgency @1 :Urgency;
  reason @2 :Text;
}

struct Suspend {
  # The reader sets a p2 or p3 aside for a p0. One at a time; it returns when the p0 is signed.
  exam @0 :UInt64;
  epoch :group {
    origin @1 :UInt64;
    index @2 :UInt64;
  }
}

struct WantImages {
  # More images are needed. Back to acquisition; then the exam is kept for its reader.
  exam @0 :UInt64;
  epoch :group {
    origin @1 :UInt64;
    index @2 :UInt64;
  }
  reason @3 :Text;
}

struct Direct {
  # By the duty head: to this reader, whatever the routing prefers. A resting one is called.
  exam @0 :UInt64;
  reader @1 :UInt32;
  reason @2 :Text;
}

struct Pin {
  # By the duty head: before all but the p0s, or no longer.
  exam @0 :UInt64;
  on @1 :Bool;
  reason @2 :Text;
}

struct AnswerCancel {
  # To a hospital that asks to cancel what has begun: by its reader, or a regulator where nobody
  # reads it, or the duty head.
  exam @0 :UInt64;
  granted @1 :Bool;
  reason @2 :Text;
}

struct TellResult {
  # A result was told by word of mouth.
  exam @0 :UInt64;
  to @1 :Text;
  # Function of who was told.
  text @2 :Text;
  # In short; never a patient's data.
}

struct ReviseReport {
  # An addendum or a correction by the report's author, a withdrawal also by the duty head: the next
  # version, delivered as the first was.
  exam @0 :UInt64;
  report @1 :UInt64;
  # Drawn at random by the client: sent twice it is one version.
  kind @2 :ReportKind;
  text @3 :Data;
  # At most `report`.
}

enum ReportKind {
  none @0;
  preliminary @1;
  final @2;
  late @3;
  addendum @4;
  correction @5;
  withdrawal @6;
}

enum TaskKind {
  # What somebody has to do about an exam.
  none @0;
  callTechnologist @1;
  # The protocol was not acknowledged.
  findPatient @2;
  # No image came.
  callReader @3;
  # His lease ended on a p0 or p1.
  criticalResult @4;
  # To be acknowledged by the hospital.
  undelivered @5;
  # A report does not arrive.
  callHospital @6;
  # Tell the result on the phone: it does not arrive.
  imagesAfterReport @7;
  # The author looks at what came late.
  newReport @8;
  # The only report was withdrawn.
  handOver @9;
  # Its guard is over and it is unread.
}

struct CloseTask {
  exam @0 :UInt64;
  task @1 :TaskKind;
  reason @2 :Text;
  # How it was done.
}

struct LinkOrder {
  # The order of an exam that began on the phone. Later news of that order are this exam's; an exam
  # that the order has become meanwhile is joined to it, unless its protocol was given.
  exam @0 :UInt64;
  key @1 :OrderKey;
}

enum Purpose {
  # Why an exam is read once more.
  none @0;
  opinion @1;
  # A colleague's, while it is being read.
  recourse @2;
  # A subspecialty's.
  secondOpinion @3;
  # On a finished exam.
  supervision @4;
  # Of a reader who is not autonomous.
  region @5;
  # A part, of which the first reader composes the report.
}

struct AskRead {
  # One more reading of an exam, by another reader: an exam of its own, child of this one.
  exam @0 :UInt64;
  purpose @1 :Purpose;
  skill @2 :Skill;
  region @3 :Region;
  reader @4 :UInt32;
  # Asked by name; 0: whoever is best.
  mandatory @5 :Bool;
  # The first is not signed before it.
  question @6 :Text;
  # Short; never a patient's data.
}

struct TakeDuty {
  # The duty head's duty, of which the federation has one: by whoever finds it free, by whom it was
  # offered to, by its deputy once its head is out of reach, or by its head to name another deputy.
  number @0 :UInt32;
  # Of the duty as the sender knows it: another one is `stale`.
  deputy @1 :UInt32;
  # 0: none.
  seen @2 :List(UInt64);
  # Open exams, at most 1,000: what was offered is taken with all that were there then.
}

struct OfferDuty {
  number @0 :UInt32;
  to @1 :UInt32;
  # 0: no longer.
}

struct HandOver {
  # Its hospital's guard is over and it is unread.
  exam @0 :ExamRef;
  kept @1 :Bool;
  # To be read all the same; else the day service takes it, and it is CANCELLED here.
  reason @2 :Text;
}

struct AddFinding {
  # The result of an engine of the directory. May raise the urgency, never lower it.
  exam @0 :ExamRef;
  engine @1 :Text;
  version @2 :Text;
  finding @3 :Text;
  # Coded; empty: it found nothing.
}

struct SetSite {
  # How a centre works, by its site lead or the duty head.
  site @0 :UInt16;
  closedPosts @1 :UInt16;
  degraded @2 :Bool;
  # Its readers are preferred last.
  reason @3 :Text;
}

struct SetShift {
  # Changes the published roster: `before` as it stands becomes `after`. Without `before` somebody
  # comes in addition, without `after` nobody comes.
  before @0 :Shift;
  after @1 :Shift;
  # Person 0: none. Not both.
  reason @2 :Text;
}

struct Reopen {
  # By the duty head: what was closed is validated once more, so that its report may be amended.
  exam @0 :UInt64;
  reason @1 :Text;
  # Not empty; kept with the exam.
  record @2 :Data;
  # Left empty by clients: the node adds the exam as its archive has it. At most 229,376.
}

struct SetAway {
  # He is offered nothing until he says that he is free.
  reader @0 :UInt32;
  reason @1 :Text;
}

struct SettleLate {
  # The reader's choice about a late report of another.
  exam @0 :UInt64;
  report @1 :UInt64;
  adopt @2 :Bool;
  # It becomes the report; else it stays beside.
}

struct DeliveryResult {
  # By a node: what became of a report's delivery.
  exam @0 :UInt64;
  version @1 :UInt16;
  # 1 is the first signed text.
  recipient @2 :UInt8;
  # Position in the establishment's recipients.
  outcome @3 :DeliveryOutcome;
  detail @4 :Text;
  # At most `details`.
}

enum DeliveryOutcome {
  none @0;
  acked @1;
  failed @2;
}

struct ExpireSession {
  # By the leader. Nothing happens when the session has a newer incarnation.
  session @0 :UInt64;
  incarnation @1 :UInt32;
}

struct SiteContact {
  # By the leader: it lost, or has again, a centre.
  site @0 :UInt16;
  boot @1 :UInt32;
  reachable @2 :Bool;
}

struct Tick {
  # By the leader: fires what is due.
  newLeader @0 :Bool;
  # First of its term: deadlines of offers begin anew.
}

struct Checkpoint {
  # By the leader: the room's digest at an earlier index. A node that differs stops serving.
  index @0 :UInt64;
  digest @1 :Bits128;
}

struct ClockCorrection {
  # By the leader: offset of UTC to federation time. At most a second at a time.
  offsetChangeMs @0 :Int64;
}

struct SetLevel {
  # By an administrator, once every voter can apply it.
  level @0 :UInt16;
}

enum SiteChange {
  none @0;
  add @1;
  rejoin @2;
  # It lost its data: it is taken in anew, as a learner.
  promote @3;
  # It is to vote, as soon as it has caught up and its archive is complete and checked.
  remove @4;
}

struct ChangeSite {
  # By an administrator. The directory's version grows by one.
  what @0 :SiteChange;
  site @1 :Site;
  # Its name says which. add: the whole site but its id, membership and generation. rejoin: key and
  # address if they are new.
}

struct Proposal {
  # A command with everything that apply() must know about where it came from: the payload of a
  # command's log entry, after 16 bytes {federation time ms :Int64, reserved 0 :UInt64}, both
  # little-endian. Written once by the door, never changed on its way.
  key @0 :UInt32;
  # The sender's key in the directory, as the door saw it; checked again in apply().
  door @1 :UInt16;
  # The node whose client or feed it is: it answers.
  correlation @2 :UInt64;
  # The door's own number.
  session @3 :UInt64;
  # 0: from a node or a feed; then the command is idempotent by its own key.
  incarnation @4 :UInt32;
  request @5 :UInt64;
  contentHash @6 :UInt64;
  # XXH3 (64 bits, seed 0) of the command's canonical Cap'n Proto form: the same number with
  # another hash is `request_reused`.
  command @7 :Command;
}

# ==================================================================================================
# Exams.

enum Modality {
  unknown @0;
  ct @1;
  mr @2;
  cr @3;
  dx @4;
  us @5;
  xa @6;
  nm @7;
  pt @8;
  mg @9;
  other @10;
}

enum Region {
  unknown @0;
  head @1;
  neck @2;
  chest @3;
  abdomenPelvis @4;
  spine @5;
  limb @6;
  wholeBody @7;
}

enum Side {
  none @0;
  left @1;
  right @2;
  both @3;
}

enum AgeClass {
  unknown @0;
  adult @1;
  child @2;
  infant @3;
}

enum Urgency {
  p0 @0;
  # Vital.
  p1 @1;
  # Emergent.
  p2 @2;
  # Urgent.
  p3 @3;
  # The same day.
}

enum Skill {
  general @0;
  neuro @1;
  chest @2;
  body @3;
  msk @4;
  paediatric @5;
}

enum ExamState {
  none @0;
  requested @1;
  inRegulation @2;
  needsInfo @3;
  protocolled @4;
  acquiring @5;
  ready @6;
  offered @7;
  reading @8;
  preliminary @9;
  validated @10;
  delivered @11;
  closed @12;
  refused @13;
  cancelled @14;
  held @15;
  suspended @16;
}

struct ExamRef {
  # An exam by its id, or by its hospital's order number where the id is 0.
  id @0 :UInt64;
  # The door's site in bits 44 and up, the exam's number at that door below. `LYS-7K2Q` is its
  # speakable form.
  key @1 :OrderKey;
}

struct OrderKey {
  # How a hospital names an order. Equal keys are the same exam.
  legalEntity @0 :UInt32;
  authority @1 :Text;
  # Assigning authority of the placer number (ORC-2.2 to .4).
  number @2 :Text;
  # Placer order number (ORC-2.1).
}

struct ExamRequest {
  # A request for a reading, as a door hands it in.
  key @0 :OrderKey;
  establishment @1 :UInt32;
  modality @2 :Modality;
  region @3 :Region;
  side @4 :Side;
  ageClass @5 :AgeClass;
  asked @6 :Urgency;
  # What the hospital asked. Never p0: that is the regulator's, or a pathway rule's.
  flags @7 :UInt32;
  # Bits, as in ExamCard.
  procedure @8 :Text;
  # code^text^scheme, verbatim; at most `details`.
  accessions @9 :List(Text);
  # At most 16.
  studies @10 :List(Text);
  # StudyInstanceUIDs, at most 16.
  patientKey :group {
    # HMAC(legal entity, patient number): for bundling and priors. 0: not known.
    high @11 :UInt64;
    low @12 :UInt64;
  }
  callbackPhone @13 :Text;
  sealed @14 :Data;
  # Identity and clinical text, opaque to nodes; at most `sealed`.
  protocol @15 :Text;
  # Where the agreement needs no regulation: the exam arrives already made.
  imagesComplete @16 :Bool;
  images @17 :UInt32;
  priors @18 :List(Text);
  # StudyInstanceUIDs of earlier examinations, to compare; at most 16.
}

struct ExamCard {
  # What a reader or regulator needs to see of an exam, at the moment of an event.
  exam @0 :UInt64;
  epoch :group {
    # To be sent back with whatever is done about this assignment.
    origin @1 :UInt64;
    index @2 :UInt64;
  }
  state @3 :ExamState;
  urgency @4 :Urgency;
  modality @5 :Modality;
  region @6 :Region;
  ageClass @7 :AgeClass;
  flags @8 :UInt32;
  # 1 modality unknown, 2 identity provisional, 4 bad character set, 8 no agreement, 16 exceptional,
  # 32 partial images, 64 order number used again, 128 amended, 256 a late report waits,
  # 512 undelivered, 1024 asked STAT: ring as for p0, 2048 the urgency asked was no code of HL7 table 0485,
  # 4096 began on the phone, 8192 pinned, 16384 a critical result that nobody has acknowledged,
  # 32768 the hospital asks to cancel it, 65536 its hospital is not authorised for this modality,
  # 131072 its agreement's guard is full, 262144 its group is overloaded, 524288 an ultrasound would
  # have been the first choice, 1048576 without a protocol by the duty head's word.
  establishment @9 :UInt32;
  placerOrder @10 :Text;
  procedure @11 :Text;
  # At most `details`.
  protocol @12 :Text;
  studies @13 :List(Text);
  # At most 16.
  images @14 :UInt32;
  receivedAt @15 :Int64;
  readyAt @16 :Int64;
  deadline @17 :Int64;
  # When it should be read.
  offeredUntil @18 :Int64;
  # The offer goes to another after that.
  callbackPhone @19 :Text;
  sealed @20 :Data;
  # At most `sealed`.
  parent @21 :UInt64;
  # The exam of which this one is a reading once more; 0: none.
  purpose @22 :Purpose;
  priors @23 :List(Text);
  # As in ExamRequest.
  answers @24 :List(Data);
  # To questions about the request, oldest first: clinical text, as opaque as `sealed`. At most 8.
}

enum EventKind {
  # Gaps are kept for later. An unknown one reads as none: skip the event, keep the cursor.
  none @0;
  requestSubmitted @1;
  requestRepeated @2;
  requestAmended @3;
  requestRefusedByRule @4;
  examCancelled @5;
  regulationClaimed @6;
  regulationReleased @7;
  regulationOverdue @8;
  infoRequested @9;
  infoProvided @10;
  infoOverdue @11;
  protocolAssigned @12;
  examRefused @13;
  acquisitionStarted @14;
  imagesProgress @15;
  imagesMissing @16;
  imagesStalled @17;
  imagesAdded @18;
  examReady @19;
  examRelaxed @20;
  examWithoutReader @21;
  readOffered @22;
  readAccepted @23;
  readDeclined @24;
  offerExpired @25;
  offerWithdrawn @26;
  readReleased @27;
  leaseExpired @28;
  reportPreliminary @29;
  reportValidated @30;
  reportLate @31;
  lateSettled @32;
  deliveryOwed @33;
  deliveryAcked @34;
  deliveryFailed @35;
  examDelivered @36;
  examClosed @37;
  reserved38 @38;
  reserved39 @39;
  sessionAttached @40;
  sessionEnded @41;
  readerChanged @42;
  siteUnreachable @43;
  siteReachable @44;
  directoryApplied @45;
  levelSet @46;
  clockCorrected @47;
  protocolRevised @48;
  protocolAcked @49;
  urgencySet @50;
  examHeld @51;
  examResumed @52;
  readSuspended @53;
  imagesWanted @54;
  readTakenOver @55;
  examDirected @56;
  examPinned @57;
  cancelAsked @58;
  cancelRefused @59;
  resultTold @60;
  reportRevised @61;
  criticalAcked @62;
  taskOpened @63;
  taskClosed @64;
  taskOverdue @65;
  orderLinked @66;
  readAsked @67;
  childRead @68;
  reportOverdue @69;
  dutyTaken @70;
  dutyOffered @71;
  dutyLost @72;
  examHandedOver @73;
  aiReceived @74;
  siteSet @75;
  overflowOpened @76;
  overflowClosed @77;
  shiftSet @78;
  shiftMissed @79;
  examBypassed @80;
  examReopened @81;
}

struct Event {
  # What applying a log entry made true. Every node derives the same events from the same entry.
  kind @0 :EventKind;
  urgency @1 :Urgency;
  state @2 :ExamState;
  # Of the exam, afterwards.
  index @3 :UInt64;
  # Of the log entry.
  at @4 :Int64;
  exam @5 :UInt64;
  session @6 :UInt64;
  # Whose screen it concerns; 0: no particular one.
  by @7 :UInt32;
  # Person who did it, or to whom the exam was given.
  site @8 :UInt16;
  epoch :group {
    origin @9 :UInt64;
    index @10 :UInt64;
  }
  text @11 :Text;
  # A code or a number, never a patient's data; at most `details`.
  card @12 :ExamCard;
  # With offers, and where a regulator's desk shows it.
}

struct Bits128 {
  high @0 :UInt64;
  low @1 :UInt64;
}

# ==================================================================================================
# The directory: who exists, who may do what, who reads for whom. Sorted by id in each list.

enum Role {
  none @0;
  requester @1;
  technologist @2;
  regulator @3;
  assistant @4;
  reader @5;
  dutyHead @6;
  siteLead @7;
  support @8;
  observer @9;
  gateway @10;
  administrator @11;
  node @12;
  agency @13;
  # A regional health agency: sees figures of its area, never an exam.
}

struct Directory {
  version @0 :UInt32;
  federation @1 :Text;
  sites @2 :List(Site);
  # At most 64.
  groups @3 :List(ProviderGroup);
  # At most 1,024.
  agreements @4 :List(Agreement);
  # The first that matches wins. At most 1,024.
  establishments @5 :List(Establishment);
  people @6 :List(Person);
  keys @7 :List(Key);
  protocols @8 :List(Protocol);
  # Each at most 8,192.
  rules @9 :Rules;
  calendars @10 :List(Calendar);
  # At most 64.
  entities @11 :List(LegalEntity);
  # At most 8,192.
  areas @12 :List(Area);
  # At most 1,024.
  engines @13 :List(Engine);
  # At most 64.
  roster @14 :List(Shift);
  # At most 8,192.
}

struct Shift {
  # A reader's turn of guard.
  person @0 :UInt32;
  site @1 :UInt16;
  # Where he is expected.
  from @2 :Int64;
  until @3 :Int64;
  # UTC, ms; until is excluded, and at most a day after from.
}

enum EntityKind {
  none @0;
  # Not said.
  public @1;
  private @2;
  mutualist @3;
}

struct LegalEntity {
  # Who answers before the law for one or several establishments.
  id @0 :UInt32;
  name @1 :Text;
  kind @2 :EntityKind;
}

enum AreaKind {
  # From the smallest to the largest.
  none @0;
  ght @1;
  # Hospitals that are grouped by law.
  territory @2;
  region @3;
}

struct Area {
  # A part of the country.
  id @0 :UInt16;
  name @1 :Text;
  kind @2 :AreaKind;
  within @3 :UInt16;
  # An area of a larger kind; 0: none.
}

struct Calendar {
  # When an establishment's guard is. The rule, and what it came to: bands in UTC, made by whoever
  # applied the directory.
  id @0 :UInt16;
  name @1 :Text;
  zone @2 :Text;
  # Of the time zone database: "Europe/Paris".
  holidays @3 :List(Text);
  # "france", "MM-DD", "good-friday", "easter+N". At most 64.
  guardBegin @4 :Int64;
  guardEnd @5 :Int64;
  # Local time of day, ms.
  firstTurn @6 :Int64;
  # UTC, ms.
  turns @7 :List(UInt32);
  # When each band begins, in minutes after firstTurn; the first is 0. At most 8,192.
  bands @8 :List(UInt8);
  # As many. 1 day, 2 evening, 3 deep night, 4 week-end by day, 5 holiday by day.
  until @9 :Int64;
  # UTC, ms: what comes later is not known.
}

struct Signature {
  by @0 :Text;
  # Empty: nobody.
  on @1 :Int64;
  # UTC, ms.
  document @2 :Text;
  # Hash of the text that was signed.
}

struct Site {
  # A guard centre, and the node that runs there.
  id @0 :UInt16;
  name @1 :Text;
  code @2 :Text;
  # Three letters that start its exam numbers.
  area @3 :UInt16;
  # The smallest that it is in; 0: none.
  posts @4 :UInt16;
  # Readers who can sit there at once.
  phone @5 :Text;
  nodeKey @6 :Data;
  # CURVE public key, 32 bytes.
  draining @7 :Bool;
  # Gives no new offers.
  address @8 :Text;
  # "host:port" where its peers reach it; empty: as their site files say.
  membership @9 :Membership;
  generation @10 :UInt16;
  # Grows each time the site is added or rejoins: another data folder.
  priority @11 :Int16;
  # For leadership, once added.
  enrolled @12 :List(Post);
  # By name, as many as `posts`: a reader's attach names one that nobody uses. Empty: counted only.
  # At most 1,024.
}

enum PostKind {
  centre @0;
  host @1;
  # At a hospital.
  home @2;
}

struct Post {
  # Where a reader sits.
  name @0 :Text;
  kind @1 :PostKind;
}

enum Membership {
  # What a site is to be for replication; the leader makes the members follow, one at a time.
  founding @0;
  # As the site files said when the federation began.
  learner @1;
  # Receives the log, has no vote.
  voter @2;
  removed @3;
  # Stays listed: ids are never used again.
}

struct ProviderGroup {
  # Who reads together under an agreement.
  id @0 :UInt16;
  name @1 :Text;
  sites @2 :List(UInt16);
  # Centres: whoever sits there. At most 64.
  establishments @3 :List(UInt32);
  # Hospitals: their radiologists (Person.institution), wherever they sit. At most 8,192.
}

enum AgreementKind {
  none @0;
  # Not said.
  host @1;
  # Another establishment reads.
  provider @2;
  # A provider reads.
  pool @3;
  # Establishments share their readers.
}

enum Regulation {
  required @0;
  # A regulator accepts first.
  after @1;
  # Offered at once, reviewed later.
  none @2;
  # The exam arrives already made.
}

struct Agreement {
  name @0 :Text;
  establishments @1 :List(UInt32);
  # With entities and areas empty: all. At most 8,192.
  modalities @2 :UInt16;
  # Bit n: modality number n.
  group @3 :UInt16;
  overflow @4 :UInt16;
  # Group that helps when waits grow; 0: none.
  regulation @5 :Regulation;
  bands @6 :UInt16;
  # Bit n: band number n of the establishment's calendar; 0: at any hour.
  from @7 :Int64;
  until @8 :Int64;
  # UTC, ms; until is excluded; 0: open.
  requester @9 :Signature;
  provider @10 :Signature;
  # Both, or there is no route.
  entities @11 :List(UInt32);
  # Each of their establishments. At most 8,192.
  areas @12 :List(UInt16);
  # Each establishment in them. At most 1,024.
  kind @13 :AgreementKind;
  legalBasis @14 :Text;
  poolMin @15 :UInt16;
  # The centres and hospitals of its group are at least so many.
  after @16 :List(Text);
  # Names of agreements that come first where both apply. At most 1,024.
  quota @17 :UInt16;
  # Exams of one guard under it; 0: any number.
  targets @18 :List(Int64);
  # By urgency, p0 first, from first image to report, in ms; 0, or absent: as the rules say.
  readersMin @19 :UInt16;
  # On the roster while it holds; 0: not said.
}

struct Recourse {
  # Where an ultrasound is done instead.
  name @0 :Text;
  phone @1 :Text;
  minutes @2 :UInt16;
  # Of travel, 1 to 45.
  paediatric @3 :Bool;
  # A pole for children.
}

struct Establishment {
  # A hospital.
  id @0 :UInt32;
  name @1 :Text;
  legalEntity @2 :UInt32;
  finess @3 :Text;
  area @4 :UInt16;
  # The smallest that it is in; 0: none.
  doors @5 :List(UInt16);
  # Sites, the home door first. At most 64.
  phone @6 :Text;
  recourses @7 :List(Recourse);
  # The nearest first. At most 16.
  authorised @8 :UInt16;
  # Bit n: modality number n; 0: not said.
  recipients @9 :List(Text);
  # Names of feeds to which each report goes. At most 16.
  calendar @10 :UInt16;
  # 0: none.
  protocolAck @11 :Bool;
  # Its technologists acknowledge protocols: one that does not is called.
}

struct Person {
  # A person or a system.
  id @0 :UInt32;
  name @1 :Text;
  rpps @2 :Text;
  roles @3 :UInt16;
  # Bit n: role number n.
  site @4 :UInt16;
  # Home centre.
  establishment @5 :UInt32;
  # Of requesters and technologists.
  privileges @6 :List(Privilege);
  # Of readers. At most 16.
  skills @7 :UInt16;
  # Of readers; bits by number.
  institution @8 :UInt32;
  # A reader's home hospital.
  qualifications @9 :List(Qualification);
  # A regulator claims only while one for his role is in force. At most 16.
  area @10 :UInt16;
  # An agency's.
  homeHours @11 :UInt16;
  # Of a reader, a week, at his institution; 0: not said.
}

enum PrivilegeStatus {
  autonomous @0;
  supervised @1;
  # Is offered exams; another reads them again.
  trainee @2;
  # Is offered none.
}

struct Privilege {
  # What a reader may read; bits by number. An exam is his if one privilege covers all of it.
  modalities @0 :UInt16;
  regions @1 :UInt16;
  ages @2 :UInt16;
  # 0: all, also an unknown one.
  status @3 :PrivilegeStatus;
  until @4 :Int64;
  # UTC, ms, excluded; 0: open.
}

struct Qualification {
  # That somebody was trained for a role.
  role @0 :Role;
  from @1 :Int64;
  until @2 :Int64;
  # UTC, ms; until is excluded; 0: open.
  by @3 :Text;
  # Who attests it.
}

struct Key {
  # The public half of a CURVE key pair. Ids are never used again; a revoked key stays listed.
  id @0 :UInt32;
  key @1 :Data;
  # 32 bytes.
  person @2 :UInt32;
  # 0: a node's.
  node @3 :UInt16;
  # Site; 0: a person's.
  concentrator @4 :Bool;
  revoked @5 :Bool;
}

struct Protocol {
  code @0 :Text;
  # With its version: "AVC-TDM v3".
  name @1 :Text;
  modality @2 :Modality;
  region @3 :Region;
  skill @4 :Skill;
  expectedMinutes @5 :UInt16;
  vital @6 :Bool;
  # Pathway rule: its exams are p0.
  quiet @7 :Int64;
  # ms without an image after which they are complete, where nobody says so; 0: by modality.
  collegial @8 :Bool;
  # A colleague reads it too, from when somebody begins.
}

struct Rules {
  # Times that organise the guard, in ms.
  offerTimeout @0 :Int64;
  offerTimeoutP0 @1 :Int64;
  claimLease @2 :Int64;
  relaxAny @3 :Int64;
  relaxOverflow @4 :Int64;
  targetP0 @5 :Int64;
  targetP1 @6 :Int64;
  targetP2 @7 :Int64;
  targetP3 @8 :Int64;
  infoReminder @9 :Int64;
  noImages @10 :Int64;
  imagesStalled @11 :Int64;
  deliveryOwnerTimeout @12 :Int64;
  closeAfter @13 :Int64;
  bundle @14 :Int64;
  agreementGrace @15 :Int64 = 900000;
  protocolAck @16 :Int64 = 180000;
  cancelAnswer @17 :Int64 = 120000;
  holdReminder @18 :Int64 = 1800000;
  reserve @19 :Int64 = 900000;
  preliminaryReminder @20 :Int64 = 1800000;
  criticalAck @21 :Int64 = 900000;
  undelivered @22 :Int64 = 300000;
  undeliveredCall @23 :Int64 = 600000;
  task @24 :Int64 = 600000;
  dutySuccession @25 :Int64 = 300000;
  overflowOpen @26 :Int64;
  overflowClose @27 :Int64;
  noShow @28 :Int64 = 300000;
}

struct Ceiling {
  # How far a finding of an engine raises an exam.
  finding @0 :Text;
  urgency @1 :Urgency;
  # p1 or p2.
}

struct Engine {
  # An AI engine whose results count.
  name @0 :Text;
  raisesPerHour @1 :UInt16;
  # Then its findings are kept and raise nothing.
  ceilings @2 :List(Ceiling);
  # At most 64. What is not listed raises nothing.
}

# ==================================================================================================
# Between nodes. Frames of at most 1,048,576 bytes, 16 levels of nesting.

struct PeerFrame {
  # A batch from one node to another. The header is in each frame, so that a stranger, a clone or a
  # reinstalled node is noticed at its first word.
  federation @0 :UInt64;
  # XXH3 (64 bits, seed 0) of the federation's id. Another one: the frame is dropped and counted.
  instance :group {
    high @1 :UInt64;
    low @2 :UInt64;
  }
  boot @3 :UInt32;
  mode @4 :NodeMode;
  version @5 :UInt16;
  # Of the peer protocol. This file is version 1.
  level @6 :UInt16;
  # Highest level that the sender can apply.
  site @7 :UInt16;
  # Must be the site of the sender's CURVE key.
  run @15 :UInt64;
  # Drawn at each start of the process: two that say another one are two processes.
  held @16 :UInt64;
  # Index of the last log entry that its journal held when it started.
  generation @17 :UInt16;
  # Of its membership, by its own log: grows each time the site is taken in anew. 0: its first life,
  # or it does not know. A receiver that has applied less hears only its log.
  heldTerm @18 :UInt64;
  # Term of that last entry: a log can be as long as it was, and hold others' entries.

  raft @8 :List(RaftMessage);
  proposals @9 :List(Data);
  # To the leader: Proposal messages, each at most 262,128 bytes.
  renewals @10 :List(Renewal);
  # To the leader.
  renewalAcks @11 :List(RenewalAck);
  # From the leader.
  status @12 :SiteStatus;
  # Once a second. Absent: no news.
  archiveWish @13 :ArchiveWish;
  # Absent: nothing is asked.
  archiveChunk @14 :ArchiveChunk;
  # The answer to an ArchiveWish. Absent: none. Either may be lost: the asker asks again.
}

struct ArchiveWish {
  # Asks for closed exams, which a snapshot does not hold: those that left the room at log indexes
  # up to `through`, from position (index, exam) on, in the order of (index, exam).
  through @0 :UInt64;
  index @1 :UInt64;
  exam @2 :UInt64;
  offset @3 :UInt32;
  # Not 0: bytes of the exam at exactly that position which the asker has already.
}

struct ArchiveChunk {
  wish @0 :ArchiveWish;
  # Echoed: an answer to another wish is left alone.
  known @1 :Bool;
  # The sender has applied `through`. False: ask another.
  complete @2 :Bool;
  # Nothing up to `through` follows these pieces.
  pieces @3 :List(ArchivePiece);
  # At most 262,144 bytes of exams and 1,024 pieces. Only the last may end before its exam does.
}

struct ArchivePiece {
  # An exam as it was when it left the room, or a part of it.
  index @0 :UInt64;
  exam @1 :UInt64;
  size @2 :UInt32;
  # Of the whole; at most 2,097,152.
  bytes @3 :Data;
  # From the wish's offset on in the first piece, from 0 on in the others.
}

struct Renewal {
  # A client's Renew, forwarded by its door.
  session @0 :UInt64;
  incarnation @1 :UInt32;
  mark @2 :UInt64;
  site @3 :UInt16;
  # Where the acknowledgement goes.
}

struct RenewalAck {
  session @0 :UInt64;
  incarnation @1 :UInt32;
  mark @2 :UInt64;
  leaseMs @3 :Int64;
  code @4 :UInt16;
}

struct SiteStatus {
  # What a node says of itself once a second: for `vigie status`, never for apply().
  sessions @0 :UInt32;
  # Live sessions that it carries, and the readers among them.
  readers @1 :UInt32;
  applied @2 :UInt64;
  commit @3 :UInt64;
  # Log indexes.
  term @4 :UInt64;
  digest :group {
    high @5 :UInt64;
    low @6 :UInt64;
  }
  # Of its room at `applied`.
  leader @7 :Bool;
  unreplicated @8 :UInt32;
  # Commands taken at its door and not yet applied there.
  undelivered @9 :UInt32;
  # Reports that it owes to hospitals.
  version @10 :Text;
  # Of its program.
  archiveComplete @11 :Bool = true;
  # False while it fetches closed exams that it missed.
  intakeStopped @12 :Bool;
  # Its disk has only its reserve left: it takes no new requests (answer disk_full).
  kept @13 :UInt64;
  # Committed entries that are on its disk reach up to here: it will never say less again.
  archiveChecked @14 :Bool;
  # Its archive was read since it started and is what the room's rolling hash says.
  haltedAt @15 :UInt64;
  # Not 0: it applies nothing from this index on, because applying that ended it three times.
  diskSlow @16 :Bool;
  # Its disk takes more than a second to sync: it should not lead.
  keptTerm @17 :UInt64;
  # Term of the entry at `kept`.
}

struct RaftMessage {
  # May be lost, repeated or overtaken. The sender is the frame's site.
  to @0 :UInt16;
  term @1 :UInt64;
  body :union {
    none @2 :Void;
    voteRequest :group {
      pre @3 :Bool;
      # Would you? Changes nothing at the receiver.
      transfer @4 :Bool;
      # The leader asked for this election.
      lastIndex @5 :UInt64;
      lastTerm @6 :UInt64;
    }
    voteAnswer :group {
      pre @7 :Bool;
      granted @8 :Bool;
    }
    append :group {
      # Entries that follow (prevIndex, prevTerm); may be none.
      prevIndex @9 :UInt64;
      prevTerm @10 :UInt64;
      commit @11 :UInt64;
      entries @12 :List(LogEntry);
    }
    appendAnswer :group {
      # ok: everything up to `index` is synced at the sender. Else `index` was refused, and the
      # logs may still agree at (hintIndex, hintTerm).
      ok @13 :Bool;
      index @14 :UInt64;
      hintIndex @15 :UInt64;
      hintTerm @16 :UInt64;
    }
    heartbeat :group {
      commit @17 :UInt64;
      round @18 :UInt64;
      # Quorum round, echoed.
    }
    heartbeatAnswer :group {
      round @19 :UInt64;
    }
    snapshotChunk :group {
      index @20 :UInt64;
      # The state that replaces the log up to here.
      lastTerm @21 :UInt64;
      # Of the entry at `index`.
      chain :group {
        high @22 :UInt64;
        low @23 :UInt64;
      }
      size @24 :UInt64;
      # Bytes of the whole snapshot.
      number @25 :UInt32;
      # 0, 1, ...
      bytes @26 :Data;
      # At most 262,144.
    }
    snapshotAnswer :group {
      # Asks for chunk `next` of the snapshot at `index`.
      index @27 :UInt64;
      next @28 :UInt32;
    }
    timeoutNow @29 :Void;
    # The leader hands over: campaign at once.
  }
}

struct LogEntry {
  index @0 :UInt64;
  term @1 :UInt64;
  kind @2 :UInt8;
  # 0 a leader's first entry of its term, 1 a command, 2 a change of members.
  payload @3 :Data;
  # At most 262,144.
}
