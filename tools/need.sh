#!/usr/bin/env bash
# Installs what a step needs, if it is missing:  tools/need.sh WHAT…
#
#   rust          checks that cargo is there and new enough
#   wasm-target   the compiler's wasm32-unknown-unknown target, by rustup
#   wasm-bindgen  the CLI of exactly the version that Cargo.lock pins, into the target folder's tools/
#   wasm-split    the splitter of WebAssembly, of the version in tools/wasm-split.version, into the same folder
#   npm-tools     tools/node_modules (esbuild, binaryen), by npm ci
#   npm-end2end   end2end/node_modules (Playwright, axe), by npm ci
#   postgres      PostgreSQL's server programs, by apt-get where it may
#   chromium      a Chromium or Chrome, by apt-get where it may
#
# Each does nothing when it is there already; each says what to do when it can't be installed from here.
set -euo pipefail
cd "$(dirname "$0")/.."
target_dir="${CARGO_TARGET_DIR:-target}"

say() { printf 'need: %s\n' "$*"; }
fail() { printf 'need: %s\n' "$*" >&2; exit 1; }

# True when `version $1` is at least `$2`.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n1)" = "$2" ]; }

locked_version() { grep -A1 "^name = \"$1\"\$" Cargo.lock | sed -n 's/^version = "\(.*\)"$/\1/p' | head -n1; }

need_rust() {
  command -v cargo > /dev/null || fail "cargo is missing: install Rust with rustup (https://rustup.rs), then try again"
  local want have
  want=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml | head -n1)
  have=$(rustc -V | cut -d' ' -f2)
  at_least "$have" "$want" || fail "rustc $have is too old, $want or newer is needed: run 'rustup update stable'"
}

need_wasm_target() {
  need_rust
  [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib" ] && return
  command -v rustup > /dev/null || fail "the target wasm32-unknown-unknown is missing and there is no rustup to add it"
  say "adding the WebAssembly target to Rust"
  rustup target add wasm32-unknown-unknown
}

# Installs a crate's program into the target folder's tools/NAME-VERSION:  cargo_tool NAME CRATE VERSION ARGUMENTS…
# A folder of its own to build in, so that other builds needn't wait. Without the project's flags: they are the app's.
cargo_tool() {
  local name=$1 crate=$2 version=$3 root="$target_dir/tools/$1-$3"
  shift 3
  [ -d "$root/bin" ] && return
  say "installing $crate $version into $root (some minutes, once)"
  RUSTFLAGS='' cargo install "$crate" --version "$version" --root "$root.part" --target-dir "$root.build" --quiet "$@"
  rm -rf "$root" "$root.build"
  mv "$root.part" "$root"
}

# Not --locked: its lock file names a pre-release that is gone.
need_wasm_bindgen() {
  need_rust
  cargo_tool wasm-bindgen wasm-bindgen-cli "$(locked_version wasm-bindgen)"
}

need_wasm_split() {
  need_rust
  cargo_tool wasm-split wasm_split_cli_support "$(cat tools/wasm-split.version)" --locked --features build-binary
}

# npm ci, unless the installed packages are those of the lock file.
need_npm() {
  command -v npm > /dev/null || fail "npm is missing: install Node 20 or newer, then try again"
  local node_major
  node_major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$node_major" -ge 20 ] || fail "Node $node_major is too old, 20 or newer is needed"
  cmp -s "$1/package-lock.json" "$1/node_modules/.installed-lock" && return
  say "installing the npm packages of $1"
  (cd "$1" && npm ci --no-audit --no-fund --loglevel=error)
  cp "$1/package-lock.json" "$1/node_modules/.installed-lock"
}

# Installs Debian packages where that needs no password.
apt_install() {
  local as_root=()
  command -v apt-get > /dev/null || return 1
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2> /dev/null || return 1
    as_root=(sudo -n)
  fi
  say "installing Debian's package $*"
  "${as_root[@]}" apt-get update -qq || true
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" > /dev/null
}

find_initdb() {
  command -v initdb && return
  local places
  places=$(ls -1 /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb 2> /dev/null || true)
  [ -n "$places" ] && printf '%s\n' "$places" | sort -V | tail -n1
}

need_postgres() {
  find_initdb > /dev/null && return
  apt_install postgresql && find_initdb > /dev/null && return
  fail "PostgreSQL's programs (initdb, postgres) are missing and can't be installed from here: install your system's PostgreSQL server package, version 14 or newer, or put its bin folder on PATH"
}

need_chromium() {
  node tools/find-chromium.mjs > /dev/null 2>&1 && return
  apt_install chromium && node tools/find-chromium.mjs > /dev/null && return
  fail "no Chromium or Chrome was found and none can be installed from here: install one, or name it in PAYDECK_CHROMIUM"
}

[ $# -gt 0 ] || { sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 2; }
for what in "$@"; do
  case "$what" in
    rust) need_rust ;;
    wasm-target) need_wasm_target ;;
    wasm-bindgen) need_wasm_bindgen ;;
    wasm-split) need_wasm_split ;;
    npm-tools) need_npm tools ;;
    npm-end2end) need_npm end2end ;;
    postgres) need_postgres ;;
    chromium) need_chromium ;;
    *) fail "don't know what '$what' is" ;;
  esac
done
