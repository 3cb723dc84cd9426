#!/usr/bin/env bash
# What an event costs the server, by the function that appends it: the processor time of the
# server's process, with each part taken away in turn. Nobody waits for the disk, so it is work and
# not waiting that counts.
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
# The settings of the program's connections; but no commit waits.
export PGOPTIONS='-c synchronous_commit=off -c client_min_messages=error
    -c plan_cache_mode=force_generic_plan -c jit=off'

sql() { psql -X -q -v ON_ERROR_STOP=1 "$server/$1" "${@:2}"; }

# The tables of the task list, with two thousand tasks in progress, but for what a statement changes.
make() {
    sql postgres -c "DROP DATABASE IF EXISTS $1" -c "CREATE DATABASE $1"
    sed '/^GRANT/d; s/, "task_app", "task_report"//' ../../docs/schema/task.sql | sql "$1" -f - >"/dev/null"
    sql "$1" -f tasks.sql
    [[ $# -lt 2 ]] || sql "$1" -c "$2"
}

postmaster=$(sql postgres -At -c "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'")
read -r _ _ _ postmaster _ <"/proc/$postmaster/stat"

# Nanoseconds that the server's process spends on an event: of a database, a script, the number of
# events of a transaction, and the number of transactions.
cost() {
    local errors backend='' spent=0 now
    errors=$(mktemp)
    pgbench -n -M prepared -c 1 -t "$4" -D events="$3" -f "$2" "$server/$1" >/dev/null 2>"$errors" &
    local bench=$!
    while kill -0 "$bench" 2>/dev/null; do
        [[ -n $backend ]] || backend=$(pgrep -P "$postmaster" -f "^postgres: .* $1 .*" | head -1 || true)
        # The first connection of pgbench only looks around.
        if read -r now _ 2>/dev/null <"/proc/${backend:-none}/schedstat"; then spent=$now; else backend=''; fi
        sleep 0.01
    done
    wait "$bench" || { cat "$errors" >&2; exit 1; }
    rm "$errors"
    ((spent > 0)) || { echo "$1, $2: over before it was seen; ask for more appends a turn" >&2; exit 1; }
    echo $((spent / ($3 * $4)))
}

# Microseconds.
median() { sort -n | sed -n "$(((turns + 1) / 2))p" | awk '{ printf $1 < 99500 ? "%.1f" : "%.0f", $1 / 1000 }'; }

make whole
make without_checks 'ALTER TABLE task_event DROP CONSTRAINT task_event_legal'
make without_indexes 'ALTER TABLE task_event DROP CONSTRAINT task_event_event_id;
    DROP INDEX task_event_by_clock; DROP INDEX task_event_by_xid'
make blind 'CREATE TABLE blind (id uuid, seq integer, data json, PRIMARY KEY (id, seq))'

# Name, script, its counterpart that stores as many rows blindly, events a transaction.
workloads=(
    'one event, by `task_append_one`|one.sql|blind.sql|1'
    '16 events of 16 tasks, by `task_append_batch`|batch.sql|blind_batch.sql|16'
    '64 events of 64 tasks|batch.sql|blind_batch.sql|64'
    '500 events of 500 tasks|batch.sql|blind_batch.sql|500'
    '100 events of one task|many.sql|blind_batch.sql|100'
)
sides=(whole without_checks without_indexes blind)
declare -A measured
stored=8000
for ((turn = 0; turn < turns; turn++)); do
    for workload in "${workloads[@]}"; do
        IFS='|' read -r name script blind events <<<"$workload"
        # Enough transactions that their first ones, which plan, weigh little.
        transactions=$((events == 1 ? appends : 3 * appends / events + 60))
        stored=$((stored + events * transactions))
        for side in "${sides[@]}"; do
            # It takes a fraction of the time.
            [[ $side != blind ]] || script=$blind transactions=$((transactions * 5))
            measured[$name,$side]+="$(cost "$side" "$script" "$events" "$transactions")"$'\n'
        done
    done
done
# A refusal would have been cheap.
for side in whole without_checks without_indexes; do
    [[ $(sql "$side" -At -c 'SELECT count(*) FROM task_event') == "$stored" ]] || {
        echo "$side: some events were refused" >&2
        exit 1
    }
done
echo '| µs an event | as it is | without the rules | without three indexes | a blind insert |'
echo '| --- | ---: | ---: | ---: | ---: |'
for workload in "${workloads[@]}"; do
    name=${workload%%|*}
    row="| $name |"
    for side in "${sides[@]}"; do
        row+=" $(median <<<"${measured[$name,$side]%$'\n'}") |"
    done
    echo "$row"
done
