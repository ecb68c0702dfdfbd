# Shared by the scripts in tools/; sourced, not run. REQUIRES: bash, `root` set to the checkout.

# One line for people, with the seconds since the script began.
say() { printf '[%4ds] %s\n' "$SECONDS" "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# Runs "$@" as root, by sudo where that is needed.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Installs from the distribution what tools/packages.txt names and is missing.
install_packages() {
  command -v apt-get >/dev/null || {
    say "no apt-get here: assuming that the packages of tools/packages.txt are there"
    return 0
  }
  local missing=() package
  while read -r package; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
      missing+=("$package")
  done < <(grep -v '^#' "$root/tools/packages.txt")
  if [ ${#missing[@]} = 0 ]; then return 0; fi
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
    die "missing packages: ${missing[*]}
run this script as root or install sudo, or run: apt-get install ${missing[*]}"
  say "installing ${#missing[@]} packages: ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    die "apt-get could not install: ${missing[*]}"
}

# build PRESET [TARGET ...]: configures and builds, quiet unless it fails.
build() {
  local preset=$1 log
  shift
  log="$root/build/$preset.log"
  mkdir -p "$root/build"
  (cd "$root" && cmake --preset "$preset") >"$log" 2>&1 || { cat "$log"; die "configuring $preset failed"; }
  say "building $preset (log: build/$preset.log)"
  ninja -C "$root/build/$preset" "$@" >>"$log" 2>&1 ||
    { grep -nE 'error|FAILED' "$log" | head -40; tail -20 "$log"; die "building $preset failed: see build/$preset.log"; }
}

# The slowest units of the last build of PRESET, for who watches the build time.
slowest_units() {
  python3 - "$root/build/$1/.ninja_log" <<'PY'
import sys
rows = {}
for line in open(sys.argv[1]):
    if line.startswith('#'):
        continue
    start, end, _, output, *_ = line.rstrip('\n').split('\t')
    rows[output] = (int(end) - int(start)) / 1000
for output, seconds in sorted(rows.items(), key=lambda r: -r[1])[:10]:
    print(f'         {seconds:6.1f} s  {output}')
PY
}
