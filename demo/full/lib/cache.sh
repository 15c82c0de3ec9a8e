# shellcheck shell=bash
# What the images are made from: a MinIO, a Debian with Python, and the packages
# as wheels. Each is kept in the cache under a name that says what it was made
# from. It knows nothing of the engine but that it can run pip.

rootfs_key() { key_of "$suite" "$packages" "$(declare -f make_rootfs)"; }
wheels_key() { key_of "$(rootfs_key)" "$(cat "$full"/packages/*.txt)"; }

minio_folder() { echo "$cache/minio-$minio_version"; }
rootfs_archive() { echo "$cache/rootfs-$(rootfs_key).tar"; }
wheels_folder() { echo "$cache/wheels-$(wheels_key)"; }

# once has PLACE made by a command that gets a path to make it at, unless it is
# there. Only what was made whole gets to its place.
once() {
    local what=$1 place=$2
    shift 2
    [ ! -e "$place" ] || return 0
    rm -rf --one-file-system "$place.part"
    timed "$what" "$@" "$place.part"
    mv "$place.part" "$place"
}

keep_minio() { once "building MinIO $minio_version" "$(minio_folder)" build_minio; }
keep_rootfs() { once "making a Debian $suite with Python" "$(rootfs_archive)" make_rootfs; }
keep_wheels() { once "downloading the Python packages" "$(wheels_folder)" download_wheels "$(python_image)"; }

# build_minio makes a folder with a static minio.
build_minio() {
    mkdir "$1"
    GOBIN=$1 CGO_ENABLED=0 quietly nice go install -trimpath -ldflags='-s -w' "github.com/minio/minio@$minio_version" ||
        fail "MinIO does not build: see the lines above; Go must reach its module proxy"
}

# make_rootfs makes an archive of a small Debian.
make_rootfs() {
    [ "$(id -u)" = 0 ] || fail "debootstrap must be root to make a Debian: run this once as root, then as who you like with PLAN_DEMO_CACHE=$cache"
    install_debootstrap
    local tree=$1.tree
    rm -rf --one-file-system "$tree"
    quietly nice debootstrap --variant=minbase --include="$packages" "$suite" "$tree" ||
        fail "debootstrap does not come through: see the lines above, and $tree/debootstrap/debootstrap.log"
    rm -rf "$tree"/var/cache/apt/*.bin "$tree"/var/cache/apt/archives/*.deb "$tree"/var/lib/apt/lists/* \
        "$tree"/usr/share/{doc,man,locale,info}/* "$tree"/var/log/*.log
    : >"$tree/etc/resolv.conf"
    tar --numeric-owner -C "$tree" -cf "$1" .
    rm -rf --one-file-system "$tree"
}

install_debootstrap() {
    command -v debootstrap >/dev/null && return
    command -v apt-get >/dev/null || fail "debootstrap is missing, and there is no apt-get to install it with"
    quietly apt-get update -q || say "apt-get update failed; trying with the lists at hand"
    DEBIAN_FRONTEND=noninteractive quietly apt-get install -y -q --no-install-recommends debootstrap ||
        fail "debootstrap cannot be installed: see the lines above"
}

# download_wheels fills a folder with the locked packages, for the Python of an
# image. pip asks as it would on this machine: with its settings, its
# certificates and its network.
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
