# shellcheck shell=bash disable=SC2034 # used by those who source this
# Shared by all demos: names, messages, an undo list, a registry, and a run of a
# plan. Source this file. It knows nothing about the service under test.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
plan=$root/bin/plan
image=fast-api-mlflow:latest
network=proyecto-2_default
undo=() # commands that remove what was made, run in reverse order

say() { echo "demo: $*"; }
fail() { echo "demo: $*" >&2; exit 1; }
there() { docker "$1" inspect "$2" >/dev/null 2>&1; }

# begin makes a work folder, and removes everything that was made when the script
# ends, however it ends.
begin() {
    work=$(mktemp -d)
    trap clean_up EXIT
    trap 'exit 130' INT TERM
}

clean_up() {
    trap '' INT TERM # do not interrupt the cleanup
    local i
    for ((i = ${#undo[@]} - 1; i >= 0; i--)); do eval "${undo[i]}" >/dev/null 2>&1 || true; done
    rm -rf "$work"
    say "removed everything that it made"
}

# on_network succeeds if a container on the network has a name.
on_network() {
    local members
    members=$(docker network inspect -f '{{range $id, $_ := .Containers}}{{$id}} {{end}}' "$network")
    # shellcheck disable=SC2086 # one argument for each container
    [ -n "$members" ] && docker inspect -f '{{range .NetworkSettings.Networks}}{{range .Aliases}}{{println .}}{{end}}{{end}}' $members | grep -qx "$1"
}

# start_registry starts a registry on a free port of the loopback address.
start_registry() {
    (cd "$root" && go build -o "$work/registry" github.com/google/go-containerregistry/cmd/registry)
    setsid "$work/registry" -port 0 >"$work/registry.log" 2>&1 &
    undo+=("kill $!")
    local deadline=$((SECONDS + 10))
    until port=$(sed -nE 's/.*serving on port ([0-9]+).*/\1/p' "$work/registry.log") && [ -n "$port" ]; do
        ((SECONDS < deadline)) || fail "the registry does not start: $(cat "$work/registry.log")"
        sleep 0.1
    done
    repository=127.0.0.1:$port/${image%:*}
    undo+=("docker rmi $repository:latest")
    say "started a registry at 127.0.0.1:$port"
}

# run_plan runs a plan and returns its exit code: NAME FILE, then arguments for
# `plan run`. The report goes to bin/NAME.json.
run_plan() {
    local report=bin/$1.json status=0
    rm -f "$root/$report"
    plan_command run "${@:2}" --report "json=$root/$report" || status=$?
    [ ! -e "$root/$report" ] || say "the report is $report"
    return "$status"
}

# plan_command runs a command of plan that needs the engine, and returns its exit code. The
# terminal sends Ctrl-C to the command too; only TERM must be forwarded.
plan_command() {
    local status=0 agent
    [ -x "$plan" ] || make --no-print-directory -C "$root" build
    agent=plan-agent:$(sha256sum "$plan" | cut -c1-12)
    there image "$agent" || undo+=("docker rmi $agent")
    "$plan" "$@" &
    local pid=$!
    trap : INT
    trap 'kill -TERM $pid' TERM
    while kill -0 "$pid" 2>/dev/null; do
        status=0
        wait "$pid" || status=$?
    done
    return "$status"
}
