// Mutual TLS, both ways: with the right certificate, with another, with none.
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <fstream>

#include "nodes/door/stream.hpp"
#include "tests/nodes/door/door_fixture.hpp"

namespace vigie::door {
namespace {

/// Writes a key and a certificate for 127.0.0.1 that is signed by itself.
void write_certificate(const std::filesystem::path& key_file,
                       const std::filesystem::path& cert_file) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* cert = X509_new();
  X509_set_version(cert, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
  X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
  X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
  X509_set_pubkey(cert, key);
  X509_NAME* name = X509_get_subject_name(cert);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("vigie test"), -1, -1, 0);
  X509_set_issuer_name(cert, name);
  X509_EXTENSION* address =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
  X509_add_ext(cert, address, -1);
  X509_EXTENSION_free(address);
  EXPECT_NE(X509_sign(cert, key, EVP_sha256()), 0);
  FILE* out = std::fopen(key_file.c_str(), "wb");
  PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(out);
  out = std::fopen(cert_file.c_str(), "wb");
  PEM_write_X509(out, cert);
  std::fclose(out);
  X509_free(cert);
  EVP_PKEY_free(key);
}

class TlsTest : public ::testing::Test {
 protected:
  TlsTest() {
    std::string folder = ::testing::TempDir() + "vigie-tls-XXXXXX";
    folder_ = ::mkdtemp(folder.data());
    write_certificate(folder_ / "own.key", folder_ / "own.pem");
    write_certificate(folder_ / "other.key", folder_ / "other.pem");
  }
  ~TlsTest() override { std::filesystem::remove_all(folder_); }

  settings::FeedSettings feed(const std::string& name = "own") const {
    auto out = alpes();
    out.transport = settings::Transport::tls;
    out.server_key = folder_ / (name + ".key");
    out.server_cert = folder_ / (name + ".pem");
    out.client_ca = folder_ / "own.pem";
    return out;
  }
  /// A hospital's end of a connection, with `name`'s certificate.
  std::unique_ptr<Stream> stream(int fd, End end, const std::string& name) const {
    ::fcntl(fd, F_SETFL, O_NONBLOCK);
    return std::make_unique<Stream>(fd, end, TlsContext::make(feed(name)).value(), "127.0.0.1");
  }
  static int dial(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return fd;
  }
  /// The next message; empty when the other side closes first or says nothing in time.
  static std::string next(Stream& stream) {
    hl7::MllpReader reader;
    std::vector<std::string> frames;
    while (frames.empty()) {
      std::string bytes;
      if (!stream.read(bytes) || !stream.flush()) return {};
      EXPECT_TRUE(reader.feed(bytes, frames));
      if (!frames.empty()) break;
      pollfd wait{stream.fd(), static_cast<short>(stream.wanted()), 0};
      const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
      if (::poll(&wait, 1, static_cast<int>(ms)) != 1) return {};
    }
    return frames.front();
  }

  std::filesystem::path folder_;
};

TEST_F(TlsTest, TakesOrdersFromAKnownCertificate) {
  Bench bench({feed()});
  bench.intake.rule = [](const Command&) { return accepted(); };
  const auto ris = stream(dial(bench.door.port_of("ch-alpes-ris")), End::client, "own");
  EXPECT_TRUE(ris->write(hl7::frame(order("M1", "A1"))));
  EXPECT_EQ(field(next(*ris), "MSA", 1), "AA");
}

TEST_F(TlsTest, TurnsAnotherCertificateAway) {
  Bench bench({feed()});
  const auto ris = stream(dial(bench.door.port_of("ch-alpes-ris")), End::client, "other");
  ris->write(hl7::frame(order("M1", "A1")));
  EXPECT_EQ(next(*ris), "");
  EXPECT_TRUE(bench.metrics.reaches("vigie_messages_rejected_total mllp unauthorised", 1));
  EXPECT_EQ(bench.intake.count(), 0u);
}

TEST_F(TlsTest, TurnsPlainTextAway) {
  Bench bench({feed()});
  Socket plain = bench.connect();
  plain.message(order("M1", "A1"));
  while (plain.next()) {
  }
  EXPECT_TRUE(bench.metrics.reaches("vigie_messages_rejected_total mllp unauthorised", 1));
  EXPECT_EQ(bench.intake.count(), 0u);
}

TEST_F(TlsTest, ClosesOnWhoeverShowsNoCertificateInTime) {
  DoorTimes times;
  times.frame_max = 30_ms;
  Bench bench({feed()}, times);
  EXPECT_TRUE(bench.connect().is_closed());
}

TEST_F(TlsTest, SendsReportsOverIt) {
  Hospital hospital;
  auto sending = feed();
  sending.results = settings::ResultsAddress{true, {"127.0.0.1", hospital.port()}};
  DoorTimes times;
  times.backoff_min = 1_ms;
  Bench bench({sending}, times);
  auto job = std::make_shared<DeliveryJob>();
  job->exam = first_exam;
  job->exam_number = "MRS-7K2Q";
  job->version = ReportVersion{1};
  job->feed = "ch-alpes-ris";
  Report report;
  report.version = job->version;
  report.kind = ReportKind::final_;
  job->record.reports = {report};
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<SendOutcome> outcome;
  bench.door.send(job, [&](SendOutcome o, const std::string&) {
    const std::lock_guard lock(mutex);
    outcome = o;
    changed.notify_all();
  });
  {  // a stranger at the hospital's address gets nothing
    const auto stranger = stream(hospital.accept().release(), End::server, "other");
    EXPECT_EQ(next(*stranger), "");
  }
  const auto results = stream(hospital.accept().release(), End::server, "own");
  const std::string got = next(*results);
  EXPECT_EQ(field(got, "MSH", 10).size(), 20u);
  EXPECT_TRUE(results->write(hl7::frame(ack_to(got))));
  std::unique_lock lock(mutex);
  EXPECT_TRUE(changed.wait_for(lock, patience, [&] { return outcome.has_value(); }));
  EXPECT_EQ(outcome, SendOutcome::delivered);
}

TEST_F(TlsTest, RefusesToStartWithoutItsCertificate) {
  auto broken = feed();
  broken.server_cert = folder_ / "absent.pem";
  FakeIntake intake;
  FakeLookup lookup;
  telemetry::NodeMetrics metrics(telemetry::no_metrics(), {});
  MllpDoor door({marseille, "marseille", "essai", {}, {broken}, {}}, intake, lookup, metrics.door);
  const auto started = door.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Errc::bad_configuration);
  EXPECT_NE(started.error().what.find("absent.pem"), std::string::npos);
}

}  // namespace
}  // namespace vigie::door
