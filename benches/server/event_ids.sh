#!/usr/bin/env bash
# What the index of the event ids takes: bytes an event, and microseconds to store one, with and
# without it. Statements store 300 events, three of each entity, with ids that grow with time.
#
#   cargo build -q -p eventsource-tests --bin with-postgres
#   target/debug/with-postgres benches/server/event_ids.sh
#
# Needs `psql`, and a server whose role in DATABASE_URL may create databases. Arguments: statements
# (1000), turns (3). Prints medians as a Markdown table.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
statements=${1:-1000} turns=${2:-3}
url=${DATABASE_URL%%\?*}
server=${url%/*}
export PGOPTIONS='-c synchronous_commit=off -c client_min_messages=error'

sql() { psql -X -q -v ON_ERROR_STOP=1 "$server/$1" "${@:2}"; }

make() {
    sql postgres -c "DROP DATABASE IF EXISTS $1" -c "CREATE DATABASE $1"
    sed '/^GRANT/d; s/, "task_app", "task_report"//' ../../docs/schema/task.sql | sql "$1" -f - >"/dev/null"
    [[ $# -lt 2 ]] || sql "$1" -c "$2"
    sql "$1" -v statements="$statements" -f event_ids.sql
}

median() { sort -g | sed -n "$(((turns + 1) / 2))p"; }

declare -A took bytes
for ((turn = 0; turn < turns; turn++)); do
    for side in with without; do
        drop=''
        [[ $side == with ]] || drop='ALTER TABLE task_event DROP CONSTRAINT task_event_event_id'
        took[$side]+="$(make "event_ids_$side" "$drop" | tail -1)"$'\n'
        bytes[$side]=$(sql "event_ids_$side" -At -c "SELECT (pg_total_relation_size('task_event')
            + pg_total_relation_size('task')) / count(*) FROM task_event")
    done
done
echo '| | bytes an event | µs |'
echo '| --- | ---: | ---: |'
for side in with without; do
    echo "| $side the index | ${bytes[$side]} | $(median <<<"${took[$side]%$'\n'}") |"
done
