#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/status.h"
#include "tests/integration/rejections/newcomer.h"
#include "tests/integration/rejections/runners.h"
#include "tests/integration/rejections/world.h"
#include "tools/testbed/process.h"

// T55 programs that find their keys open to others.
namespace omninode::rejections {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kSomebodyElse = 65534;

// A folder of its own for one row, with copies that can be spoiled.
fs::path Fresh(World& world) {
  fs::path folder = fs::path(world.dir()) / ("local-" + world.NewName());
  fs::create_directory(folder);
  fs::permissions(folder, fs::perms::owner_all);
  return folder;
}

fs::path CopyOf(World& world, const fs::path& original) {
  const fs::path copy = Fresh(world) / original.filename();
  fs::copy(original, copy, fs::copy_options::recursive);
  return copy;
}

// Runs a program that must not start.
void Start(World& world, std::vector<std::string> argv, Outcome& outcome) {
  const std::string log = (Fresh(world) / "said").string();
  argv.front() = world.cluster().options().bin_dir + "/" + argv.front();
  const auto process = testbed::Process::Start(
      {.name = argv.front(), .argv = argv, .stdout_path = log, .stderr_path = log});
  ASSERT_TRUE(process.ok()) << process.status();
  const auto exit = (*process)->WaitExit(kSoon);
  ASSERT_TRUE(exit.ok()) << exit.status();
  outcome.exit_code = exit->code;
  std::ifstream file(log, std::ios::binary);
  outcome.program_log = {std::istreambuf_iterator<char>(file), {}};
}

using Spoil = std::function<void(const fs::path& folder)>;

// The registry with a copy of its identity folder.
Runner Registry(const Spoil& spoil) {
  return [=](World& world, Outcome& outcome) {
    const fs::path identity = CopyOf(world, world.cluster().IdentityDir("registry"));
    spoil(identity);
    Start(world,
          {"omninode-registry", "--data-dir", (Fresh(world) / "data").string(), "--identity-dir",
           identity.string(), "--listen", "127.0.0.1:0", "--admin.listen", "127.0.0.1:0"},
          outcome);
  };
}

// Bootstrap with a copy of its data.
Runner Bootstrap(const Spoil& spoil) {
  return [=](World& world, Outcome& outcome) {
    const fs::path data = CopyOf(world, world.dir() + "/data/bootstrap");
    spoil(data);
    Start(world,
          {"omninode-bootstrap", "run", "--data-dir", data.string(), "--listen", "127.0.0.1:0",
           "--attestor-address", "127.0.0.1:1", "--admin-socket",
           (Fresh(world) / "admin" / "sock").string(), "--admin.listen", "127.0.0.1:0"},
          outcome);
  };
}

void ReadableByAll(const fs::path& file) {
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read |
                            fs::perms::others_read);
}

Spoil Readable(std::string name) {
  return [=](const fs::path& folder) { ReadableByAll(folder / name); };
}

Spoil OfSomebodyElse(std::string name) {
  return [=](const fs::path& folder) {
    const std::string file = name.empty() ? folder.string() : (folder / name).string();
    ASSERT_EQ(::chown(file.c_str(), kSomebodyElse, kSomebodyElse), 0);
  };
}

Spoil Linked(std::string name) {
  return [=](const fs::path& folder) {
    fs::rename(folder / name, folder / "elsewhere");
    fs::create_symlink(folder / "elsewhere", folder / name);
  };
}

void WritableByGroup(const fs::path& folder) {
  fs::permissions(folder, fs::perms::owner_all | fs::perms::group_write);
}

// Only root can give files away.
Runner AsRoot(const Runner& runner) {
  return [=](World& world, Outcome& outcome) {
    if (::geteuid() != 0) GTEST_SKIP() << "chown needs root";
    runner(world, outcome);
  };
}

}  // namespace

void AddLocalRows(Runners& rows) {
  rows["T55.key_readable_by_all"] = Registry(Readable("key.pem"));
  rows["T55.key_of_somebody_else"] = AsRoot(Registry(OfSomebodyElse("key.pem")));
  rows["T55.key_behind_a_link"] = Registry(Linked("key.pem"));
  rows["T55.folder_writable_by_group"] = Registry(WritableByGroup);
  rows["T55.folder_of_somebody_else"] = AsRoot(Registry(OfSomebodyElse("")));
  rows["T55.authority_key_readable_by_all"] = Bootstrap(Readable("ca-key.pem"));
  rows["T55.authority_key_of_somebody_else"] = AsRoot(Bootstrap(OfSomebodyElse("ca-key.pem")));
  rows["T55.authority_key_behind_a_link"] = Bootstrap(Linked("ca-key.pem"));
  rows["T55.data_folder_writable_by_group"] = Bootstrap(WritableByGroup);
  rows["T55.token_readable_by_all"] = [](World& world, Outcome& outcome) {
    const auto token = world.cluster().MakeToken(*identity::SpiffeId::Parse(
        world.authority().Id("/ns/tenant-a/node/worker/" + world.NewName())));
    ASSERT_TRUE(token.ok()) << token.status();
    ReadableByAll(*token);
    Start(world,
          {"omnictl", "node", "run", "--type", "worker", "--id", "w1", "--namespace", "tenant-a",
           "--token", *token},
          outcome);
  };
}

}  // namespace omninode::rejections
