# shellcheck shell=bash
# Keep every database of the stack and its account in place on a server that the target runs. Whoever
# needs a database waits until it can connect; a changed password is set within a minute.
#
# The folder $DATABASES holds one folder per database, named like it, with a file `password` in it;
# $PGPASSFILE is memory. Passwords pass through files, never through arguments.
set -euo pipefail
umask 077

say() { printf 'accounts: %s\n' "$*" >&2; }

write_passfile() {
    printf '%s:%s:*:%s:%s\n' "$PGHOST" "$PGPORT" "$PGUSER" "$(cat "$ADMIN_PASSWORD_FILE")" >"$PGPASSFILE"
}

# The administrator of a managed server is no superuser: it must be a member of a role to give it a
# database. Errors are not logged with their statement, because that would show the password.
ensure_database() {
    PASSWORD_FILE=$2 psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=name="$1" --dbname=postgres <<'SQL'
\set password `cat "$PASSWORD_FILE"`
SELECT format('CREATE ROLE %I LOGIN', :'name')
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
SELECT format('ALTER ROLE %I PASSWORD %L', :'name', :'password') \gexec
SELECT format('GRANT %I TO CURRENT_USER', :'name')
    WHERE NOT pg_has_role(current_user, :'name', 'SET') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name')
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'name') \gexec
SQL
}

ensure_databases() {
    local folder name
    for folder in "$DATABASES"/*/; do
        name=$(basename "$folder")
        ensure_database "$name" "$folder/password" || return 1
    done
}

trap 'exit 0' TERM INT
said=
while true; do
    write_passfile
    # `set -e` does not hold inside a condition: every step says itself whether it went well.
    if ensure_databases; then
        [ "$said" = yes ] || say "every database is in place"
        said=yes
        touch "$READY"
        pause=60
    else
        said=no
        rm -f "$READY"
        pause=2
    fi
    sleep "$pause" &
    wait $!
done
