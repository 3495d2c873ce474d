# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# Functions of the scripts that a newcomer runs: tests/run, examples/run, bench/run. To be sourced
# from the repository's root.
#
#   say TEXT                    a line of progress, with the seconds since the start
#   need PACKAGE...             installs those Debian/Ubuntu packages that are missing
#   logged NAME COMMAND...      runs quietly; its output is in build/NAME.log, and shown if it fails
#   build_preset PRESET [-DOPTION=VALUE]...    configures and builds build/PRESET
#   run_ctest PRESET            runs its tests and prints ctest's summary
#   print_total                 the sum of those summaries

set -euo pipefail

: "${JOBS:=$(nproc)}"
n_failed=0
n_tests=0

say() { printf '%4d s  %s\n' "$SECONDS" "$*"; }

logged() {
    local log=build/$1.log
    shift
    mkdir -p build
    if ! "$@" >"$log" 2>&1; then
        echo "failed: $*"
        # The first errors say more than the last lines, and the last lines say where it stopped.
        grep -m 10 -E 'error|Error|ERROR' "$log" || true
        echo "--- the end of $log"
        tail -n 40 "$log"
        return 1
    fi
}

installed() { dpkg-query -W -f '${Status}\n' "$1" 2>/dev/null | grep -q ' installed$'; }

missing_of() {
    local package
    for package in "$@"; do
        case $package in
            # A program built by hand, or a newer version under another name, will do as well.
            g++)         have_cxx20 g++ || echo g++ ;;
            clang)       have_cxx20 clang++ || echo clang ;;
            clang-format | cmake) command -v "$package" >/dev/null || echo "$package" ;;
            ninja-build) command -v ninja >/dev/null || echo ninja-build ;;
            pkg-config)  command -v pkg-config >/dev/null || echo pkg-config ;;
            *)           installed "$package" || echo "$package" ;;
        esac
    done
}

have_cxx20() {
    command -v "$1" >/dev/null && echo '#include <stop_token>' | "$1" -std=c++20 -fsyntax-only -xc++ - 2>/dev/null
}

need() {
    local missing
    mapfile -t missing < <(missing_of "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
            as_root=(sudo -n env)
        else
            echo "these packages are missing and need root to install:"
            echo "  apt-get install ${missing[*]}"
            exit 2
        fi
    fi
    say "installing ${missing[*]}"
    logged apt "${as_root[@]}" apt-get update -q || say "apt-get update failed; trying with what is known"
    logged apt "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends "${missing[@]}" || exit 2
}

copse_packages=(g++ cmake ninja-build libtbb-dev libxtensor-dev libxsimd-dev libthrust-dev
                libcub-dev doctest-dev zlib1g-dev libcli11-dev pkg-config)

build_preset() {
    local preset=$1
    shift
    say "$preset: building"
    logged "$preset-configure" cmake --preset "$preset" "$@" &&
        logged "$preset-build" cmake --build --preset "$preset" -j "$JOBS"
}

run_ctest() {
    local preset=$1 log=build/$1-test.log code=0
    say "$preset: testing"
    ctest --preset "$preset" -j "$JOBS" >"$log" 2>&1 || code=$?
    local summary
    summary=$(grep -E '^[0-9]+% tests passed' "$log") || summary="ctest gave no summary"
    if [ $code != 0 ]; then
        # The output of each failed test, and the list of them.
        awk '/\*\*\*(Failed|Exception|Timeout|Not Run)/ {show = 1} /^ *Start / {show = 0} show' "$log" |
            tail -n 200
        [ "$summary" != "ctest gave no summary" ] || tail -n 20 "$log"
    fi
    say "$preset: $summary"
    local failed total
    read -r failed total < <(sed -nE 's/.* ([0-9]+) tests? failed out of ([0-9]+).*/\1 \2/p' "$log") || true
    n_failed=$((n_failed + ${failed:-1}))
    n_tests=$((n_tests + ${total:-1}))
    return $code
}

# In ctest's words, over all builds.
print_total() {
    local passed=$((n_tests - n_failed))
    echo "$((n_tests == 0 ? 0 : 100 * passed / n_tests))% tests passed, $n_failed tests failed out of $n_tests"
}
