#!/bin/bash
# smoke.sh [--only go,rust] [--list] : builds, tests and lints a small project with every toolchain of this image, without
# the network, and reads what they print with the farm's own parsers: each must find the defect that its project holds.
# Ends with "=== ALL TOOLCHAINS GREEN ===", or names what is not and exits 1.
set -u
here=$(dirname "$(readlink -f "$0")")
only=
while [ $# -gt 0 ]; do
  case $1 in
    --only) only=,${2:-},; shift ;;
    --list) node "$here/toolchains.ts" | cut -d $'\x1f' -f 1,2 | tr '\037' ' ' | uniq; exit ;;
    *) echo "smoke.sh [--only go,rust] [--list]; found $1" >&2; exit 2 ;;
  esac
  shift
done

target=$(cat /usr/local/share/crafting-table/target 2> /dev/null || echo)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME="$work/home" GRADLE_USER_HOME="$work/gradle-home" CI=true NO_COLOR=1 TERM=dumb GOPROXY=off GOTOOLCHAIN=local GOFLAGS=-mod=mod CARGO_NET_OFFLINE=true \
  npm_config_offline=true PIP_NO_INDEX=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
mkdir "$HOME"

declare -A state told
declare -a told_time=()
red() { state[$1]=red; echo "  ✘ $1: $2"; }

# The project of a toolchain, under its names without `.sample`, which hides its defects from the tools of this repository.
lay_out() {
  cp -r "$here/smoke/$1" "$work/$1" && chmod -R u+w "$work/$1"
  find "$work/$1" -name '*.sample' | while read -r file; do mv "$file" "${file%.sample}"; done
}

# Runs a command in its project and answers its exit code; its output lies in $work/output.
try() { (cd "$work/$1" && timeout 600 sh -c "$2") > "$work/output" 2>&1 < /dev/null; }

check() {
  local name=$1 recipe=$2 language=$3 text=$4 command=$5 code
  try "$name" "$command"
  code=$?
  if [ -z "$language" ]; then
    [ "$code" -eq 0 ] || { red "$name" "$recipe: '$command' ended with $code"; tail -n 15 "$work/output" | cat -v; }
    return
  fi
  node "$here/../cli/main.ts" parse --language "$language" --recipe "$recipe" --exit-code "$code" --root "$work/$name" \
    < "$work/output" > "$work/findings" 2> "$work/problems"
  grep -qF -- "$text" "$work/findings" && return
  red "$name" "$recipe: '$command' ended with $code, and no finding holds '$text'"
  tail -n 15 "$work/output" | cat -v
  head -c 1000 "$work/findings" | cat -v
}

begin() {
  local name=$1 targets=$2 programs=$3 version=$4 program missing=
  for program in $programs; do command -v "$program" > /dev/null || missing="$missing $program"; done
  if [ -n "$missing" ] && [ -n "$target" ] && [[ ,$targets, != *",$target,"* ]]; then
    state[$name]=absent
    echo "  - $name is not in this image (it is in: $targets)"
    return
  fi
  state[$name]=green
  told[$name]=$(cd / && sh -c "$version" 2> /dev/null | head -n 1)
  [ -z "$missing" ] || { red "$name" "not on the PATH:$missing"; state[$name]=absent_red; return; }
  lay_out "$name"
}

names=()
while IFS=$'\x1f' read -r name targets programs version recipe language text command; do
  [ -z "$only" ] || [[ $only == *",$name,"* ]] || continue
  if [ -z "${state[$name]:-}" ]; then
    names+=("$name")
    started=$SECONDS
    begin "$name" "$targets" "$programs" "$version"
  fi
  case ${state[$name]} in absent | absent_red) continue ;; esac
  check "$name" "$recipe" "$language" "$text" "$command"
  told_time[${#names[@]}]=$((SECONDS - started))
done < <(node "$here/toolchains.ts")

[ ${#names[@]} -gt 0 ] || { echo "There is no toolchain named ${only//,/ }; --list names them." >&2; exit 2; }
failed=()
number=0
for name in "${names[@]}"; do
  number=$((number + 1))
  case ${state[$name]} in
    green) printf '  ✔ %-8s %3s s  %s\n' "$name" "${told_time[$number]:-0}" "${told[$name]}" ;;
    absent) ;;
    *) failed+=("$name") ;;
  esac
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "=== NOT GREEN: ${failed[*]} ==="
  exit 1
fi
if [[ " ${state[*]} " != *' green '* ]]; then
  echo '=== NOT GREEN: nothing of this is in this image ==='
  exit 1
fi
echo '=== ALL TOOLCHAINS GREEN ==='
