"""Fails when a C++ source is not formatted: format_check.py ROOT

`clang-format-14 -i FILE` puts it right. Generated code and build folders are left out.
"""
import subprocess
import sys
from pathlib import Path


def sources(root):
    for folder in ('common', 'services', 'tools', 'tests'):
        for suffix in ('*.h', '*.cc'):
            yield from (root / folder).rglob(suffix)


def main():
    root = Path(sys.argv[1])
    files = sorted(str(path) for path in sources(root))
    result = subprocess.run(['clang-format-14', '--dry-run', '--Werror', *files],
                            capture_output=True, text=True, cwd=root)
    for line in result.stderr.splitlines():
        if ': error:' in line:
            print(line)
    print(f'{len(files)} files checked')
    return 1 if result.returncode else 0


if __name__ == '__main__':
    sys.exit(main())
