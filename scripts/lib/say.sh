# shellcheck shell=bash
# How the scripts of the pipelines read their options and speak. Sourced, never run.
# Data goes to stdout, talk to stderr. Exit codes are those of hello-dash (hello-dash --help), and mean the same:
# shellcheck disable=SC2034 # used by those who source this
readonly FAILED=2 NOT_ASKED=3 ROLLED_BACK=4 UNKNOWN=7 REFUSED=8 CREDENTIALS=9 USAGE=64

say() { printf '%s\n' "$*" >&2; }

# die CODE MESSAGE [HINT]
die() {
  printf '%s: error: %s\n' "$(basename "$0")" "$2" >&2
  [ -z "${3:-}" ] || printf 'hint: %s\n' "$3" >&2
  exit "$1"
}

# The comment at the head of the script is its help.
help() { sed -n '2,/^[^#]/{/^#/!d;s/^# \{0,1\}//;p}' "$0"; }

# need TOOL...: every tool it calls, before anything is changed.
need() {
  local tool
  for tool in "$@"; do command -v "$tool" >/dev/null || die "$USAGE" "$tool is not here, and is needed"; done
}

# options 'NAME...' 'FLAG...' "$@": `--some-name VALUE` becomes the variable some_name, `--flag` becomes flag=yes.
options() {
  local names=" $1 " flags=" $2 " option
  shift 2
  while [ $# -gt 0 ]; do
    option=${1#--}
    if [ "$1" = --help ] || [ "$1" = -h ]; then help; exit 0; fi
    [ "$1" != "$option" ] || die "$USAGE" "unexpected argument '$1'; see --help"
    if [[ $flags = *" $option "* ]]; then
      printf -v "${option//-/_}" yes
      shift
    elif [[ $names = *" $option "* ]]; then
      [ $# -ge 2 ] || die "$USAGE" "--$option wants a value; see --help"
      printf -v "${option//-/_}" %s "$2"
      shift 2
    else
      die "$USAGE" "unexpected option '$1'; see --help"
    fi
  done
}

# required NAME...: options that must have been given.
required() {
  local name
  for name in "$@"; do [ -n "${!name:-}" ] || die "$USAGE" "--${name//_/-} is needed; see --help"; done
}

is_commit() { [[ $1 =~ ^[0-9a-f]{40}$ ]] || die "$USAGE" "'$1' is not a full commit of 40 hexadecimal digits"; }
is_digest() { [[ $1 =~ @sha256:[0-9a-f]{64}$ ]] || die "$USAGE" "'$1' does not name an image by its digest (REPOSITORY@sha256:...)"; }
