// One real node in this process, alone in its federation, and clients made of bare encrypted
// connections that may send what no SDK would.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config/settings/directory_file.hpp"
#include "messages/codec/client_codec.hpp"
#include "nodes/client/client.hpp"
#include "nodes/client/connection.hpp"
#include "nodes/link/curve.hpp"
#include "nodes/site/site.hpp"

namespace vigie::site {

/// A port that nobody has at the moment.
inline std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ::close(fd);
  return ntohs(address.sin_port);
}

class Node : public ::testing::Test {
 protected:
  Node() {
    char name[] = "/tmp/vigie-node-XXXXXX";
    folder_ = ::mkdtemp(name);
    keys_ = link::make_key_pair();
    EXPECT_TRUE(link::write_key_file((folder_ / "node.key").string(), keys_));
    settings_.federation = "garde-test";
    settings_.site = "lyon";
    settings_.id = SiteId{1};
    settings_.key_file = folder_ / "node.key";
    settings_.data_dir = folder_ / "data";
    settings_.directory_file = folder_ / "directory.toml";
    for (auto* at : {&settings_.client_listen, &settings_.peer_listen, &settings_.http_listen}) {
      *at = {"127.0.0.1", free_port()};
    }
    directory_.version = 1;
    directory_.federation = settings_.federation;
    Site site;
    site.id = settings_.id;
    site.name = settings_.site;
    site.code = "LYS";
    site.posts = 4;
    site.node_key = keys_.public_key;
    vigie::Key key;
    key.id = {1};
    key.key = keys_.public_key;
    key.node = site.id;
    directory_.keys = {key};
    directory_.sites = {site};
    person_.id = {101};
    person_.name = "anne";
    person_.rpps = "10101010101";
    person_.roles.add(Role::reader);
    person_.site = site.id;
    person_.privileges = {{Set<Modality>::of(Modality::ct)}};
    directory_.people = {person_};
    anne_ = link::make_key_pair();
    vigie::Key hers;
    hers.id = {1101};
    hers.key = anne_.public_key;
    hers.person = person_.id;
    directory_.keys.push_back(hers);
    write_directory();
  }
  ~Node() override {
    site_.reset();
    std::filesystem::remove_all(folder_);
  }
  using Site = vigie::Site;

  void write_directory() const {
    std::ofstream(settings_.directory_file) << settings::write_directory(directory_);
  }
  void start() {
    auto started = site::Site::start(settings_, "test");
    ASSERT_TRUE(started) << (started ? "" : started.error().what);
    site_ = std::move(*started);
  }
  client::Endpoint door() const {
    return {"lyon", "tcp://" + settings::text_of(settings_.client_listen), keys_.public_key};
  }
  /// The value of the metric's sample `name{labels}`; 0 if there is none.
  double metric(const std::string& sample) const {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(settings_.http_listen.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    const std::string ask = "GET /metrics HTTP/1.0\r\n\r\n";
    EXPECT_EQ(::send(fd, ask.data(), ask.size(), 0), static_cast<ssize_t>(ask.size()));
    std::string text;
    char bytes[65'536];
    for (ssize_t n = 0; (n = ::recv(fd, bytes, sizeof bytes, 0)) > 0;) {
      text.append(bytes, static_cast<std::size_t>(n));
    }
    ::close(fd);
    const auto at = text.find("\n" + sample + " ");
    EXPECT_NE(at, std::string::npos) << sample << " does not exist";
    return at == std::string::npos ? 0 : std::stod(text.substr(at + sample.size() + 2));
  }
  double refused(Errc reason) const {
    return metric("vigie_messages_rejected_total{site=\"lyon\",door=\"client\",reason=\"" +
                  std::string(errc_name(reason)) + "\"}");
  }

  std::filesystem::path folder_;
  link::KeyPair keys_, anne_;
  settings::SiteSettings settings_;
  Directory directory_;
  Person person_;
  std::unique_ptr<site::Site> site_;
};

/// A connection that sends any bytes, and waits for messages of a kind.
class Raw {
 public:
  Raw(const client::Endpoint& door, const link::KeyPair& keys) : connection_(keys) {
    EXPECT_TRUE(connection_.connect(door));
  }
  void send(const std::string& frame) { EXPECT_TRUE(connection_.send(frame)); }
  void send(ClientMessage message) { send(codec::encode_client({std::move(message)})); }
  /// The next message of that kind; none after 20 s.
  template <class M>
  std::optional<M> next(Millis patience = 20_s) {
    const BootTime end = client::boot_now() + patience;
    while (client::boot_now() < end) {
      while (!heard_.empty()) {
        const NodeMessage message = std::move(heard_.front());
        heard_.erase(heard_.begin());
        if (const M* found = std::get_if<M>(&message)) return *found;
      }
      connection_.wait(50_ms, [&](std::string_view frame) {
        auto messages = codec::decode_node(frame);
        ASSERT_TRUE(messages);
        for (NodeMessage& m : *messages) heard_.push_back(std::move(m));
      });
    }
    return std::nullopt;
  }
  Errc complaint() {
    const auto got = next<Complaint>();
    return got ? got->code : Errc::ok;
  }
  bool is_welcome() {
    send(Hello{"garde-test", 1, 1, "raw"});
    return next<Welcome>().has_value();
  }

 private:
  client::Connection connection_;
  std::vector<NodeMessage> heard_;
};

}  // namespace vigie::site
