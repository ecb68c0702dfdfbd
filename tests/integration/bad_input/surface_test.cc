#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>
#include <google/protobuf/dynamic_message.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "common/base/status.h"
#include "common/rpc/serve/roles_table.h"
#include "common/rpc/serve/status_codec.h"
#include "common/rpc/transport/channel.h"
#include "tools/testbed/cluster.h"
#include "tools/testbed/temporary_folder.h"

namespace omninode::bad_input {
namespace {

namespace pb = google::protobuf;
using testbed::Cluster;

constexpr char kMethod[] = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

// What a tool like grpcurl asks: one request on a stream of its own. Requests and answers are made
// of the descriptors that gRPC's own library brings.
class ReflectionClient final {
 public:
  ReflectionClient(Cluster& cluster, std::string_view service, const std::string& address)
      : channel_({.address = address,
                  .expected = rpc::ExpectService(service),
                  .svids = &cluster.admin().membership().svids(),
                  .trust = &cluster.admin().membership().trust(),
                  .clock = &cluster.clock()}) {}

  absl::StatusOr<std::set<std::string>> Services() {
    OMNI_ASSIGN_OR_RETURN(const auto answer, Ask("list_services"));
    const auto* reflection = answer->GetReflection();
    const auto& list = reflection->GetMessage(*answer, Field(*answer, "list_services_response"));
    std::set<std::string> names;
    const auto* services = Field(list, "service");
    for (int i = 0; i < list.GetReflection()->FieldSize(list, services); ++i) {
      const auto& service = list.GetReflection()->GetRepeatedMessage(list, services, i);
      names.insert(service.GetReflection()->GetString(service, Field(service, "name")));
    }
    return names;
  }

  // The file that describes a service, and those that it needs, into `database`.
  absl::Status Describe(const std::string& service, pb::SimpleDescriptorDatabase* database) {
    OMNI_ASSIGN_OR_RETURN(const auto answer, Ask("file_containing_symbol", service));
    const auto* reflection = answer->GetReflection();
    const auto* field = Field(*answer, "file_descriptor_response");
    if (!reflection->HasField(*answer, field)) {
      return Error(absl::StatusCode::kNotFound, "{}: {}", service, answer->ShortDebugString());
    }
    const auto& files = reflection->GetMessage(*answer, field);
    const auto* protos = Field(files, "file_descriptor_proto");
    for (int i = 0; i < files.GetReflection()->FieldSize(files, protos); ++i) {
      pb::FileDescriptorProto file;
      if (!file.ParseFromString(files.GetReflection()->GetRepeatedString(files, protos, i))) {
        return absl::DataLossError(service);
      }
      pb::FileDescriptorProto known;
      if (!database->FindFileByName(file.name(), &known)) database->Add(file);
    }
    return absl::OkStatus();
  }

 private:
  static const pb::FieldDescriptor* Field(const pb::Message& message, const std::string& name) {
    return message.GetDescriptor()->FindFieldByName(name);
  }
  static std::unique_ptr<pb::Message> Make(const std::string& name) {
    const auto* type = pb::DescriptorPool::generated_pool()->FindMessageTypeByName(
        "grpc.reflection.v1alpha." + name);
    return std::unique_ptr<pb::Message>(
        pb::MessageFactory::generated_factory()->GetPrototype(type)->New());
  }

  absl::StatusOr<std::unique_ptr<pb::Message>> Ask(const std::string& field,
                                                   const std::string& value = "*") {
    auto request = Make("ServerReflectionRequest");
    request->GetReflection()->SetString(request.get(), Field(*request, field), value);
    const grpc::Slice slice(request->SerializeAsString());
    grpc::ByteBuffer received;
    OMNI_RETURN_IF_ERROR(Call(grpc::ByteBuffer(&slice, 1), &received));
    std::vector<grpc::Slice> slices;
    received.Dump(&slices);
    std::string bytes;
    for (const auto& part : slices) {
      bytes.append(reinterpret_cast<const char*>(part.begin()), part.size());
    }
    auto answer = Make("ServerReflectionResponse");
    if (!answer->ParseFromString(bytes)) return absl::DataLossError("no answer of reflection");
    return answer;
  }

  absl::Status Call(const grpc::ByteBuffer& request, grpc::ByteBuffer* received) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(15));
    grpc::CompletionQueue queue;
    grpc::GenericStub stub(channel_.Get());
    const auto call = stub.PrepareCall(&context, kMethod, &queue);
    void* tag = nullptr;
    bool ok = false;
    call->StartCall(nullptr);
    queue.Next(&tag, &ok);
    call->Write(request, nullptr);
    queue.Next(&tag, &ok);
    call->Read(received, nullptr);
    queue.Next(&tag, &ok);
    if (ok) {
      call->WritesDone(nullptr);
      queue.Next(&tag, &ok);
    }
    grpc::Status status;
    call->Finish(&status, nullptr);
    queue.Next(&tag, &ok);
    return rpc::FromGrpc(status);
  }

  rpc::RotatingChannel channel_;
};

// What the services show of themselves. One network with reflection for the whole suite.
class SurfaceTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<testbed::TemporaryFolder>();
    cluster_ = Start("with", {{"bootstrap", {"--reflection"}}, {"registry", {"--reflection"}}});
  }
  static void TearDownTestSuite() {
    if (testing::UnitTest::GetInstance()->current_test_suite()->Failed() && cluster_ != nullptr) {
      std::cerr << cluster_->LogExcerpts();
    }
    cluster_.reset();
    folder_.reset();
  }
  void SetUp() override { ASSERT_NE(cluster_, nullptr) << "the network is not up"; }

  static std::unique_ptr<Cluster> Start(
      const std::string& name, const std::map<std::string, std::vector<std::string>>& more_args) {
    auto cluster = Cluster::Start(
        {.dir = folder_->path() + "/" + name, .bin_dir = OMNINODE_BIN_DIR, .more_args = more_args});
    EXPECT_TRUE(cluster.ok()) << cluster.status();
    return cluster.ok() ? *std::move(cluster) : nullptr;
  }

  static inline std::unique_ptr<testbed::TemporaryFolder> folder_;
  static inline std::unique_ptr<Cluster> cluster_;
};

TEST_F(SurfaceTest, ReflectionDescribesEveryServiceCompletely) {
  std::set<std::string> seen;
  for (const auto& [service, address] :
       {std::pair<std::string, std::string>{"bootstrap", cluster_->bootstrap_address()},
        {"registry", cluster_->registry_address()}}) {
    ReflectionClient client(*cluster_, service, address);
    const auto services = client.Services();
    ASSERT_TRUE(services.ok()) << services.status();
    pb::SimpleDescriptorDatabase database;
    for (const std::string& name : *services) {
      const absl::Status described = client.Describe(name, &database);
      EXPECT_TRUE(described.ok()) << described;
    }
    // Of nothing but what was sent: a file that is missing makes it fail.
    pb::DescriptorPool pool(&database);
    for (const std::string& name : *services) {
      const auto* descriptor = pool.FindServiceByName(name);
      ASSERT_NE(descriptor, nullptr) << service << ": " << name;
      for (int i = 0; i < descriptor->method_count(); ++i) {
        const auto* method = descriptor->method(i);
        EXPECT_FALSE(method->input_type()->is_placeholder()) << method->full_name();
        EXPECT_FALSE(method->output_type()->is_placeholder()) << method->full_name();
        seen.insert(fmt::format("{}/{}", name, method->name()));
      }
    }
  }
  EXPECT_TRUE(seen.contains("grpc.health.v1.Health/Check"));
  // Every RPC that there is, but for those on the admin socket and at the attestor's open door.
  for (const std::string& rpc : rpc::RpcNames()) {
    if (rpc.find("LocalIdentityService/") != std::string::npos ||
        rpc.find("AttestationService/") != std::string::npos) {
      continue;
    }
    EXPECT_TRUE(seen.contains(rpc)) << rpc;
  }
}

TEST_F(SurfaceTest, WithoutTheFlagThereIsNoReflection) {
  const auto plain = Start("without", {});
  ASSERT_NE(plain, nullptr);
  for (const auto& [service, address] :
       {std::pair<std::string, std::string>{"bootstrap", plain->bootstrap_address()},
        {"attestor", plain->attestor_address()},
        {"registry", plain->registry_address()}}) {
    const auto services = ReflectionClient(*plain, service, address).Services();
    EXPECT_TRUE(absl::IsUnimplemented(services.status())) << service << ": " << services.status();
  }
}

TEST_F(SurfaceTest, EveryMetricOfARunningServiceIsOnThePage) {
  std::ifstream file(OMNINODE_SOURCE_DIR "/docs/reference/metrics.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  for (const auto* service :
       {&cluster_->bootstrap(), &cluster_->attestor(), &cluster_->registry()}) {
    const auto samples = service->Metrics();
    ASSERT_TRUE(samples.ok()) << samples.status();
    EXPECT_FALSE(samples->empty());
    for (const auto& sample : *samples) {
      std::string name = sample.name;
      for (const std::string_view suffix : {"_bucket", "_sum", "_count"}) {
        const std::string family =
            name.substr(0, name.size() - std::min(name.size(), suffix.size()));
        if (name.ends_with(suffix) && page.find("`" + family + "` | histogram") != page.npos) {
          name = family;
        }
      }
      EXPECT_NE(page.find("`" + name + "`"), std::string::npos) << service->name() << ": " << name;
    }
  }
}

}  // namespace
}  // namespace omninode::bad_input
