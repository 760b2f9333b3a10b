#!/bin/sh
# Every test, in two processes: stories and faults run whole installations, whose connections and memory are not to
# come on top of those that the other tests hold. Arguments go to both; one may find nothing to run.
set -u
run() {
    .venv/bin/python -m pytest "$@"
    code=$?
    [ $code = 5 ] && empty=$((empty + 1)) && return 0
    return $code
}

cd "$(dirname "$0")/.." || exit
failed=0 empty=0
run -m "not faults and not stories" "$@" || failed=1
run -m "faults or stories" "$@" || failed=1
[ $empty = 2 ] && echo "no test has been run" && failed=1
exit $failed
