"""Runs clang-tidy with the set of .clang-tidy on the gRPC-free sources: tidy.py ROOT BUILD_DIR

The compile commands of BUILD_DIR are cut down to what matters to a parser: GCC's precompiled headers
and warning flags mean nothing to clang.
"""
import json
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FOLDERS = ('common/base', 'common/time', 'common/concurrency', 'common/directory',
           'services/registry/topology', 'services/registry/lease', 'services/registry/watch',
           'services/registry/sequencer', 'services/registry/departure')


def parser_flags(command):
    """Include paths, definitions and the standard of one compile command."""
    kept, words = [], iter(shlex.split(command))
    for word in words:
        if word == '-isystem':
            kept += [word, next(words)]
        elif word.startswith(('-I', '-D', '-std=')) and not word.startswith('-D_FORTIFY'):
            kept.append(word)
    return kept


def main():
    root, build = Path(sys.argv[1]), Path(sys.argv[2])
    jobs = []
    for entry in json.loads((build / 'compile_commands.json').read_text()):
        path = Path(entry['file'])
        if path.name.endswith('_test.cc') or root not in path.parents:
            continue
        if str(path.parent.relative_to(root)) in FOLDERS:
            flags = ' '.join(['clang++', *parser_flags(entry['command']), '-c', str(path)])
            jobs.append({'directory': str(root), 'file': str(path), 'command': flags})
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / 'compile_commands.json').write_text(json.dumps(jobs))

        def check(job):
            return subprocess.run(['clang-tidy-14', '--quiet', '-p', folder, job['file']],
                                  capture_output=True, text=True, cwd=root)

        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(check, jobs))
    failed = [result for result in results if result.returncode]
    for result in failed:
        print(result.stdout)
    print(f'{len(jobs)} files checked, {len(failed)} with findings')
    return 1 if failed or not jobs else 0


if __name__ == '__main__':
    sys.exit(main())
