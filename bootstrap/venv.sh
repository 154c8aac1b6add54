#!/bin/sh
# Put idp and exactly the locked packages into .venv; does nothing where that is already so.
set -eu

cd "$(dirname "$0")/.."
venv=.venv
wanted=$(cat requirements.lock pyproject.toml | cksum)

fail() {
    printf 'venv: %s\nTo fix this: %s\n' "$1" "$2" >&2
    exit 1
}

# The first Python that is new enough; an older python3 first on PATH must not hide a newer one.
find_python() {
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
}

can_make_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

[ "$(cat "$venv/.installed" 2>/dev/null)" = "$wanted" ] && exit 0

# One without pip is what an interrupted run left.
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    rm -rf "$venv"
    python=$(find_python)
    if [ -z "$python" ] || ! can_make_venv "$python"; then
        if [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ]; then
            echo "venv: installing python3-venv from Debian" >&2
            apt-get update -qq
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
                python3 python3-venv >/dev/null
            python=$(find_python)
        fi
    fi
    [ -n "$python" ] || fail "Python 3.11 or newer was not found" "install Python 3.11 or newer"
    can_make_venv "$python" || fail "$python cannot make virtual environments" \
        "install its venv package (on Debian and Ubuntu: sudo apt install python3-venv)"
    "$python" -m venv "$venv"
fi

echo "venv: installing the locked packages" >&2
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
    --requirement requirements.lock
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
    --editable .
printf '%s\n' "$wanted" >"$venv/.installed"
