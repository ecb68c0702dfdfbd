#!/usr/bin/env python3
"""Makes docs/reference/configuration.md and metrics.md from what the programs say.

    tools/lint/reference_pages.py BIN [ROOT]          fails when a page is not up to date
    tools/lint/reference_pages.py BIN [ROOT] --write  writes them

BIN is the folder of the programs. Each prints its own part with --reference. It also fails when a
source of the product names a metric that is on no page.
"""
import re
import subprocess
import sys
from pathlib import Path

SERVICES = ('bootstrap', 'attestor', 'registry')
COMMAND = 'tools/lint/reference_pages.py BIN --write'
MARK = '\n### Metrics\n'

CONFIGURATION = '''# Configuration

Made by `{command}` from what the programs print with `--reference`; do not edit.

A value comes from, the later the stronger: its default, the YAML file that `--config FILE` or
`OMNINODE_<SERVICE>_CONFIG` names, the environment, a flag. Keys with a dot may be nested in the file:

    trust:
      max_age: 10s

An unknown key of the file, an unknown flag, a key given twice and a value out of its bounds is an
error with the place where it stands. Variables of other names are left alone: others make some that
look alike (Kubernetes for its services). `--check-config` prints the values that would be used and where each comes
from, and ends. Durations are written like `250ms`, `30s`, `5m` or `24h`, addresses as `host:port`,
items of a list with commas or as a YAML sequence. Lists may be given again and again as flags.
'''

METRICS = '''# Metrics

Made by `{command}` from what the programs print with `--reference`; do not edit.

Each service serves them as `/metrics` of its admin address, in the text format of Prometheus.
A histogram has the series `_bucket`, `_sum` and `_count`. Labels with longer closed lists:

| label | values |
|---|---|
| `rpc` | package, service and method, like `omninode.registry.v1.RegistryService/Register`, or `other` |
| `reason` of `omninode_reject_total` | the reasons of [errors.md](errors.md) |
| `code` | the gRPC status by name, like `UNAVAILABLE` |
| `service` | `bootstrap`, `attestor` or `registry` |
| `namespace` | the network's namespaces; beyond a bound new ones are left out and counted |
'''


def reference(folder, service):
    result = subprocess.run([folder / f'omninode-{service}', '--reference'], check=True,
                            capture_output=True, text=True)
    configuration, metrics = result.stdout.split(MARK)
    return configuration.strip(), metrics.strip().splitlines()


def metric_tables(parts):
    """One table of what all services have, then one for each service."""
    head = parts[SERVICES[0]][:2]
    rows = {service: lines[2:] for service, lines in parts.items()}
    common = [row for row in rows[SERVICES[0]] if all(row in rows[s] for s in SERVICES)]
    tables = [('All services', common)]
    for service in SERVICES:
        tables.append((f'omninode-{service}', [r for r in rows[service] if r not in common]))
    return ['\n'.join([f'## {title}\n', *head, *lines]) for title, lines in tables if lines]


def pages(folder):
    parts = {service: reference(folder, service) for service in SERVICES}
    configuration = [CONFIGURATION.format(command=COMMAND).strip()]
    configuration += [parts[service][0] for service in SERVICES]
    metrics = [METRICS.format(command=COMMAND).strip()]
    metrics += metric_tables({service: part[1] for service, part in parts.items()})
    return {'configuration.md': '\n\n'.join(configuration) + '\n',
            'metrics.md': '\n\n'.join(metrics) + '\n'}


def named_metrics(root):
    """Metrics by the place in the product that names them."""
    for folder in ('common', 'services'):
        for path in sorted((root / folder).rglob('*.cc')):
            if path.name.endswith('_test.cc') or 'testing' in path.parts:
                continue
            for name in re.findall(r'"(omninode_[a-z0-9_]+)"', path.read_text()):
                yield name, path.relative_to(root)


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != '--write']
    folder = Path(arguments[0])
    root = Path(arguments[1]) if len(arguments) > 1 else Path(__file__).parents[2]
    failed = False
    made = pages(folder)
    for name, text in made.items():
        path = root / 'docs' / 'reference' / name
        if '--write' in sys.argv:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            print(f'{path}: is not what the programs say; run: {COMMAND}')
            failed = True
    for metric, where in named_metrics(root):
        if f'`{metric}`' not in made['metrics.md']:
            print(f'{where}: {metric} is not on the page of metrics')
            failed = True
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
