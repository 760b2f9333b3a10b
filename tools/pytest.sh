#!/bin/sh
# Every test, in four runs: stories and faults run whole installations, whose connections and memory are not to come on
# top of those that the other tests hold, and what faults leave behind would make every story's check of all
# invariants slow; whoever measures how an overloaded service sheds is alone. Arguments go to each; some may find nothing
# to run.
set -u
run() {
    .venv/bin/python -m pytest "$@"
    code=$?
    [ $code = 5 ] && empty=$((empty + 1)) && return 0
    return $code
}

cd "$(dirname "$0")/.." || exit
failed=0 empty=0
# Each worker has a database and pools of connections of its own, and takes the files in their order: the last ones start
# whole installations in the worker, which the first would meet. Three fill two cores: they wait for servers now and then.
run -n "${WORKERS:-3}" --dist loadfile --no-loadscope-reorder -m "not faults and not stories and not soak and not overload" "$@" || failed=1
run -n "${WORKERS:-2}" --dist loadfile --no-loadscope-reorder -m "stories" "$@" || failed=1
run -n "${WORKERS:-2}" --dist loadfile --no-loadscope-reorder -m "faults and not stories and not overload" "$@" || failed=1
run -m "overload" "$@" || failed=1
[ $empty = 4 ] && echo "no test has been run" && failed=1
exit $failed
