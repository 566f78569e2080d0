#!/bin/sh
# Runs a command beside a private PostgreSQL: tests/with-postgres.sh CMD…
#
# The server lives in a temporary folder, listens on a Unix socket there and nowhere else, and is gone when CMD is:
# CMD finds its address in PAYDECK_TEST_POSTGRES_URL. It keeps nothing safe (fsync is off), unless PAYDECK_TEST_DURABLE is set,
# as benchmarks do. Run as root, it starts the server as the user `postgres`, since PostgreSQL refuses to be root.
set -eu

[ $# -gt 0 ] || { echo "usage: $0 CMD…" >&2; exit 64; }

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
if [ ! -x "$bin/initdb" ]; then
    bin=$(dirname "$(command -v initdb || echo /missing/initdb)")
fi
if [ ! -x "$bin/initdb" ] || [ ! -x "$bin/pg_ctl" ] || [ ! -x "$bin/psql" ]; then
    echo "The tests need PostgreSQL's programs (initdb, pg_ctl, psql), in /usr/lib/postgresql/*/bin or the PATH." >&2
    echo "On Debian or Ubuntu: apt-get install postgresql" >&2
    exit 69
fi

home=$(mktemp -d /tmp/paydeck-pg.XXXXXX)
if [ "$(id -u)" = 0 ]; then
    chown postgres "$home"
    as_owner() { (cd "$home" && exec runuser -u postgres -- "$@"); }
else
    as_owner() { (cd "$home" && exec "$@"); }
fi

clean_up() {
    as_owner "$bin/pg_ctl" --pgdata="$home/data" --mode=immediate --silent stop >/dev/null 2>&1 || true
    rm -rf "$home"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

safe=off
[ -z "${PAYDECK_TEST_DURABLE:-}" ] || safe=on

if ! as_owner "$bin/initdb" --pgdata="$home/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C \
    --no-sync >"$home/initdb.log" 2>&1; then
    cat "$home/initdb.log" >&2
    exit 70
fi
cat >>"$home/data/postgresql.conf" <<EOF
listen_addresses = ''
unix_socket_directories = '$home'
max_connections = 300
shared_buffers = 64MB
fsync = $safe
full_page_writes = $safe
max_wal_size = 2GB
checkpoint_timeout = 1h
autovacuum = $safe
EOF
if ! as_owner "$bin/pg_ctl" --pgdata="$home/data" --log="$home/data/server.log" --silent --wait start >/dev/null 2>&1; then
    cat "$home/data/server.log" >&2
    exit 70
fi

PATH="$bin:$PATH"
PAYDECK_TEST_POSTGRES_URL="postgres://postgres@localhost/postgres?host=$home"
export PATH PAYDECK_TEST_POSTGRES_URL

# In the background, so that a signal to this script is heard at once. Some shells give /dev/null to what runs there: the input is
# handed on by another number.
exec 3<&0
"$@" <&3 3<&- &
child=$!
trap 'kill "$child" 2>/dev/null || true; exit 129' HUP
trap 'kill "$child" 2>/dev/null || true; exit 130' INT
trap 'kill "$child" 2>/dev/null || true; exit 143' TERM
status=0
wait "$child" || status=$?
exit "$status"
