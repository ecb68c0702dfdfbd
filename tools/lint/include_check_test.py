#!/usr/bin/env python3
"""Plants violations in a temporary tree and looks for each in the report of include_check.py."""

import os
import subprocess
import sys
import tempfile
import unittest

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "include_check.py")
README = "# Folder\n"


class IncludeCheckTest(unittest.TestCase):
    def setUp(self):
        self.tree = tempfile.TemporaryDirectory()
        self.addCleanup(self.tree.cleanup)

    def write(self, path, text):
        full = os.path.join(self.tree.name, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as stream:
            stream.write(text)
        readme = os.path.join(os.path.dirname(full), "README.md")
        if path.endswith((".h", ".cc")) and not os.path.exists(readme):
            with open(readme, "w", encoding="utf-8") as stream:
                stream.write(README)

    def report(self):
        done = subprocess.run([sys.executable, SCRIPT, self.tree.name], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.stderr, "")
        lines = done.stdout.splitlines()
        self.assertEqual(done.returncode, 1 if lines else 0)
        return lines

    def refuses(self, path, line, message):
        """`line` as the second line of `path` gives exactly one report, with `message`."""
        self.write(path, "// first\n" + line + "\n")
        lines = self.report()
        os.remove(os.path.join(self.tree.name, path))
        self.assertEqual(len(lines), 1, lines)
        self.assertTrue(lines[0].startswith(f"{path}:2: "), lines[0])
        self.assertIn(message, lines[0])

    def accepts(self, path, line):
        self.write(path, line + "\n")
        self.assertEqual(self.report(), [])
        os.remove(os.path.join(self.tree.name, path))

    def test_accepts_lower_layers(self):
        self.accepts("common/sql/a.cc", '#include "common/base/status.h"')
        self.accepts("common/sql/a.cc", '#include "common/sql/database.h"')
        self.accepts("common/node/a.cc", '#include "common/envelope/seal.h"')
        self.accepts("services/registry/store/a.cc", '#include "services/registry/topology/a.h"')
        self.accepts("services/registry/lease/a.h", '#include "services/registry/topology/a.h"')
        self.accepts("services/registry/api/a.cc", '#include "services/registry/lease/a.h"')
        self.accepts("services/registry/main.cc", '#include "services/registry/api/a.h"')
        self.accepts("services/bootstrap/store/a.cc", '#include "services/bootstrap/entry/a.h"')
        self.accepts("services/attestor/attestor_server.h", '#include "services/attestor/api/a.h"')

    def test_refuses_the_same_and_higher_layers(self):
        cases = [
            ("common/base/a.h", "common/time/clock.h"),
            ("common/sql/a.cc", "common/http/client.h"),
            ("common/identity/a_test.cc", "common/envelope/seal.h"),
            ("services/registry/topology/a.h", "services/registry/store/a.h"),
            ("services/registry/topology/a.h", "services/registry/lease/a.h"),
            ("services/registry/lease/a.cc", "services/registry/watch/a.h"),
            ("services/registry/watch/a.cc", "services/registry/sequencer/a.h"),
            ("services/registry/departure/a.cc", "services/registry/api/a.h"),
            ("services/registry/api/a.cc", "services/registry/registry_server.h"),
            ("services/bootstrap/issuance/a.cc", "services/bootstrap/entry/a.h"),
            ("services/bootstrap/trust/a.cc", "services/bootstrap/store/a.h"),
            ("services/attestor/api/a.cc", "services/attestor/attestor_server.h"),
        ]
        for path, target in cases:
            with self.subTest(path=path, target=target):
                self.refuses(path, f'#include "{target}"', "not a lower layer")

    def test_refuses_a_folder_without_a_layer(self):
        self.refuses("common/util/a.h", '#include "common/base/status.h"', "table of layers")
        self.refuses("services/registry/api/a.h", '#include "services/registry/misc/a.h"',
                     "table of layers")

    def test_refuses_wrong_directions_between_top_folders(self):
        self.refuses("common/node/a.cc", '#include "services/registry/api/a.h"', "services")
        self.refuses("tools/omnictl/a.cc", '#include "services/registry/api/a.h"', "services")
        self.refuses("services/registry/api/a.cc", '#include "services/attestor/api/a.h"',
                     "never include each other")
        self.refuses("services/registry/api/a.cc", '#include "tools/testbed/a.h"', "tools/")
        self.refuses("services/registry/api/a.cc", '#include "tests/support/a.h"', "tests/")
        self.refuses("common/base/a.cc", '#  include "status.h"', "repository root")

    def test_lets_tests_include_anything(self):
        for target in ("common/base/a.h", "services/registry/store/a.h", "tools/testbed/a.h"):
            self.accepts("tests/integration/a.cc", f'#include "{target}"')
        for target in ("openssl/ssl.h", "sqlite3.h", "grpcpp/grpcpp.h", "nlohmann/json.hpp"):
            self.accepts("tests/integration/a.cc", f"#include <{target}>")
        self.accepts("services/registry/store/a_test.cc", '#include "tests/support/a.h"')

    def test_gives_each_library_its_folder(self):
        homes = {
            "openssl/evp.h": "common/crypto",
            "sqlite3.h": "common/sql",
            "boost/beast.hpp": "common/http",
            "spdlog/spdlog.h": "common/telemetry",
            "prometheus/counter.h": "common/telemetry",
            "yaml-cpp/yaml.h": "common/config",
            "CLI/CLI.hpp": "tools/omnictl",
            "nlohmann/json.hpp": "common/enrollment",
            "grpcpp/grpcpp.h": "services/registry/api",
            "grpc/grpc.h": "common/rpc/transport",
        }
        for header, home in homes.items():
            with self.subTest(header=header):
                self.accepts(home + "/a.cc", f"#include <{header}>")
                self.refuses("common/directory/a.cc", f"#include <{header}>", "not for this folder")

    def test_keeps_generated_code_in_glue(self):
        line = '#include "omninode/registry/v1/registry_service.pb.h"'
        for path in ("services/registry/api/registry_service.cc", "common/envelope/a_codec.h",
                     "common/node/registry_client.cc", "services/registry/api/a_test.cc",
                     "tools/omnictl/a.cc", "tests/support/a.h"):
            self.accepts(path, line)
        for path in ("services/registry/api/registry_service.h", "common/envelope/seal.cc",
                     "common/node/registry_client.h"):
            self.refuses(path, line, "belongs into")
        self.refuses("common/directory/a_codec.cc", line, "not for this folder")

    def test_keeps_domain_folders_pure(self):
        for target in ("google/protobuf/message.h", "common/sql/database.h", "common/http/client.h",
                       "common/rpc/serve/guard.h"):
            form = f'"{target}"' if target.startswith("common") else f"<{target}>"
            with self.subTest(target=target):
                self.refuses("services/registry/topology/a.cc", f"#include {form}", "domain folder")
        self.write("services/bootstrap/entry/a.cc", "#include <grpcpp/grpcpp.h>\n")
        self.assertEqual(len(self.report()), 2)  # the library's folder, and the domain

    def test_wants_a_short_readme_in_every_folder_with_code(self):
        for folder in ("common/base", "common/rpc/serve", "services/registry",
                       "services/registry/api", "tools/omnictl", "tests/bench"):
            with self.subTest(folder=folder):
                self.write(folder + "/a.cc", "")
                readme = os.path.join(self.tree.name, folder, "README.md")
                self.write(folder + "/README.md", "line\n" * 25)
                self.assertEqual(self.report(), [])
                self.write(folder + "/README.md", "line\n" * 26)
                self.assertEqual(self.report(),
                                 [f"{folder}/README.md:26: has 26 lines, at most 25"])
                os.remove(readme)
                lines = self.report()
                self.assertEqual(len(lines), 1, lines)
                self.assertIn(f"{folder}/README.md:1: is missing", lines[0])
                self.write(folder + "/README.md", README)

    def test_wants_no_readme_where_there_is_no_code(self):
        self.write("common/empty/CMakeLists.txt", "")
        self.write("common/node/testing/a.cc", "")  # the folder above tells of it
        os.remove(os.path.join(self.tree.name, "common/node/testing/README.md"))
        self.assertEqual(self.report(), [])

    def test_refuses_sleeping(self):
        for call in ("std::this_thread::sleep_for(x);", "usleep(5);", "absl::SleepFor(x);",
                     "std::this_thread::sleep_until(x);"):
            self.refuses("common/base/a_test.cc", call, "sleeps")
            self.accepts("tools/testbed/a.cc", call)

    def test_refuses_paths_of_a_machine(self):
        for path in ("/" + "home/someone/x", "/" + "work/main"):
            for name in ("common/base/a.cc", "tools/script.sh", "docs/guide.md", "CMakeLists.txt"):
                self.refuses(name, f'x = "{path}"', "absolute path")
        self.accepts("docs/guide.md", "spiffe://example.org/" + "work/load and ./" + "root/x")

    def test_skips_what_is_not_source(self):
        self.write("build/common/base/a.cc", '#include "services/x/a.h"\n')
        self.write(".git/config", "/" + "home/someone\n")
        with open(os.path.join(self.tree.name, "image.png"), "wb") as stream:
            stream.write(b"\x89PNG\xff\xfe")
        self.assertEqual(self.report(), [])


if __name__ == "__main__":
    unittest.main()
