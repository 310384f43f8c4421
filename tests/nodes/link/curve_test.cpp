#include "nodes/link/curve.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace vigie::link {
namespace {

class KeyFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "/vigie-keys-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    path_ = folder_ + "/node.key";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& text, mode_t mode = 0600) {
    std::ofstream(path_) << text;
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
  }
  std::string written() {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string folder_;
  std::string path_;
  const KeyPair keys_ = make_key_pair();
};

TEST(Curve, PairsAreDrawnAnewEachTime) { EXPECT_NE(make_key_pair(), make_key_pair()); }

TEST(Curve, PublicKeyFollowsFromSecretKey) {
  const auto keys = make_key_pair();
  EXPECT_EQ(public_key_of(keys.secret_key), keys.public_key);
}

TEST(Curve, Z85GoesThereAndBack) {
  const auto keys = make_key_pair();
  const auto text = to_z85(keys.public_key);
  EXPECT_EQ(text.size(), 40u);
  auto back = from_z85(text);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, keys.public_key);
}

TEST(Curve, TextThatIsNoKeyIsRefused) {
  EXPECT_EQ(from_z85("").error().code, Errc::bad_value);
  EXPECT_EQ(from_z85(std::string(39, '0')).error().code, Errc::bad_value);
  EXPECT_EQ(from_z85(std::string(39, '0') + "\"").error().code, Errc::bad_value);
  EXPECT_EQ(from_z85(std::string(39, '0') + "\xc3").error().code, Errc::bad_value);
  EXPECT_EQ(from_z85(std::string(40, '#')).error().code, Errc::bad_value);
}

TEST_F(KeyFile, IsReadBackAndPrivate) {
  ASSERT_TRUE(write_key_file(path_, keys_));
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(written(), "public = \"" + to_z85(keys_.public_key) + "\"\nsecret = \"" +
                           to_z85(keys_.secret_key) + "\"\n");
  auto read = read_key_file(path_);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, keys_);
  EXPECT_EQ(*read_public_key_file(path_), keys_.public_key);
}

TEST_F(KeyFile, IsNeverOverwritten) {
  ASSERT_TRUE(write_key_file(path_, keys_));
  const auto second = write_key_file(path_, make_key_pair());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::locked);
  EXPECT_EQ(*read_key_file(path_), keys_);
}

TEST_F(KeyFile, OpenToOthersIsRefusedWithTheCure) {
  ASSERT_TRUE(write_key_file(path_, keys_));
  for (const mode_t mode : {0640u, 0604u, 0620u, 0666u}) {
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
    const auto read = read_key_file(path_);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::bad_configuration);
    EXPECT_NE(read.error().what.find("chmod 600 " + path_), std::string::npos);
  }
}

TEST_F(KeyFile, MayCarryCommentsAndBlankLines) {
  write("# the node of Lyon\n\n  public=\"" + to_z85(keys_.public_key) + "\"\r\n\tsecret = \"" +
        to_z85(keys_.secret_key) + "\"");
  auto read = read_key_file(path_);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, keys_);
}

TEST_F(KeyFile, FaultsNameTheLineAndNeverTheKey) {
  const auto secret = to_z85(keys_.secret_key);
  const auto fault = [&](const std::string& text) {
    write(text);
    const auto read = read_key_file(path_);
    EXPECT_FALSE(read);
    if (read) return std::string{};
    EXPECT_EQ(read.error().code, Errc::bad_configuration);
    EXPECT_EQ(read.error().what.find(secret.substr(0, 20)), std::string::npos);
    return read.error().what;
  };
  EXPECT_NE(fault("\nsecret = " + secret + "\n").find(":2: "), std::string::npos);
  EXPECT_NE(fault("secret = \"" + secret.substr(1) + "\"\n").find(":1: "), std::string::npos);
  EXPECT_NE(fault("key = \"" + secret + "\"\n").find(":1: "), std::string::npos);
  EXPECT_NE(fault("nonsense\n").find(":1: "), std::string::npos);
  EXPECT_NE(fault("secret = \"" + secret + "\"\nsecret = \"" + secret + "\"\n").find("twice"),
            std::string::npos);
  fault("secret = \"" + secret + "\"\n");
  fault(std::string(5000, '#'));
}

TEST_F(KeyFile, HalvesThatDoNotBelongTogetherAreRefused) {
  write("public = \"" + to_z85(make_key_pair().public_key) + "\"\nsecret = \"" +
        to_z85(keys_.secret_key) + "\"\n");
  EXPECT_EQ(read_key_file(path_).error().code, Errc::bad_configuration);
}

TEST_F(KeyFile, ThatDoesNotExistIsNotFound) {
  EXPECT_EQ(read_key_file(path_).error().code, Errc::not_found);
}

TEST_F(KeyFile, PublicHalfMayTravelAlone) {
  ASSERT_TRUE(write_public_key_file(path_, keys_.public_key));
  EXPECT_EQ(*read_public_key_file(path_), keys_.public_key);
  EXPECT_FALSE(read_key_file(path_));
}

}  // namespace
}  // namespace vigie::link
