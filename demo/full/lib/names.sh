# shellcheck shell=bash disable=SC2034 # used by those who source this
# Names, versions and places of the full demo. Sourced by all of its commands,
# from the folder demo/full.

# shellcheck source=../../shared.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../shared.sh"

full=$root/demo/full
cache=$(realpath -m "${PLAN_DEMO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/plan-demo-full}")
kept=plan-demo-full # images kept between runs are tagged below this name
label=plan-demo=full # on everything that is made on the engine
minio=plan-demo-full-minio
mlflow=plan-demo-full-mlflow

minio_version=v0.0.0-20260212201848-7aac2a2c5b7c
suite=bookworm # of Debian; its Python is 3.11
packages=python3,python3-venv

# What the API and whoever trains for it are told; the secret key comes on top,
# by the environment and by nothing else.
bucket=mlflow
model=models:/iris-forest@champion
access_key=workshop
store=http://minio:9000
tracking=http://mlflow:5000

# key_of is a short name for the texts that something is made from.
key_of() { printf '%s\n' "$@" | sha256sum | cut -c1-12; }

# labelled lists what carries the label: docker container, image or network.
labelled() { docker "$1" ls -q --filter "label=$label" "${@:2}" | sort -u; }

# ours tells whether an image or a network, found by a filter, carries the label.
ours() { [ -n "$(labelled "$1" --filter "$2")" ]; }

# timed does something, and says how long it took.
timed() {
    local what=$1 start=$SECONDS
    shift
    say "$what ..."
    "$@"
    say "$what: $((SECONDS - start)) s"
}

# quietly does something and shows the end of what it printed if it fails.
quietly() {
    "$@" >"$cache/log" 2>&1 && return
    tail -n 20 "$cache/log" >&2
    return 1
}

# secret makes the secret key of the object store once, and exports it.
secret() {
    mkdir -p "$cache"
    [ -s "$cache/secret" ] || (umask 077 && head -c 18 /dev/urandom | base64 | tr '+/' '-_' >"$cache/secret")
    AWS_SECRET_ACCESS_KEY=$(cat "$cache/secret")
    export AWS_SECRET_ACCESS_KEY
}
