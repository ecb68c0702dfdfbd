#!/usr/bin/env python3
"""Checks that the domain folders neither ask for the time nor do I/O nor start threads.

    tools/lint/pure_core_check.py BUILD_DIR

Reads the undefined symbols of their libraries, so it also finds what a header brings in. Prints
`library(object): symbol` for each violation and exits with 1 if there was one, or if a library is
missing from the build.
"""

import re
import subprocess
import sys
from pathlib import Path

# Everything here is simulated or tested as a function of its arguments. bootstrap's authority is
# not in the list: its key store is files.
LIBRARIES = [
    "registry_topology", "registry_lease", "registry_watch",
    "bootstrap_entry", "bootstrap_issuance", "bootstrap_attestation", "bootstrap_trust",
]

# What a library may use nevertheless, as it is printed, and why.
ALLOWED = {
    # Serial numbers and nonces are secrets: chance that nobody can seed.
    "bootstrap_issuance": re.compile(r"^omninode::crypto::Random"),
    "bootstrap_attestation": re.compile(r"^omninode::crypto::Random"),
    # Waiting for acknowledgements with a bound: std::condition_variable asks for the time itself.
    "bootstrap_trust": re.compile(r"^std::chrono::_V2::steady_clock::now\("),
}

# Functions of the C library, whatever their version.
C_FUNCTIONS = {
    # time
    "clock_gettime", "clock_nanosleep", "gettimeofday", "localtime_r", "nanosleep", "sleep", "time",
    "usleep",
    # chance
    "arc4random", "getentropy", "getrandom", "rand", "random",
    # threads and processes
    "execve", "fork", "posix_spawn", "pthread_create",
    # files and sockets
    "accept", "bind", "connect", "fopen", "fopen64", "getaddrinfo", "listen", "open", "open64",
    "openat", "recv", "send", "socket", "unlink",
    # the surroundings
    "getenv", "secure_getenv",
}

# C++ functions, as nm prints them demangled.
CPP_FUNCTIONS = re.compile(
    r"^(absl::(lts_\d+::)?(Now|SleepFor)\("
    r"|std::chrono::(_V2::)?\w+_clock::now\("
    r"|std::random_device::"
    r"|std::thread::_M_start_thread"
    r"|std::(basic_)?[io]?fstream|std::basic_filebuf"
    r"|std::filesystem::"
    r"|omninode::SystemClock::"
    r"|omninode::PeriodicTask::"
    r"|omninode::crypto::Random)")


def is_impure(library, symbol):
    """Whether a demangled symbol ("time@GLIBC_2.2.5", "absl::Now()") is one of the above."""
    if library in ALLOWED and ALLOWED[library].match(symbol):
        return False
    return symbol.split("@")[0] in C_FUNCTIONS or CPP_FUNCTIONS.match(symbol) is not None


def undefined_symbols(library):
    """Pairs of object and demangled symbol."""
    done = subprocess.run(["nm", "-A", "-C", "--undefined-only", str(library)], capture_output=True,
                          text=True, check=True)
    for line in done.stdout.splitlines():
        # "libx.a:a.cc.o:                 U symbol (with, blanks)"; W and w are weak ones.
        match = re.match(r"^[^:]*:([^:]*):\s+[UWw] (.*)$", line)
        if match:
            yield match.group(1), match.group(2)


def check(build, libraries):
    """The violations, a line each."""
    problems = []
    for name in libraries:
        found = sorted(build.rglob(f"lib{name}.a"))
        if not found:
            problems.append(f"{name}: lib{name}.a is not in {build}; build it first")
        for library in found:
            problems += [f"{name}({obj}): {symbol}" for obj, symbol in undefined_symbols(library)
                         if is_impure(name, symbol)]
    return problems


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 64
    problems = check(Path(sys.argv[1]), sys.argv[2:] or LIBRARIES)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
