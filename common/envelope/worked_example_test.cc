// Holds docs/reference/signed-envelope.md to its word: a reader implements from that page.
#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/crypto/key.h"
#include "common/envelope/beat_mac.h"
#include "common/envelope/dsse.h"
#include "common/envelope/envelope_body.h"
#include "common/envelope/payload.h"

namespace omninode::envelope {
namespace {

// The first private key of RFC 8032, section 7.1, as PKCS#8. Ed25519 signs the same bytes alike
// every time, so that a page can show a signature.
constexpr char kRfc8032Key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

std::string WithoutBlanks(std::string text) {
  std::erase_if(text, [](unsigned char c) { return std::isspace(c) != 0; });
  return text;
}

std::string Page() {
  std::ifstream file(OMNINODE_SIGNED_ENVELOPE_PAGE, std::ios::binary);
  return WithoutBlanks({std::istreambuf_iterator<char>(file), {}});
}

directory::Introspection Worker() {
  return *directory::Introspection::Create({.ns = "tenant-a",
                                            .node_type = "worker",
                                            .node_id = "w1",
                                            .endpoints = {{"grpc", "grpcs://10.0.0.7:8443"}},
                                            .capabilities = {{"max_jobs", "40"}}});
}

Body Example() {
  Body body{.event_id = "0f9d7c2a-6b1e-4c53-9a44-5d2f1e8b7a60",
            .type = EventType::kNodeIntrospection,
            .timestamp = absl::FromUnixSeconds(1'800'000'000),
            .signed_at = absl::FromUnixMillis(1'800'000'000'250),
            .audience = {*NetworkId::Parse("prod"), *NamespaceName::Parse("tenant-a")},
            .sequence = 1'800'000'000'000'000,
            .leaf_fingerprint = {},
            .correlation_id = "",
            .payload = EncodeIntrospection(Worker())};
  body.leaf_fingerprint.fill(0x11);
  return body;
}

// Whether the page shows these bytes in hexadecimal, however its lines are broken.
void ExpectShown(const std::string& what, std::string_view bytes) {
  const std::string hex = HexEncode(bytes);
  EXPECT_NE(Page().find(hex), std::string::npos) << what << " is " << hex;
}

TEST(WorkedExampleTest, ThePageShowsPayloadBodyAndContentDigest) {
  const Body body = Example();
  ExpectShown("payload", body.payload);
  ExpectShown("body", EncodeBody(body));
  ExpectShown("content digest", AsText(ByteSpan(ContentDigest(body))));
}

TEST(WorkedExampleTest, ThePageShowsWhatIsSignedAndASignature) {
  const auto key = crypto::PrivateKey::FromPkcs8Pem(kRfc8032Key);
  ASSERT_TRUE(key.ok()) << key.status();
  const std::string body = EncodeBody(Example());
  const std::string start = PreAuthenticationEncoding(kPayloadType, body);
  EXPECT_NE(Page().find(WithoutBlanks(start.substr(0, start.size() - body.size()))),
            std::string::npos)
      << start;
  ExpectShown("signature", key->Sign(start));
}

TEST(WorkedExampleTest, ThePageShowsAHeartbeatsMac) {
  const auto network = *NetworkId::Parse("prod");
  const auto ns = *NamespaceName::Parse("tenant-a");
  const BeatMac mac = ComputeBeatMac(
      std::string(32, '\x22'),
      {.network_id = network, .ns = ns, .lease_handle = 42, .sequence = 1'800'000'005'000});
  ExpectShown("mac", AsText(mac));
}

}  // namespace
}  // namespace omninode::envelope
