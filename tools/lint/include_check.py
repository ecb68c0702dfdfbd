#!/usr/bin/env python3
"""Checks what may include what, and a few rules a compiler cannot see.

    tools/lint/include_check.py [root of the repository]

Prints `path:line: message` for each violation and exits with 1 if there was one. The rules are the
tables below; the design document of the architecture gives the reasons.
"""

import fnmatch
import os
import re
import sys

# Folders by layer, lowest first: a folder includes itself and lower layers. "." is the code that
# lies directly in the service: its composition root and main.
LAYERS = {
    "common": [
        ["base"],
        ["time", "crypto", "concurrency", "telemetry"],
        ["identity", "directory", "config", "sql", "bus", "http"],
        ["envelope", "rpc"],
        ["enrollment"],
        ["node", "runtime"],
    ],
    "services/registry": [
        ["topology"],
        ["store", "lease", "watch", "admission"],
        ["sequencer"],
        ["departure", "api"],
        ["."],
    ],
    "services/bootstrap": [
        ["entry", "issuance", "authority", "trust", "attestation"],
        ["store"],
        ["desk", "setup"],
        ["api"],
        ["."],
    ],
    "services/attestor": [["api"], ["."]],
}

# What the code of a top folder may include of ours. Inside common and a service LAYERS decides.
TOP_FOLDERS = {
    "common": ["common"],
    "services": ["common"],  # and its own service
    "proto": ["proto"],
    "tools": ["common", "tools"],
    "tests": ["common", "services", "tests", "tools"],
}

# Generated code: which folders use it at all, and the kinds of file that may.
GENERATED = r"\.pb\.h$"
GENERATED_FOLDERS = ["common/envelope/*", "common/rpc/*", "common/enrollment/*", "common/node/*",
                     "services/*", "proto/*", "tools/*", "tests/*"]
GENERATED_FILES = ["*_service.cc", "*_codec.cc", "*_codec.h", "*_client.cc",
                   "services/*/api/*.cc", "common/envelope/envelope_body.cc", "proto/*", "tools/*", "tests/*", "*_test.cc", "*/testing/*"]

# Outside libraries: header pattern and the files that may include it. tests/ may include anything.
LIBRARIES = {
    "OpenSSL": (r"^openssl/", ["common/crypto/*", "common/rpc/transport/*"]),
    "SQLite": (r"^sqlite3(ext)?\.h$", ["common/sql/*"]),
    "libpq": (r"^libpq", ["common/sql/*"]),
    "librdkafka": (r"^librdkafka/", ["common/bus/*"]),
    "Boost": (r"^boost/", ["common/http/*"]),
    "spdlog": (r"^spdlog/", ["common/telemetry/*"]),
    "prometheus-cpp": (r"^prometheus/", ["common/telemetry/*"]),
    "yaml-cpp": (r"^yaml-cpp/", ["common/config/*"]),
    "CLI11": (r"^CLI/", ["common/config/*", "tools/omnictl/*"]),
    "nlohmann-json": (r"^nlohmann/", ["tools/omnictl/*", "tools/testbed/*", "common/telemetry/*",
                                      "common/config/*", "common/envelope/*",
                                      "common/enrollment/*", "*_test.cc"]),
    "gRPC": (r"^grpc(pp|\+\+)?/", ["common/rpc/*", "common/enrollment/*", "common/node/*",
                                   "common/runtime/*", "services/*/api/*", "services/*/*_server.cc", "tools/*",
                                   "*_test.cc"]),
}

# Domain folders decide; they do not talk to the network, the disk or the log.
DOMAIN_FOLDERS = [
    "services/registry/" + name
    for name in ("topology", "lease", "watch", "admission", "departure", "sequencer")
] + ["services/bootstrap/" + name
     for name in ("entry", "issuance", "authority", "attestation", "trust")]
DOMAIN_FORBIDDEN = (r"^(grpc|grpcpp|grpc\+\+|google/protobuf|google/rpc|spdlog|boost|libpq.*)/"
                    r"|^sqlite3|^common/(sql|http|rpc|bus)/|" + GENERATED)

README_FOLDERS = [r"^(common|services|tests|tools)(/[^/]+)+$"]
README_MAX_LINES = 25

# Pattern, the files it is looked for in, the files that are excepted, message.
TEXT_RULES = [
    (r"\b(sleep_for|sleep_until|usleep|nanosleep|SleepFor)\b", ["*.h", "*.cc"],
     ["tools/testbed/*"], "sleeps; wait for an event with a deadline instead"),
    (r"(?<![\w./>}~-])/(work|home|root|Users|mnt)/\w", ["*"], [], "absolute path of a machine"),
]

CODE = (".h", ".cc")
SKIPPED_FOLDERS = {"build", "node_modules", "__pycache__", "testdata"}
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def matches(path, patterns):
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)


def owner(path):
    """("services/registry", "topology") of a source file or an include; None without a layer."""
    for unit in LAYERS:
        if path.startswith(unit + "/"):
            rest = path[len(unit) + 1:].split("/")
            return unit, rest[0] if len(rest) > 1 else "."
    return None


def service(path):
    return path.split("/")[1] if path.startswith("services/") else None


def check_layers(path, target):
    source, included = owner(path), owner(target)
    if source is None or included is None or source[0] != included[0] or source == included:
        return None
    rank = {name: i for i, layer in enumerate(LAYERS[source[0]]) for name in layer}
    for unit, name in (source, included):
        if name not in rank:
            return f"{unit}/{name} is not in the table of layers (tools/lint/include_check.py)"
    if rank[included[1]] < rank[source[1]]:
        return None
    return f"{source[0]}/{source[1]} may not include {included[0]}/{included[1]}: not a lower layer"


def check_direction(path, target):
    top, target_top = path.split("/")[0], target.split("/")[0]
    if target_top not in TOP_FOLDERS:
        return "quoted includes are ours and start at the repository root"
    if matches(path, ["*_test.cc", "*/testing/*"]) and target_top == "tests":
        return None
    if target_top not in TOP_FOLDERS.get(top, []):
        if target_top != "services":
            return f"{top}/ may not include {target_top}/"
        if top != "services":
            return f"{top}/ may not include services"
        if service(path) != service(target):
            return f"services never include each other: {service(path)} and {service(target)}"
    return check_layers(path, target)


def check_include(path, quote, target):
    """Messages for one include line."""
    if re.search(GENERATED, target):
        if not matches(path, GENERATED_FOLDERS):
            yield f"generated code ({target}) is not for this folder"
        elif not matches(path, GENERATED_FILES):
            yield f"generated code ({target}) belongs into _service.cc, _codec.* and _client.cc"
    elif quote == '"':
        message = check_direction(path, target)
        if message:
            yield message
    for library, (pattern, allowed) in LIBRARIES.items():
        if re.search(pattern, target) and not matches(path, allowed + ["tests/*"]):
            yield f"{library} ({target}) is not for this folder"
    if any(path.startswith(folder + "/") for folder in DOMAIN_FOLDERS):
        if re.search(DOMAIN_FORBIDDEN, target):
            yield f"a domain folder may not include {target}"


def check_file(path, text):
    """(line number, message) for one file."""
    rules = [rule for rule in TEXT_RULES if matches(path, rule[1]) and not matches(path, rule[2])]
    for number, line in enumerate(text.splitlines(), 1):
        if path.endswith(CODE):
            include = INCLUDE.match(line)
            if include:
                for message in check_include(path, *include.groups()):
                    yield number, message
        for pattern, _, _, message in rules:
            if re.search(pattern, line):
                yield number, message


def check_readme(root, folder, files):
    if not any(name.endswith(CODE) for name in files) or os.path.basename(folder) == "testing":
        return
    if not any(re.match(pattern, folder) for pattern in README_FOLDERS):
        return
    readme = folder + "/README.md"
    if "README.md" not in files:
        yield readme, 1, "is missing: what the folder owns, its invariants, what it may touch"
        return
    with open(os.path.join(root, readme), encoding="utf-8") as stream:
        lines = len(stream.read().splitlines())
    if lines > README_MAX_LINES:
        yield readme, README_MAX_LINES + 1, f"has {lines} lines, at most {README_MAX_LINES}"


def check_tree(root):
    """All violations under `root` as (path, line number, message), in order of path."""
    for directory, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS and f[0] != ".")
        folder = os.path.relpath(directory, root).replace(os.sep, "/")
        yield from check_readme(root, folder, files)
        for name in sorted(files):
            path = name if folder == "." else f"{folder}/{name}"
            try:
                with open(os.path.join(root, path), encoding="utf-8") as stream:
                    text = stream.read()
            except (UnicodeDecodeError, FileNotFoundError):
                continue  # not text, or a dangling link
            for number, message in check_file(path, text):
                yield path, number, message


def main(arguments):
    default = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    root = arguments[0] if arguments else default
    violations = list(check_tree(root))
    for path, number, message in violations:
        print(f"{path}:{number}: {message}")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
