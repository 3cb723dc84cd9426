#!/usr/bin/env bash
# What one append costs the server, part by part: the processor time of the server's process, with
# each part taken away in turn. Nobody waits for the disk, so it is work and not waiting that counts.
#
#   cargo build -q -p eventsource-tests --bin with-postgres
#   target/debug/with-postgres benches/server/profile.sh
#
# Needs `psql` and `pgbench`, and a server on this machine whose role in DATABASE_URL may create
# databases. Arguments: appends a turn (6000), turns (5). Prints medians as a Markdown table.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
appends=${1:-6000} turns=${2:-5}
url=${DATABASE_URL%%\?*}
server=${url%/*}
export PGOPTIONS='-c synchronous_commit=off -c client_min_messages=error'

sql() { psql -X -q -v ON_ERROR_STOP=1 "$server/$1" "${@:2}"; }

# The tables of the task list, with two thousand tasks in progress.
make() {
    sql postgres -c "DROP DATABASE IF EXISTS $1" -c "CREATE DATABASE $1"
    sed '/^GRANT/d; s/, "task_app", "task_report"//' ../../docs/schema/task.sql | sql "$1" -f - >"/dev/null"
    sql "$1" -f tasks.sql
    [[ $# -lt 2 ]] || sql "$1" -c "$2"
}

# The same append, not after the head: what is stored without the trigger leaves that behind.
anywhere=$(mktemp)
trap 'rm -f "$anywhere"' EXIT
sed 's/SELECT id, seq + 1,/SELECT id, (random() * 1000000000)::integer + 9,/' append.sql >"$anywhere"

# Microseconds of the server's process for one transaction of a script.
cost() {
    pgbench -n -M prepared -c 1 -t "$appends" -f "$2" "$server/$1" >/dev/null 2>&1 &
    local bench=$! last=0 backend='' times
    while kill -0 "$bench" 2>/dev/null; do
        [[ -n $backend ]] || backend=$(pgrep -f "^postgres: .* $1 .*" | head -1 || true)
        times=$(cut -d' ' -f14,15 "/proc/$backend/stat" 2>/dev/null || true)
        [[ -z $times ]] || last=$((${times% *} + ${times#* }))
        sleep 0.02
    done
    wait "$bench"
    echo $((last * 1000000 / $(getconf CLK_TCK) / appends))
}

median() { sort -n | sed -n "$(((turns + 1) / 2))p"; }

make whole
make without_checks 'ALTER TABLE task_event DROP CONSTRAINT task_event_legal'
make without_indexes 'ALTER TABLE task_event DROP CONSTRAINT task_event_event_id;
    DROP INDEX task_event_by_clock; DROP INDEX task_event_by_xid'
make without_trigger 'DROP TRIGGER task_event_moves_head ON task_event'
make blind 'CREATE TABLE blind (id uuid, seq integer, data json, PRIMARY KEY (id, seq))'

declare -A measured
for ((turn = 0; turn < turns; turn++)); do
    for side in whole without_checks without_indexes without_trigger blind; do
        script=append.sql
        [[ $side != blind ]] || script=blind.sql
        [[ $side != without_trigger ]] || script=$anywhere
        measured[$side]+="$(cost "$side" "$script")"$'\n'
    done
done
whole=$(median <<<"${measured[whole]%$'\n'}")
echo '| | µs |'
echo '| --- | ---: |'
echo "| an append | $whole |"
for side in checks indexes trigger; do
    without=$(median <<<"${measured[without_$side]%$'\n'}")
    part=$((whole - without))
    ((part > 0)) || part='too little to measure'
    echo "| of it the $side | $part |"
done
echo "| a blind insert | $(median <<<"${measured[blind]%$'\n'}") |"
