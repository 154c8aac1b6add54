# shellcheck shell=bash
# Start PostgreSQL with every database of the stack in place. The TCP port opens only after that,
# so whoever reaches it finds its database, its user and its current password.
#
# Arguments are passed to the server. The folder $DATABASES holds one folder per database, named like
# it, with a file `password` in it. The superuser has no password: it can come in only through the
# Unix socket, as the operating system's user of the same name.
set -euo pipefail

say() { printf 'start: %s\n' "$*" >&2; }

# Made elsewhere and moved into place: an interrupted start leaves no half cluster behind.
make_cluster_once() {
    [ -s "$PGDATA/PG_VERSION" ] && return
    say "making a new cluster in $PGDATA"
    rm -rf "$PGDATA.new"
    initdb --pgdata="$PGDATA.new" --username=postgres --data-checksums --encoding=UTF8 \
        --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C.UTF-8 \
        --auth-local=peer --auth-host=scram-sha-256 >/dev/null
    mv "$PGDATA.new" "$PGDATA"
}

write_access_rules() {
    cat >"$PGDATA/pg_hba.conf" <<'RULES'
# type  database  user      address  method
local   all       postgres           peer
host    all       postgres  all      reject
host    all       all       all      scram-sha-256
RULES
}

# The password reaches psql through a file and the server through the socket; errors are not logged
# with their statement, because that would show it.
ensure_database() {
    PASSWORD_FILE=$2 psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=name="$1" --dbname=postgres <<'SQL'
\set password `cat "$PASSWORD_FILE"`
SET log_min_error_statement = panic;
SELECT format('CREATE ROLE %I LOGIN', :'name')
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
SELECT format('ALTER ROLE %I PASSWORD %L', :'name', :'password') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name')
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'name') \gexec
SQL
}

ensure_databases() {
    pg_ctl start --silent --wait --log=/dev/stderr --options="$(printf "'%s' " "$@" -c listen_addresses=)" >/dev/null
    for folder in "$DATABASES"/*/; do
        name=$(basename "$folder")
        ensure_database "$name" "$folder/password"
        say "database $name is in place"
    done
    pg_ctl stop --silent --wait --mode=fast
}

make_cluster_once
write_access_rules
ensure_databases "$@"
exec postgres "$@"
