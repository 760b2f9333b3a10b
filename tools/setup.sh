#!/bin/sh
# Makes .venv what the lock files and pyproject.toml files say; does nothing when it already is.
#   sh tools/setup.sh [bench]     bench: with what only the benchmarks need
#   sh tools/setup.sh run         what runs it, without what checks it, for whoever installs it or looks at it; a .venv
#                                 that has everything keeps everything
#   sh tools/setup.sh python      print the Python it would use, for what must work before .venv does
# The stamp holds checksums of the folder, since no virtual environment survives being moved, and of those files.
set -eu
cd "$(dirname "$0")/.."

say() { echo "setup: $*" >&2; }

is_debian_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

apt_install() {
    say "installing $*"
    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 install \
        --no-install-recommends "$@"; } </dev/null >&2
}

# A name may exist and not run (version managers leave such shims), so each candidate is tried.
find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

has_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

ready_python() {
    if ! python=$(find_python); then
        if is_debian_root; then apt_install python3 python3-venv; fi
        python=$(find_python) || { say "Python 3.11 or later is needed; set PYTHON to it"; exit 1; }
    fi
    if ! has_venv "$python"; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        if is_debian_root; then apt_install "python$version-venv"; fi
        has_venv "$python" || { say "$python lacks venv: install the package python$version-venv"; exit 1; }
    fi
}

case ${1:-} in
"" | bench | run) ;;
python) ready_python; echo "$python"; exit 0 ;;
*) say "unknown: $1"; exit 2 ;;
esac
packages=$(echo shared services/*-svc center)
editables="" projects=""
for package in $packages; do
    editables="$editables -e ./$package"
    projects="$projects $package/pyproject.toml"
done
place=$(pwd | cksum)
outside=$(cat requirements.lock requirements-dev.lock tools/setup.sh | cksum)
running=$(cat requirements.lock tools/setup.sh | cksum)
inside=$(cat $projects | cksum)
bench=$(cksum <requirements-bench.lock)
holds() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }
# .stamp: everything is there; .stamp-run: what runs it
whole() { holds .venv/.stamp "$place $outside $inside"; }
complete() {
    case $1 in
    run) whole || holds .venv/.stamp-run "$place $running $inside" ;;
    bench) whole && holds .venv/.stamp-bench "$bench" ;;
    *) whole ;;
    esac
}
complete "${1:-}" && exit 0

mkdir -p .run
exec 9>.run/setup.lock
if command -v flock >/dev/null 2>&1; then flock 9; fi # two calls at once

pip=".venv/bin/python -m pip -qq --disable-pip-version-check --no-input"
outside_install="$pip install --no-deps --require-hashes --only-binary :all:"
complete "${1:-}" && exit 0 # the other call has done it
before=$(cat .venv/.stamp 2>/dev/null || true)
before_running=$(cat .venv/.stamp-run 2>/dev/null || true)
begins() { [ "${1#"$2 "}" != "$1" ]; }

ours() {
    say "installing our own packages"
    # editable_mode=compat adds plain paths, which type checkers and editors can follow.
    $pip install --no-deps --no-build-isolation --no-index --config-settings editable_mode=compat $editables
    .venv/bin/python -m pip check >&2 || { say "the lock files lack that: run make lock"; exit 1; }
}

if ! begins "$before" "$place" && ! begins "$before_running" "$place"; then
    ready_python
    say "making .venv with $("$python" -V)"
    "$python" -m venv --clear .venv
fi
if [ "${1:-}" = run ] && ! begins "$before" "$place"; then
    if ! begins "$before_running" "$place $running"; then
        say "installing what runs it"
        $outside_install -r requirements.lock
    fi
    ours
elif ! whole; then
    if ! begins "$before" "$place $outside"; then
        say "installing what the lock files name"
        $outside_install -r requirements.lock -r requirements-dev.lock
    fi
    ours
    echo "$place $outside $inside" >.venv/.stamp
fi
echo "$place $running $inside" >.venv/.stamp-run
if [ "${1:-}" = bench ] && ! holds .venv/.stamp-bench "$bench"; then
    $outside_install -r requirements-bench.lock
    echo "$bench" >.venv/.stamp-bench
fi
say "done"
