# shellcheck shell=bash disable=SC2034 # used by those who source this
# Names, versions and paths of the full demo. All of its commands source this file,
# from the folder demo/full.

# shellcheck source=../../shared.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../shared.sh"

full=$root/demo/full
cache=$(realpath -m "${PLAN_DEMO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/plan-demo-full}")
kept=plan-demo-full # name prefix of images that are kept between runs
label=plan-demo=full # on everything that is made on the engine
minio=plan-demo-full-minio
mlflow=plan-demo-full-mlflow
postgres=plan-demo-full-postgres
project=proyecto-2 # of compose.yaml, with the volumes that `up` fills
volumes=("${project}_minio-data" "${project}_postgres-data")

minio_version=v0.0.0-20260212201848-7aac2a2c5b7c
suite=bookworm # of Debian; its Python is 3.11
packages=python3,python3-venv
database=postgresql-15 # its package in that suite

# Settings of the API and of the training. The secret key is added, only in the
# environment.
bucket=mlflow
model=models:/iris-forest@champion
access_key=workshop
store=http://minio:9000
tracking=http://mlflow:5000

# key_of prints a short hash of its arguments.
key_of() { printf '%s\n' "$@" | sha256sum | cut -c1-12; }

# labelled lists objects with the label: container, image, network or volume.
labelled() { docker "$1" ls -q --filter "label=$label" "${@:2}" | sort -u; }

# ours succeeds if an image or a network that matches a filter has the label.
ours() { [ -n "$(labelled "$1" --filter "$2")" ]; }

# timed runs a command and prints its duration.
timed() {
    local what=$1 start=$SECONDS
    shift
    say "$what ..."
    "$@"
    say "$what: $((SECONDS - start)) s"
}

# quietly runs a command, and prints the end of its output if it fails.
quietly() {
    "$@" >"$cache/log" 2>&1 && return
    tail -n 20 "$cache/log" >&2
    return 1
}

# secret generates the secret key of the object store once, makes the password of the
# database from it, and exports both.
secret() {
    mkdir -p "$cache"
    [ -s "$cache/secret" ] || (umask 077 && head -c 18 /dev/urandom | base64 | tr '+/' '-_' >"$cache/secret")
    AWS_SECRET_ACCESS_KEY=$(cat "$cache/secret")
    POSTGRES_PASSWORD=$(key_of "$AWS_SECRET_ACCESS_KEY" postgres)
    export AWS_SECRET_ACCESS_KEY POSTGRES_PASSWORD
}
