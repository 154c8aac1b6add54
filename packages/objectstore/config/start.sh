# shellcheck shell=sh
# Start the object store with every bucket of the stack in place. Its port opens only after that, so
# whoever reaches it finds the bucket, the account and its current key.
#
# The folder $BUCKETS holds one folder per bucket, named like it, with files `access_key` and
# `secret_key`; $ACCOUNTS is memory, $DATA the volume. Keys pass through the shell's own `printf` and
# through the environment, never through arguments. Works in our image and in the upstream one: all
# it takes is a POSIX shell.
set -eu
umask 077

say() { printf 'start: %s\n' "$*" >&2; }

# read_key FILE sets $key: a Secret's file ends without a newline, which `read` calls a failure.
read_key() {
    key=
    read -r key <"$1" || [ -n "$key" ]
}

# Exactly the accounts that have a Secret, with the key that it says. The role `user` may use what it
# owns and make nothing.
write_accounts() {
    comma=
    printf '{"accessAccounts":{'
    for folder in "$BUCKETS"/*/; do
        [ -d "$folder" ] || continue
        read_key "$folder/access_key" && access=$key
        read_key "$folder/secret_key"
        printf '%s"%s":{"access":"%s","secret":"%s","role":"user","userID":0,"groupID":0,"projectID":0}' \
            "$comma" "$access" "$access" "$key"
        comma=,
    done
    printf '}}\n'
}

administer() { versitygw admin "$@"; }

owner_of() {
    administer list-buckets | while read -r bucket owner; do
        if [ "$bucket" = "$1" ]; then printf '%s\n' "$owner"; fi
    done
}

ensure_bucket() {
    owner=$(owner_of "$1")
    if [ -z "$owner" ]; then
        administer create-bucket --bucket "$1" --owner "$2"
    elif [ "$owner" != "$2" ]; then
        administer change-bucket-owner --bucket "$1" --owner "$2"
    fi
}

ensure_buckets() {
    versitygw --quiet --port 127.0.0.1:9000 --admin-port "$ADMIN" posix "$DATA" >&2 &
    store=$!
    until administer list-buckets >/dev/null 2>&1; do
        kill -0 "$store"
        sleep 0.1
    done
    for folder in "$BUCKETS"/*/; do
        [ -d "$folder" ] || continue
        name=$(basename "$folder")
        read_key "$folder/access_key"
        ensure_bucket "$name" "$key"
        say "bucket $name is in place"
    done
    kill "$store"
    wait "$store" || true
}

mkdir -p "$DATA"
write_accounts >"$ACCOUNTS/users.json"
ensure_buckets
exec versitygw "$@" --admin-port "$ADMIN" posix "$DATA"
