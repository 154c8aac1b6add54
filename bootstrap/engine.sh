#!/bin/sh
# Make sure that a container engine answers. Where one does, touch nothing.
# On Debian without one: install Docker and start it (needs root). Elsewhere: say what to install.
#
#   bootstrap/engine.sh          ensure an engine
#   bootstrap/engine.sh stop     stop the engine that this script started, and only that one
set -eu

run_dir=/run/idp
pid_file=$run_dir/dockerd.pid
log_file=/var/log/idp-dockerd.log

say() { printf 'engine: %s\n' "$*" >&2; }
answers() { "$1" info >/dev/null 2>&1; }

fail() {
    say "$1"
    say "To fix this: $2"
    exit 1
}

stop_ours() {
    [ -s "$pid_file" ] || { say "this script started no engine"; exit 0; }
    pid=$(cat "$pid_file")
    if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ]; then
        say "stopping dockerd (pid $pid)"
        kill "$pid"
        for _ in $(seq 60); do [ -d "/proc/$pid" ] || break; sleep 0.5; done
    fi
    rm -f "$pid_file"
}

# Debian 12's docker.io asks for capabilities that a confined root may lack; Debian 13's does not and
# needs nothing newer than libc 2.34. runc, iptables and tini stay those of the host's own release.
install_on_debian() {
    export DEBIAN_FRONTEND=noninteractive
    # The policy keeps package scripts from starting daemons: this script owns its dockerd.
    apt-get update -qq
    release=$(. /etc/os-release && echo "${VERSION_ID:-0}")
    if [ "$release" -ge 13 ]; then
        apt-get install -y -qq --no-install-recommends docker.io docker-cli docker-buildx >/dev/null
        return
    fi
    apt-get install -y -qq --no-install-recommends runc iptables tini >/dev/null
    work=$(mktemp -d)
    mkdir -p "$work/lists/partial" "$work/debs"
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/\?$')
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$work/list"
    apt_trixie() {
        apt-get -qq -o Dir::Etc::SourceList="$work/list" -o Dir::Etc::SourceParts=- \
            -o Dir::State::Lists="$work/lists" -o APT::Sandbox::User=root "$@"
    }
    apt_trixie update
    (cd "$work/debs" && apt_trixie download docker.io docker-cli docker-buildx containerd)
    dpkg --install "$work"/debs/*.deb >/dev/null
    rm -rf "$work"
}

start_dockerd() {
    mkdir -p "$run_dir"
    say "starting dockerd (log: $log_file)"
    setsid dockerd --host unix:///var/run/docker.sock >>"$log_file" 2>&1 </dev/null &
    echo $! >"$pid_file"
    for _ in $(seq 120); do
        answers docker && return
        [ -d "/proc/$(cat "$pid_file")" ] || break
        sleep 0.5
    done
    tail -n 20 "$log_file" >&2
    fail "dockerd did not answer within 60 s" "read $log_file"
}

[ "${1:-}" = stop ] && { stop_ours; exit 0; }

for engine in docker podman; do
    if command -v "$engine" >/dev/null && answers "$engine"; then exit 0; fi
done

if ! [ -e /etc/debian_version ] || [ "$(uname -s)" != Linux ]; then
    fail "no container engine answers" "install Docker 23 or newer and start it, then run 'make up' again"
fi
if [ "$(id -u)" != 0 ]; then
    fail "no container engine answers, and installing one needs root" \
        "run 'sudo make engine' once, or start your engine, then run 'make up' again"
fi
if ! command -v dockerd >/dev/null; then
    say "installing Docker from Debian's packages"
    install_on_debian
fi
if [ -d /run/systemd/system ]; then
    systemctl start docker
else
    start_dockerd
fi
