# shellcheck shell=bash
# Start Gitea, and beside it, once, the task that puts the administrator in place.
#
# The configuration comes from GITEA__section__KEY variables; with the database's password it exists
# only in memory. Works in our image and in the upstream rootless one: both have bash, curl and git.
set -euo pipefail
umask 077

credentials=/etc/gitea-credentials
in_place=$RUN/administrator-is-in-place

say() { printf 'start: %s\n' "$*" >&2; }
gitea() { command gitea --config "$GITEA_APP_INI" "$@"; }

# Gitea wants 32 bytes in unpadded base64, which is 43 characters; hexadecimal digits are a part of
# that alphabet, so any 43 of them will do.
write_configuration() {
    : >"$GITEA_APP_INI"
    GITEA__oauth2__JWT_SECRET=$(head -c 43 "$credentials/secrets/jwt-secret") \
        gitea config edit-ini --in-place --apply-env >/dev/null
}

# Backslash escapes, as JSON and curl's configuration both understand them.
quoted() {
    local text=${1//\\/\\\\}
    printf '"%s"' "${text//\"/\\\"}"
}

# api METHOD PATH [BODY] calls the API on loopback with what `authorization` says. Credentials and
# body go through pipes, never through arguments, which every user of the machine could read.
api() {
    curl --silent --output /dev/null --write-out '%{http_code}' --max-time 20 --request "$1" \
        --config <(printf '%s\n' "$authorization") --header 'Content-Type: application/json' \
        --data @<(printf '%s' "${3:-}") "http://127.0.0.1:3000/api/v1$2"
}

as_administrator() { authorization="user = $(quoted "$username:$password")"; }
with_token() { authorization="header = $(quoted "Authorization: token $1")"; }

can_sign_in() {
    as_administrator
    [ "$(api GET /user)" = 200 ]
}

create_administrator() {
    gitea admin user create --admin --username "$username" --email "$username@$EMAIL_DOMAIN" \
        --random-password --random-password-length 40 --must-change-password=false >/dev/null 2>&1
}

# The commands that set a password take it as an argument; the API does not. A token opens it once;
# it is the last line of what the command prints, below what Gitea has to say about its settings.
set_password() {
    local name token status
    name=set-password-$(date +%s)
    token=$(gitea admin user generate-access-token --username "$username" --token-name "$name" \
        --scopes write:admin --raw | tail -n 1)
    with_token "$token"
    status=$(api PATCH "/admin/users/$username" \
        "{\"source_id\":0,\"login_name\":$(quoted "$username"),\"password\":$(quoted "$password"),\"must_change_password\":false}")
    as_administrator
    api DELETE "/users/$username/tokens/$name" >/dev/null
    [ "$status" = 200 ]
}

# The Secret is the truth: an administrator who is missing is created, another password replaced.
ensure_administrator() {
    local username password authorization
    username=$(<"$credentials/administrator/username")
    password=$(<"$credentials/administrator/password")
    until curl --silent --fail --output /dev/null --max-time 5 http://127.0.0.1:3000/api/healthz; do sleep 0.3; done
    until can_sign_in || { create_administrator || true; set_password; }; do
        say "the administrator is not in place yet, trying again"
        sleep 2
    done
    touch "$in_place"
    say "administrator $username is in place"
}

rm -f "$in_place"
mkdir -p "$HOME" "$GITEA_CUSTOM" "$TMPDIR"
write_configuration
ensure_administrator &
# An init process reaps the task, and what git leaves behind.
exec dumb-init -- gitea --config "$GITEA_APP_INI" web
