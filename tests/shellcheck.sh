#!/bin/sh
# Check every shell script: those with a shebang by what it says, fragments as bash.
# SC1091: sourced files of the host; SC2016: apt and dpkg have $-variables of their own.
set -eu

cd "$(dirname "$0")/.."
if ! command -v shellcheck >/dev/null; then
    echo "shellcheck is not installed: shell scripts are not checked" >&2
    exit 0
fi
git ls-files --cached --others --exclude-standard -- '*.sh' '.ci/run' | grep -v '/skeleton/' | while read -r script; do
    [ -e "$script" ] || continue
    case $(head -n 1 "$script") in
    '#!'*) shellcheck --exclude=SC1091,SC2016 "$script" ;;
    *) shellcheck --shell=bash --exclude=SC1091,SC2016 "$script" ;;
    esac
done
