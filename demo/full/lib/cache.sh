# shellcheck shell=bash
# The sources of the images: MinIO, a Debian with Python, one with PostgreSQL, and the
# packages as wheels. Each is kept in the cache under a name with a hash of its sources. Of
# the engine this file uses only a container that runs pip.

rootfs_key() { key_of "$suite" "$1" "$(declare -f make_rootfs)"; } # of the packages of a Debian
wheels_key() { key_of "$(rootfs_key "$packages")" "$(cat "$full"/packages/*.txt)"; }

minio_folder() { echo "$cache/minio-$minio_version"; }
rootfs_archive() { echo "$cache/rootfs-$(rootfs_key "$1").tar"; }
wheels_folder() { echo "$cache/wheels-$(wheels_key)"; }

# once runs a command to make PLACE, unless PLACE exists. The command gets a
# temporary path, which is renamed to PLACE if the command succeeds.
once() {
    local what=$1 place=$2
    shift 2
    [ ! -e "$place" ] || return 0
    rm -rf --one-file-system "$place.part"
    timed "$what" "$@" "$place.part"
    mv "$place.part" "$place"
}

keep_minio() { once "building MinIO $minio_version" "$(minio_folder)" build_minio; }
keep_rootfs() { once "making a Debian $suite with $1" "$(rootfs_archive "$1")" make_rootfs "$1"; }
keep_wheels() { once "downloading the Python packages" "$(wheels_folder)" download_wheels "$(python_image)"; }

# build_minio makes a folder with a static minio.
build_minio() {
    mkdir "$1"
    GOBIN=$1 CGO_ENABLED=0 quietly nice go install -trimpath -ldflags='-s -w' "github.com/minio/minio@$minio_version" ||
        fail "cannot build MinIO: see the lines above; Go needs access to its module proxy"
}

# make_rootfs makes an archive of a small Debian: PACKAGES PLACE
make_rootfs() {
    [ "$(id -u)" = 0 ] || fail "debootstrap needs root: run this once as root, then as any user with PLAN_DEMO_CACHE=$cache"
    install_debootstrap
    local tree=$2.tree
    rm -rf --one-file-system "$tree"
    quietly nice debootstrap --variant=minbase --include="$1" "$suite" "$tree" ||
        fail "debootstrap failed: see the lines above, and $tree/debootstrap/debootstrap.log"
    rm -rf "$tree"/var/cache/apt/*.bin "$tree"/var/cache/apt/archives/*.deb "$tree"/var/lib/apt/lists/* \
        "$tree"/usr/share/{doc,man,locale,info}/* "$tree"/var/log/*.log
    : >"$tree/etc/resolv.conf"
    tar --numeric-owner -C "$tree" -cf "$2" .
    rm -rf --one-file-system "$tree"
}

install_debootstrap() {
    command -v debootstrap >/dev/null && return
    command -v apt-get >/dev/null || fail "debootstrap is missing, and so is apt-get: install debootstrap"
    quietly apt-get update -q || say "apt-get update failed; using the existing package lists"
    DEBIAN_FRONTEND=noninteractive quietly apt-get install -y -q --no-install-recommends debootstrap ||
        fail "cannot install debootstrap: see the lines above"
}

# download_wheels downloads the locked packages into a folder, for the Python of an
# image. pip uses the settings, certificates and network of this machine.
download_wheels() {
    local python=$1 folder=$2 options=() name file
    for name in $(compgen -e | grep -E '^PIP_|_(proxy|PROXY)$'); do options+=(-e "$name"); done
    for file in /etc/pip.conf /etc/ssl/certs "${PIP_CERT:-}" "${PIP_CONFIG_FILE:-}"; do
        [ ! -e "$file" ] || options+=(-v "$file:$file:ro")
    done
    mkdir "$folder"
    quietly docker run --rm --label "$label" --network host "${options[@]}" \
        -v /etc/resolv.conf:/etc/resolv.conf:ro -v "$folder:/mnt" -v "$full/packages:/srv:ro" "$python" \
        sh -c 'python3 -m venv /tmp/pip && /tmp/pip/bin/pip download -q --no-deps --only-binary :all: -d /mnt -r /srv/lock.txt' ||
        fail "pip cannot download the packages: see the lines above"
}
