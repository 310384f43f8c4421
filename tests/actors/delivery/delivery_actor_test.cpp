// The delivery actor fails and begins anew: what is owed is sent all the same.
#include "actors/delivery/delivery_actor.hpp"

#include <gtest/gtest.h>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <condition_variable>
#include <mutex>
#include <stdexcept>

namespace vigie::actors {
namespace {

class NoIntake final : public Intake {
 public:
  void propose(Command, std::function<void(const Answer&)>) override {}
};

/// Its first job ends in an exception.
class FailingSender final : public ReportSender {
 public:
  void send(std::shared_ptr<const DeliveryJob> job,
            std::function<void(SendOutcome, std::string)>) override {
    const std::lock_guard lock(mutex);
    if (sent.empty() && failures.empty()) throw std::runtime_error("no such feed");
    sent.push_back(job->exam);
    changed.notify_all();
  }
  void withdraw(ExamId, ReportVersion, std::uint8_t) override {}
  void notify(ExamId, EventKind) override {}

  bool wait_for(const std::function<bool()>& what) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(20), what);
  }
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<ExamId> sent;
  std::vector<std::string> failures;
};

AppliedBatchPtr owing(ExamId exam, bool fresh) {
  auto batch = std::make_shared<AppliedBatch>();
  auto job = std::make_shared<DeliveryJob>();
  job->exam = exam;
  batch->fresh = fresh;
  batch->owed.push_back(std::move(job));
  return batch;
}

TEST(Delivery, ThatFailsBeginsAnewAndSendsWhatIsOwed) {
  caf::actor_system_config config;
  caf::actor_system system(config);
  NoIntake intake;
  FailingSender sender;
  DeliveryHandle delivery;
  delivery.start(system, SiteId{1}, intake, sender, [&](const std::string& why) {
    const std::lock_guard lock(sender.mutex);
    sender.failures.push_back(why);
    sender.changed.notify_all();
  });
  delivery.publish(owing({5}, false));
  ASSERT_TRUE(sender.wait_for([&] { return sender.failures.size() == 1; }));
  EXPECT_EQ(sender.failures[0], "no such feed");
  delivery.publish(owing({5}, true));
  ASSERT_TRUE(sender.wait_for([&] { return sender.sent.size() == 1; }));
  EXPECT_EQ(sender.sent[0], ExamId{5});
  delivery.stop();
}

}  // namespace
}  // namespace vigie::actors
