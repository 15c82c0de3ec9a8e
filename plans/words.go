package plans

import (
	"strings"

	"plan/internal/english"
)

// didYouMean asks for the nearest candidate, or lists them all.
func didYouMean(word string, candidates []string) string {
	help := english.DidYouMean(word, candidates)
	if help != "" || len(candidates) == 0 {
		return help
	}
	return "known here: " + strings.Join(candidates, ", ")
}

// synonyms lead from the words of Compose, Docker, Locust, k6, Kubernetes and
// others to ours.
var synonyms = ofDimensions(map[string][]string{
	"resources": {"limits"}, "deploy": {"limits"}, "requests": {"request", "limits"},
	"env": {"environment"}, "env_file": {"environment"}, "environments": {"environment"}, "args": {"command"}, "cmd": {"command"}, "workdir": {"working_dir"}, "workingDir": {"working_dir"}, "shm-size": {"shm_size"}, "shm": {"shm_size"}, "ulimit": {"ulimits"}, "alias": {"aliases"}, "network_aliases": {"aliases"}, "hosts": {"extra_hosts"}, "add_host": {"extra_hosts"}, "hostAliases": {"extra_hosts"}, "gpu": {"gpus"}, "num_gpus": {"gpus"},
	"port": {"ports", "expose"}, "publish": {"ports"}, "container_port": {"expose"}, "network_mode": {"networks"}, "nets": {"networks"},
	"restart_policy": {"restart"}, "restartPolicy": {"restart"}, "healthcheck": {"ready"}, "readiness_probe": {"ready"}, "readinessProbe": {"ready"}, "startupProbe": {"ready"}, "livenessProbe": {"ready"}, "liveness_probe": {"ready"},
	"volume": {"volumes"}, "mounts": {"volumes"}, "volumeMounts": {"volumes"}, "volume_mounts": {"volumes"}, "binds": {"volumes"}, "runAsUser": {"user"}, "run_as_user": {"user"}, "securityContext": {"user"},
	"initContainers": {"depends_on"}, "requires": {"depends_on"},
	"pull_policy": {"pull"}, "image_pull_policy": {"pull"}, "imagePullPolicy": {"pull"}, "locust": {"driver"}, "locustfile": {"driver", "file"}, "locust_file": {"driver", "file"}, "script": {"driver", "file"}, "path": {"file"}, "generator": {"driver"}, "health": {"ready"},
	"http_get": {"path"}, "url_path": {"path"}, "endpoint": {"path"}, "timeout": {"within", "timeout"}, "max_wait": {"within"}, "start_period": {"within"}, "initial_delay_seconds": {"within"},
	"num_users": {"users"}, "vus": {"users"}, "virtual_users": {"users"}, "concurrency": {"users"}, "clients": {"users"}, "threads": {"users"}, "user_count": {"users"}, "target": {"users"}, "num_threads": {"users"}, "connections": {"users"}, "maxVusers": {"users"}, "maxVUs": {"users"}, "preAllocatedVUs": {"users"}, "pre_allocated_vus": {"users"}, "atOnceUsers": {"users"}, "constantConcurrentUsers": {"users"},
	"rate": {"arrival_rate"}, "arrivalRate": {"arrival_rate", "rate"}, "qps": {"arrival_rate"}, "constantUsersPerSec": {"arrival_rate"}, "requests_per_second": {"arrival_rate", "throughput"}, "constant_throughput": {"arrival_rate"},
	"phases": {"stages"}, "rampUsers": {"stages"}, "ramps": {"stages"}, "load_shape": {"stages"}, "shape": {"stages"}, "warmup": {"warm_up"}, "warmUp": {"warm_up"}, "warm_up_time": {"warm_up"}, "warmup_time": {"warm_up"},
	"hatch_rate": {"spawn_rate"}, "ramp_rate": {"spawn_rate"}, "rampup": {"spawn_rate"}, "ramp_up": {"spawn_rate"},
	"run_time": {"runtime"}, "duration": {"runtime", "over"}, "step_time": {"runtime"}, "max_duration": {"runtime"}, "run-time": {"runtime"}, "time": {"runtime", "over"},
	"wait_time": {"think_time"}, "sleep": {"think_time"}, "pause": {"think_time"}, "think": {"think_time"}, "wait": {"think_time"},
	"task": {"request"}, "tasks": {"request"}, "step": {"step", "request"}, "http": {"request"}, "verb": {"method"}, "uri": {"path", "url"},
	"params": {"query"}, "qs": {"query"}, "queryParam": {"query"}, "query_params": {"query"}, "query_string": {"query"}, "formData": {"multipart", "form"}, "form_data": {"multipart", "form"}, "formParam": {"form"}, "form_params": {"form"}, "files": {"multipart"}, "formUpload": {"multipart"}, "upload": {"multipart"}, "bodyPart": {"multipart"},
	"body_file": {"file"}, "RawFileBody": {"file"}, "StringBody": {"body"}, "raw": {"body"}, "text": {"body"}, "contains": {"body"}, "body_contains": {"body"}, "jsonpath": {"json"}, "json_path": {"json"}, "jsonPath": {"json"}, "json_body": {"json"},
	"allow_redirects": {"redirects"}, "follow_redirects": {"redirects"}, "max_redirects": {"redirects"}, "maxRedirects": {"redirects"}, "followRedirect": {"redirects"}, "retry": {"retry_idle"}, "retries": {"retry_idle"},
	"basicAuth": {"auth"}, "basic_auth": {"auth"}, "authorization": {"auth"}, "authentication": {"auth"}, "token": {"bearer"}, "user": {"username"}, "login": {"username", "on_start"}, "pass": {"password"},
	"feeder": {"feed"}, "feeds": {"feed"}, "dataset": {"feed"}, "data_file": {"feed"}, "csv": {"feed"}, "SharedArray": {"feed"}, "filename": {"file"}, "mode": {"order"}, "strategy": {"order"},
	"sequential": {"in_order"}, "sequence": {"in_order"}, "circular": {"in_order"}, "loop": {"in_order"}, "shuffle": {"random"}, "queue": {"once"}, "unique": {"once"},
	"setup": {"on_start"}, "setUp": {"on_start"}, "onStart": {"on_start"}, "before": {"on_start"}, "beforeScenario": {"on_start"}, "before_scenario": {"on_start"}, "content_type": {"type"}, "mime": {"type"}, "mime_type": {"type"},
	"data": {"body", "json"}, "payload": {"body", "json"}, "header": {"headers"}, "check": {"expect"}, "checks": {"expect"}, "expected_status": {"expect"}, "status_code": {"status"}, "code": {"status"},
	"thresholds": {"threshold"}, "slo": {"threshold"}, "objectives": {"threshold"}, "errors": {"error_rate"}, "fail_ratio": {"error_rate"}, "failure_rate": {"error_rate"}, "http_req_failed": {"error_rate"},
	"median": {"p50"}, "rps": {"throughput", "arrival_rate"}, "latency": {"p95"}, "http_req_duration": {"p95"}, "p(95)": {"p95"}, "p(99)": {"p99"},
	"min": {"from"}, "start": {"from"}, "lower": {"from"}, "max": {"to"}, "end": {"to"}, "upper": {"to"}, "increment": {"step"}, "by": {"step"}, "method": {"strategy"}, "algorithm": {"strategy"},
	"img": {"image", "source"}, "tag": {"name"}, "build": {"source"}, "image": {"source", "image"}, "repository": {"name"},
	"services": {"service"}, "container": {"service"}, "containers": {"service"}, "job": {"search"}, "stage": {"search"}, "scenarios": {"scenario"}, "trial": {"load"}, "options": {"load"},
	"matrix": {"vary"}, "var": {"variable"}, "variables": {"variable"}, "local": {"locals"}, "outputs": {"output"}, "healthchecks": {"preflight"}, "terraform": {"plan"}, "packer": {"plan"},
	"required_version": {"requires"}, "version": {"requires"}, "message": {"error_message"}, "error": {"error_message"}, "expression": {"condition"}, "assertion": {"assert"},
	"needs": {"depends_on"}, "dependsOn": {"depends_on"}, "after": {"depends_on"}, "at_most": {"to"}, "min_users": {"at_least"},
	"minimum_memory_free": {"host_memory_free"}, "headroom": {"margin"},
})
