#!/usr/bin/env python3
"""Plants violations in small libraries and looks for each in the report of pure_core_check.py."""

import os
import subprocess
import sys
import tempfile
import unittest

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pure_core_check.py")


class PureCoreCheckTest(unittest.TestCase):
    def setUp(self):
        self.tree = tempfile.TemporaryDirectory()
        self.addCleanup(self.tree.cleanup)

    def build(self, source):
        """The source as libplanted.a in a folder of the tree."""
        folder = os.path.join(self.tree.name, "services", "x")
        os.makedirs(folder, exist_ok=True)
        unit, obj = os.path.join(folder, "a.cc"), os.path.join(folder, "a.cc.o")
        with open(unit, "w", encoding="utf-8") as stream:
            stream.write(source)
        subprocess.run(["c++", "-c", "-o", obj, unit], check=True)
        subprocess.run(["ar", "rcs", os.path.join(folder, "libplanted.a"), obj], check=True)

    def report(self):
        done = subprocess.run([sys.executable, SCRIPT, self.tree.name, "planted"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr, "")
        lines = done.stdout.splitlines()
        self.assertEqual(done.returncode, 1 if lines else 0)
        return lines

    def refuses(self, source, symbol):
        self.build(source)
        lines = self.report()
        self.assertEqual(len(lines), 1, lines)
        self.assertTrue(lines[0].startswith("planted(a.cc.o): "), lines[0])
        self.assertIn(symbol, lines[0])

    def test_refuses_what_the_c_library_knows_of_the_world(self):
        self.refuses("#include <ctime>\nlong f() { return time(nullptr); }", "time")
        self.refuses("#include <ctime>\nint f(timespec* t) { return clock_gettime(0, t); }",
                     "clock_gettime")
        self.refuses("#include <sys/socket.h>\nint f() { return socket(1, 1, 0); }", "socket")
        self.refuses("#include <fcntl.h>\nint f() { return open(\"/\", 0); }", "open")
        self.refuses("#include <cstdlib>\nchar* f() { return getenv(\"HOME\"); }", "getenv")

    def test_refuses_what_the_cpp_library_knows_of_the_world(self):
        self.refuses("#include <chrono>\nauto f() { return std::chrono::system_clock::now(); }",
                     "system_clock::now")
        self.refuses("namespace omninode { struct SystemClock { long Now(); }; }\n"
                     "long f(omninode::SystemClock& c) { return c.Now(); }", "SystemClock")

    def test_accepts_mutexes_and_names_that_only_look_alike(self):
        self.build("#include <mutex>\n"
                   "namespace mine { int time(int); int open(); }\n"
                   "std::mutex m;\n"
                   "int f() { std::lock_guard l(m); return mine::time(1) + mine::open(); }")
        self.assertEqual(self.report(), [])

    def test_a_missing_library_is_no_success(self):
        lines = self.report()
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("libplanted.a is not in", lines[0])


if __name__ == "__main__":
    unittest.main()
