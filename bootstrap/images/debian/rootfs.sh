#!/bin/sh
# The root file system of a Debian release as a tar on standard output, from packages alone.
#
#   rootfs.sh 13 >debian.tar
#
# Needs root on a Debian host (or any host with debootstrap, if IDP_DEBIAN_MIRROR names a mirror).
# What it says goes to standard error and ends with the list of packages.
# What stands in single quotes is for apt and dpkg to expand.
# shellcheck disable=SC2016
set -eu

release=$1
case $release in
    12) suite=bookworm ;;
    13) suite=trixie ;;
    *) echo "rootfs: unknown Debian release '$release'" >&2; exit 2 ;;
esac

# Two releases may be made at the same time, and only one of them can install.
(
    flock 9
    command -v debootstrap >/dev/null && exit
    echo "rootfs: installing debootstrap" >&2
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        debootstrap debian-archive-keyring; } >&2
) 9>"${TMPDIR:-/var/tmp}/rootfs.lock"

# The host's own mirrors, in the host's order; sources of other origins do not count.
mirrors() {
    apt-get indextargets --format '$(ORIGIN)|$(SUITE)|$(CODENAME)|$(REPO_URI)' 'Created-By: Packages' \
        | grep "^$1" | cut -d'|' -f4 | sed 's#/$##' | awk '!seen[$0]++'
}
mirror=${IDP_DEBIAN_MIRROR:-$(mirrors 'Debian|[^|]*|[a-z]*|' | head -n1)}
security=$(mirrors 'Debian|[^|]*|[a-z]*-security|' | head -n1)
if [ -z "$mirror" ]; then
    # Where package lists were never fetched, only the configuration tells.
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/\?$' | sed 's#/$##')
fi
[ -n "$mirror" ] || { echo "rootfs: no Debian mirror is configured; set IDP_DEBIAN_MIRROR" >&2; exit 1; }

work=$(mktemp -d "${TMPDIR:-/var/tmp}/rootfs.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
root=$work/root
mkdir -p "$root/etc/dpkg/dpkg.cfg.d"

# Manuals and translations are a third of a small system and nobody reads them in a container.
cat >"$root/etc/dpkg/dpkg.cfg.d/small" <<'EOF'
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/man/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
EOF

debootstrap --variant=minbase "$suite" "$root" "$mirror" >&2

public() { printf '%s' "$1" | sed 's#//[^/@]*@#//#'; }
{
    echo "deb $(public "$mirror") $suite main"
    echo "deb $(public "$mirror") $suite-updates main"
    [ -z "$security" ] || echo "deb $(public "$security") $suite-security main"
} >"$root/etc/apt/sources.list"
printf 'APT::Install-Recommends "false";\nAcquire::Languages "none";\n' >"$root/etc/apt/apt.conf.d/90small"
# A mirror behind https is checked against the host's authorities, which every build mounts as a secret.
echo 'Acquire::https::CaInfo "/run/secrets/ca";' >"$root/etc/apt/apt.conf.d/90ca"

export DEBIAN_FRONTEND=noninteractive
trusted=$root/run/secrets/ca
case "$mirror $security" in
    *https:*) mkdir -p "${trusted%/*}" && cp "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$trusted" ;;
esac
{ chroot "$root" apt-get update -qq && chroot "$root" apt-get upgrade -y -qq; } >&2

# Nothing of this host or of this hour stays, so that the same packages give the same layer.
cd "$root"
rm -rf run/secrets var/lib/apt/lists/* var/cache/apt/* var/cache/ldconfig/* var/cache/debconf/*-old var/log/* var/lib/dpkg/*-old \
    etc/resolv.conf etc/hostname etc/machine-id var/lib/dbus/machine-id etc/*- tmp/* var/tmp/* dev/*
mkdir -p var/cache/apt/archives/partial var/lib/apt/lists/partial var/log/apt
: >etc/machine-id
# What came before dpkg knew its exclusions. Folders stay: some packages' scripts link into them.
find usr/share/doc usr/share/man usr/share/info usr/share/locale ! -type d ! -name copyright -delete

chroot "$root" dpkg-query --show --showformat '${Package} ${Version}\n' >&2
tar --create --sort=name --numeric-owner --mtime="@${SOURCE_DATE_EPOCH:-0}" --one-file-system .
