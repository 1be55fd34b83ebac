#!/bin/sh
# Installs Stigmer on Linux and macOS:
#
#   curl --proto '=https' --tlsv1.2 -fsSL \
#     https://github.com/stigmer/stigmer/releases/latest/download/install.sh | sh
#
# It takes a release, compares its checksum with the list of the release, looks
# at the signature of that list where openssl can, tries the program, and only
# then puts it in its place, in one step. When anything is wrong, what was there
# stays as it was. It asks for no password and writes nowhere else.

set -eu

RELEASES_URL_DEFAULT="https://github.com/stigmer/stigmer/releases"
PAGE="https://github.com/stigmer/stigmer/blob/main/docs/installing.md"

# The keys of src/release/keys.ts: raw Ed25519 in base64, with spaces between.
RELEASE_KEYS=""

REDIRECTS_MAX=5
TRIAL_SECONDS_MAX=60
# Longer than an installer is at one file.
LEFT_MINUTES_MIN=60

usage() {
  cat <<'USAGE'
Install Stigmer

Usage: install.sh [options]

Options:
  --version VERSION    Install this release instead of the latest
  --dir DIR            Install into this folder (STIGMER_INSTALL_DIR,
                       default ~/.local/bin)
  --variant VARIANT    stigmer, or stigmer-ci, which can start no program
  --require-signature  Refuse where the signature cannot be looked at
  --allow-downgrade    Take the release also when it is older than what is there
  --help               Show this

Environment:
  STIGMER_INSTALL_DIR   As --dir
  STIGMER_RELEASES_URL  Where releases are, as a mirror: https, or http on
                        this machine

Examples:
  sh install.sh
  sh install.sh --version 0.2.0 --dir "$HOME/bin"
USAGE
}

say() {
  printf '%s\n' "$*" >&2
}

# Says the error $1 and the hints after it.
complain() {
  printf 'Error: %s\n' "$1" >&2
  shift
  for hint in "$@"; do
    printf 'Hint: %s\n' "$hint" >&2
  done
}

die() {
  complain "$@"
  exit 1
}

# For what the command line or a variable says.
misuse() {
  complain "$@"
  exit 2
}

has() {
  command -v "$1" >/dev/null 2>&1
}

# Reads the options into variables of their names.
read_options() {
  version=""
  dir="${STIGMER_INSTALL_DIR:-}"
  variant="stigmer"
  require_signature=""
  allow_downgrade=""
  while [ $# -gt 0 ]; do
    case "$1" in
    --help | -h)
      usage
      exit 0
      ;;
    --require-signature)
      require_signature="yes"
      shift
      continue
      ;;
    --allow-downgrade)
      allow_downgrade="yes"
      shift
      continue
      ;;
    --*=*)
      option="${1%%=*}"
      value="${1#*=}"
      shift
      ;;
    --version | --dir | --variant)
      [ $# -ge 2 ] || misuse "Option \"$1\" needs a value"
      option="$1"
      value="$2"
      shift 2
      ;;
    *)
      misuse "Unknown option \"$1\"" "Run it with --help"
      ;;
    esac
    case "$option" in
    --version) version="${value#v}" ;;
    --dir) dir="$value" ;;
    --variant) variant="$value" ;;
    *) misuse "Unknown option \"$option\"" "Run it with --help" ;;
    esac
    [ -n "$value" ] || misuse "Option \"$option\" needs a value"
  done
  case "$variant" in
  stigmer | stigmer-ci) ;;
  *) misuse "There is no variant \"$variant\"" "Take stigmer or stigmer-ci" ;;
  esac
  [ -z "$version" ] || is_version "$version" ||
    misuse "\"$version\" is no version" "Write it as 1.2.3"
  if [ -z "$dir" ]; then
    [ -n "${HOME:-}" ] || misuse "There is no HOME to install into" "Say where with --dir"
    dir="$HOME/.local/bin"
  fi
  # A folder that begins with a dash would be taken for an option.
  case "$dir" in
  /*) ;;
  *) dir="$(pwd)/$dir" ;;
  esac
  while [ "$dir" != / ] && [ "${dir%/}" != "$dir" ]; do
    dir="${dir%/}"
  done
}

# Whether $1 is the version of a release.
is_version() {
  case "$1" in
  *[!0-9A-Za-z.-]* | [!0-9]*) return 1 ;;
  [0-9]*.[0-9]*.[0-9]*) return 0 ;;
  *) return 1 ;;
  esac
}

# Reads where releases are into base, and whether that is on this machine.
read_address() {
  base="${STIGMER_RELEASES_URL:-}"
  [ -n "$base" ] || base="$RELEASES_URL_DEFAULT"
  base="${base%/}"
  is_local=""
  case "$base" in
  *[@?#]* | *[[:space:]]*) misuse "Cannot use STIGMER_RELEASES_URL: it is no plain address" ;;
  http://*) is_local="yes" ;;
  esac
  may_be_asked "$base" ||
    misuse "Cannot use STIGMER_RELEASES_URL: it must be https, or http on this machine"
}

# Whether the address $1 may be asked: https, or http on this machine where the
# releases are on it.
may_be_asked() {
  case "$1" in
  *[[:space:]]*) return 1 ;;
  https://?* | http://*) ;;
  *) return 1 ;;
  esac
  authority="${1#*://}"
  authority="${authority%%[/?#]*}"
  # What looks like a host may be a name or a password, with the host after it.
  case "$authority" in
  *[@\\]*) return 1 ;;
  esac
  case "$1" in
  https://*) return 0 ;;
  esac
  [ -n "$is_local" ] || return 1
  case "$authority" in
  localhost | 127.0.0.1 | "[::1]") return 0 ;;
  "[::1]":*) port="${authority#"[::1]:"}" ;;
  localhost:* | 127.0.0.1:*) port="${authority#*:}" ;;
  *) return 1 ;;
  esac
  case "$port" in
  *[!0-9]*) return 1 ;;
  esac
}

# Finds out for which machine to install, into target.
read_machine() {
  os="$(uname -s)"
  machine="$(uname -m)"
  case "$os" in
  Linux) os="linux" ;;
  Darwin) os="macos" ;;
  MINGW* | MSYS* | CYGWIN*)
    die "This is Windows" "Run install.ps1 in PowerShell instead"
    ;;
  *) die "There is no release for $os" "Run it from source: $PAGE" ;;
  esac
  case "$machine" in
  x86_64 | amd64) arch="x64" ;;
  aarch64 | arm64) arch="arm64" ;;
  *) die "There is no release for $machine" "Run it from source: $PAGE" ;;
  esac
  # A shell that runs under Rosetta says that it is on Intel.
  if [ "$os" = macos ] && [ "$arch" = x64 ] &&
    [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || echo 0)" = 1 ]; then
    arch="arm64"
  fi
  if [ "$os" = linux ]; then
    if has getconf && [ "$(getconf LONG_BIT 2>/dev/null || echo 64)" = 32 ]; then
      die "There is no release for a system of 32 bits"
    fi
    refuse_musl
  fi
  target="$os-$arch"
}

refuse_musl() {
  has ldd || return 0
  # That of musl ends with 1 when it is asked.
  case "$(ldd --version 2>&1 || true)" in
  *musl*)
    die "This system has musl, and releases need glibc" \
      "Use an image or a system with glibc, as Debian"
    ;;
  esac
}

read_tools() {
  if has curl; then
    downloader="curl"
  elif has wget && wget --version 2>/dev/null | grep -q "GNU Wget"; then
    downloader="wget"
  elif has wget; then
    # As that of busybox, which cannot be kept from following.
    downloader="another wget"
  else
    die "Neither curl nor wget is here" "Install one of them"
  fi
  if has sha256sum; then
    summer="sha256sum"
  elif has shasum; then
    summer="shasum"
  elif has openssl; then
    summer="openssl"
  else
    die "Nothing here can compute a SHA-256 checksum" \
      "Install sha256sum, shasum or openssl"
  fi
  for tool in tar gzip mktemp awk sleep; do
    has "$tool" || die "There is no $tool here" "Install it"
  done
}

# Takes the file $1 of the release into $2. Where a server leads to is looked at
# before it is asked: left to themselves, tools follow to http anywhere.
fetch() {
  url="$base/$1"
  hops=0
  while :; do
    ask "$url" "$2"
    [ -n "$next" ] || return 0
    hops=$((hops + 1))
    [ "$hops" -le "$REDIRECTS_MAX" ] ||
      die "Cannot take \"$base/$1\": it leads on more than $REDIRECTS_MAX times"
    may_be_asked "$next" ||
      die "Cannot take \"$base/$1\": it leads to an address that is not https"
    url="$next"
  done
}

# Asks for the address $1: into $2 what comes, or into next where it leads to.
ask() {
  next=""
  case "$downloader" in
  curl) ask_by_curl "$1" "$2" ;;
  wget) ask_by_wget "$1" "$2" ;;
  *)
    # It takes -T, which breaks it on Debian.
    # shellcheck disable=SC2046 # They are several words, or none.
    $(bound) wget -q -O "$2" "$1" || cannot_take "$1"
    ;;
  esac
}

cannot_take() {
  die "Cannot take \"$(shown "$1")\"" "Check the network and the version"
}

# The address $1 without what may be secret in it, as a signature.
shown() {
  printf '%s' "$1" | sed 's/[?#].*/?.../'
}

ask_by_curl() {
  protocols="=https"
  [ -z "$is_local" ] || protocols="=http,https"
  # It may be told to follow in ~/.curlrc; brackets in an address are not ours.
  answer="$(curl --fail --silent --show-error --no-location --globoff \
    --proto "$protocols" --tlsv1.2 \
    --connect-timeout 30 --speed-limit 1 --speed-time 60 --max-time 1800 \
    --max-filesize 536870912 --write-out '%{http_code} %{redirect_url}' \
    --output "$2" "$1")" || cannot_take "$1"
  case "$answer" in
  "200 "*) ;;
  3??" "?*) next="${answer#* }" ;;
  *) die "Cannot take \"$(shown "$1")\": the server answered ${answer%% *}" ;;
  esac
}

ask_by_wget() {
  # shellcheck disable=SC2046 # They are several words, or none.
  if LC_ALL=C $(bound) wget --no-verbose --server-response --max-redirect=0 \
    --timeout=60 --tries=2 --waitretry=1 -O "$2" "$1" >"$work/answer" 2>&1; then
    return 0
  fi
  next="$(awk '/^ *HTTP\// { status = $2; to = "" }
    tolower($1) == "location:" && to == "" { to = $2 }
    END { if (status ~ /^3/) print to }' "$work/answer" | tr -d '\r')"
  case "$next" in
  "")
    sed -n '$p' "$work/answer" >&2
    cannot_take "$1"
    ;;
  http://* | https://*) ;;
  //*) next="${1%%:*}:$next" ;;
  /*)
    rest="${1#*://}"
    next="${1%%:*}://${rest%%[/?#]*}$next"
    ;;
  *) die "Cannot take \"$(shown "$1")\": it leads to \"$(shown "$next")\"" ;;
  esac
}

# What bounds the time that a wget takes in all, where that is here.
bound() {
  if timeout --foreground 9 true 2>/dev/null; then
    echo "timeout --foreground 1800"
  elif timeout 9 true 2>/dev/null; then
    echo "timeout 1800"
  fi
}

checksum() {
  case "$summer" in
  sha256sum) sha256sum <"$1" | awk '{ print $1 }' ;;
  shasum) shasum -a 256 <"$1" | awk '{ print $1 }' ;;
  openssl) openssl dgst -sha256 <"$1" | awk '{ print $NF }' ;;
  esac
}

# Compares the file $1 of the release, which is in $work, with the list.
verify_checksum() {
  expected="$(awk -v name="$1" '$2 == name || $2 == "*" name { print $1 }' \
    "$work/SHA256SUMS")"
  case "$expected" in
  "") die "The release has no \"$1\": SHA256SUMS does not name it" ;;
  *[!0-9a-f]*) die "Cannot read SHA256SUMS of the release" ;;
  esac
  [ "${#expected}" -eq 64 ] || die "Cannot read SHA256SUMS of the release"
  found="$(checksum "$work/$1")"
  [ "$found" = "$expected" ] ||
    die "Cannot trust \"$1\": its checksum is $found, not $expected" \
      "It came incomplete or was changed on the way: try again"
}

# Looks at the signature of the list, where this machine can.
verify_signature() {
  why=""
  if [ -z "$RELEASE_KEYS" ]; then
    why="this script has no release key"
  elif ! has openssl || ! openssl pkeyutl -help 2>&1 | grep -q -e -rawin; then
    why="there is no openssl 3 here"
  fi
  if [ -n "$why" ]; then
    [ -z "$require_signature" ] ||
      die "Cannot look at the signature: $why"
    # It follows to http, and that of busybox looks at no certificate: a list
    # that came so, and the checksums in it, are those of whoever answered.
    led="this wget may be led to a server that nobody vouches for"
    if [ "$downloader" = "another wget" ]; then
      [ -z "$RELEASE_KEYS" ] ||
        die "Cannot trust this release: $led, and $why" \
          "Install curl, or openssl 3, then run it again"
    fi
    say "The signature was not looked at: $why"
    [ "$downloader" != "another wget" ] || say "Nothing says who made it: $led"
    return 0
  fi
  fetch "download/v$version/SHA256SUMS.sig" "$work/SHA256SUMS.sig"
  tr -d '\r\n' <"$work/SHA256SUMS.sig" |
    openssl base64 -d -A -out "$work/signature" 2>/dev/null || true
  for key in $RELEASE_KEYS; do
    # What stands before the key says that it is one of Ed25519.
    printf '%s\n' "-----BEGIN PUBLIC KEY-----" "MCowBQYDK2VwAyEA$key" \
      "-----END PUBLIC KEY-----" >"$work/key.pem"
    if openssl pkeyutl -verify -pubin -inkey "$work/key.pem" -rawin \
      -in "$work/SHA256SUMS" -sigfile "$work/signature" >/dev/null 2>&1; then
      say "Verified the signature of the release"
      return 0
    fi
  done
  die "Cannot trust this release: its signature is wrong" \
    "Somebody may have changed it on the way: do not use it"
}

# Says which release is to be taken, and takes its list of checksums.
find_release() {
  if [ -z "$version" ]; then
    fetch "latest/download/release.json" "$work/release.json"
  else
    fetch "download/v$version/release.json" "$work/release.json"
  fi
  named="$(sed -n 's/.*"version" *: *"\([^"]*\)".*/\1/p' "$work/release.json")"
  [ -n "$named" ] || die "Cannot read release.json of the release"
  is_version "$named" || die "Cannot read release.json of the release"
  [ -z "$version" ] || [ "$version" = "$named" ] ||
    die "Cannot trust this release: $version was asked for, and it is $named"
  # Everything else comes from under its version: another one may come out.
  version="$named"
  fetch "download/v$version/SHA256SUMS" "$work/SHA256SUMS"
  verify_signature
  verify_checksum release.json
}

refuse_place() {
  place="$dir/$variant"
  if [ -L "$place" ]; then
    die "Cannot install over \"$place\": it is a link" \
      "Let whatever made it, as Homebrew, upgrade it, or install elsewhere with --dir"
  fi
  [ ! -d "$place" ] || die "Cannot install over \"$place\": it is a folder"
  if [ -e "$dir" ] && { [ ! -d "$dir" ] || [ ! -w "$dir" ]; }; then
    die "Cannot install into \"$dir\": nothing may be written there" \
      "Install into another folder with --dir, or as who owns it"
  fi
}

# Has the program $1 say its version, into said; fails when it does not in time.
ask_version() {
  said=""
  "$1" version >"$work/said" 2>/dev/null </dev/null &
  tried=$!
  tenths=0
  # By hand: macOS has no command that bounds another.
  while kill -0 "$tried" 2>/dev/null; do
    if [ "$tenths" -ge "$((TRIAL_SECONDS_MAX * 10))" ]; then
      kill -9 "$tried" 2>/dev/null || true
      say "It did not answer for $TRIAL_SECONDS_MAX s: $1"
      break
    fi
    # Not every sleep knows parts of a second.
    if sleep 0.1 2>/dev/null; then
      tenths=$((tenths + 1))
    else
      sleep 1
      tenths=$((tenths + 10))
    fi
  done
  ended=0
  wait "$tried" || ended=$?
  tried=""
  [ "$ended" -eq 0 ] || return 1
  said="$(cat "$work/said")"
}

# Whether the version $1 is older than $2, by the rules of semantic versioning:
# as src/release/release_version.ts has it.
is_older() {
  LC_ALL=C awk -v a="$1" -v b="$2" '
  function core(version) { sub(/-.*$/, "", version); return version }
  function before(version) { return substr(version, length(core(version)) + 2) }
  # Below 0 where one identifier of what comes before a release is older.
  function compare(x, y) {
    if (x == y "") return 0
    if (x ~ /^[0-9]+$/ && y ~ /^[0-9]+$/) return x - y
    if (x ~ /^[0-9]+$/) return -1
    if (y ~ /^[0-9]+$/) return 1
    return x "" < y "" ? -1 : 1
  }
  BEGIN {
    split(core(a), left, /[.]/)
    split(core(b), right, /[.]/)
    for (i = 1; i <= 3; i++) {
      if (left[i] + 0 != right[i] + 0) exit !(left[i] + 0 < right[i] + 0)
    }
    if (before(a) == "" || before(b) == "") exit !(before(b) == "" && before(a) != "")
    m = split(before(a), left, /[.]/)
    n = split(before(b), right, /[.]/)
    for (i = 1; i <= m && i <= n; i++) {
      difference = compare(left[i], right[i])
      if (difference != 0) exit !(difference < 0)
    }
    exit !(m < n)
  }'
}

# An older release has faults that are known, and a genuine signature.
refuse_older() {
  [ -z "$allow_downgrade" ] || return 0
  { [ -f "$place" ] && [ -x "$place" ]; } || return 0
  ask_version "$place" || return 0
  is_version "$said" || return 0
  is_older "$version" "$said" || return 0
  die "Cannot go back to $version: \"$place\" is $said, which is newer" \
    "If the older one is meant, say --allow-downgrade as well"
}

# Unpacks the program beside its place, tries it and moves it there.
put_in_place() {
  mkdir -p "$dir" || die "Cannot make the folder \"$dir\"" "Say another one with --dir"
  sweep "$dir" .stigmer-install
  stage="$(mktemp -d "$dir/.stigmer-install.$$.XXXXXX")" ||
    die "Cannot install into \"$dir\": nothing may be written there" \
      "Install into another folder with --dir, or as who owns it"
  gzip -dc "$work/$asset" | tar -xf - -C "$stage" "$variant" ||
    die "Cannot unpack \"$asset\""
  new="$stage/$variant"
  { [ -f "$new" ] && [ ! -L "$new" ]; } || die "There is no $variant in \"$asset\""
  chmod 755 "$new"
  ask_version "$new" ||
    die "The program does not run on this machine" "Nothing was changed"
  [ "$said" = "$version" ] ||
    die "Cannot trust \"$asset\": it is not version $version" "Nothing was changed"
  # Within one file system this is one step.
  mv -f "$new" "$place" || die "Cannot put the program at \"$place\""
}

# Removes from the folder $1 what installers that were killed left as $2.PID.….
# Those of another machine or container, or of somebody else, look as if they
# were gone: what is too young to be left stays.
sweep() {
  for left in "$1/$2".*.??????; do
    owner="${left#"$1/$2".}"
    owner="${owner%%.*}"
    case "$owner" in
    "" | *[!0-9]*) continue ;;
    esac
    ! kill -0 "$owner" 2>/dev/null || continue
    old="$(find "$left" -prune -mmin "+$LEFT_MINUTES_MIN" 2>/dev/null || true)"
    [ -z "$old" ] || rm -rf "$left" 2>/dev/null || true
  done
}

tell() {
  printf 'Installed %s %s at %s\n' "$variant" "$version" "$place"
  case ":${PATH:-}:" in
  *":$dir:"*)
    first="$(command -v "$variant" || true)"
    [ "$first" = "$place" ] || [ -z "$first" ] ||
      say "Another one comes first on PATH: $first"
    return 0
    ;;
  esac
  case "$dir" in
  *:*)
    say "Call it as \"$place\": no folder with a colon can be on PATH"
    return 0
    ;;
  # Within double quotes a shell would read these.
  *[\"\$\`\\\!]*)
    quoted="'$(printf '%s' "$dir" | sed "s/'/'\\\\''/g")':\"\$PATH\""
    ;;
  *) quoted="\"$dir:\$PATH\"" ;;
  esac
  say "Put it on PATH, as in ~/.profile, ~/.bashrc or ~/.zshrc:"
  say "  export PATH=$quoted"
}

clean_up() {
  [ -z "$tried" ] || kill -9 "$tried" 2>/dev/null || true
  [ -z "$work" ] || rm -rf "$work"
  [ -z "$stage" ] || rm -rf "$stage"
}

main() {
  work=""
  stage=""
  tried=""
  read_options ${1+"$@"}
  read_address
  read_machine
  read_tools
  refuse_place
  trap clean_up EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  umask 022
  sweep "${TMPDIR:-/tmp}" stigmer-install
  work="$(mktemp -d "${TMPDIR:-/tmp}/stigmer-install.$$.XXXXXX")"
  find_release
  refuse_older
  asset="$variant-$target.tar.gz"
  say "Downloading $asset of $version"
  fetch "download/v$version/$asset" "$work/$asset"
  verify_checksum "$asset"
  put_in_place
  tell
}

# The last line, and in braces: what came incomplete runs nothing.
{ main ${1+"$@"}; }
