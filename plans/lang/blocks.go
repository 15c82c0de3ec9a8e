package lang

import (
	"github.com/zclconf/go-cty/cty"

	"plan/plans"
)

// planFile is the whole table: what may stand in a plan file.
var planFile = &block{
	name: "file",
	blocks: []*block{
		planBlock, variableBlock, localsBlock, imageBlock, networkBlock, preflightBlock,
		serviceBlock, scenarioBlock, guardBlock, platformBlock, searchBlock, rampBlock, checkBlock, outputBlock, reportBlock,
	},
}

var planBlock = &block{
	name: "plan", label: "name", most: 1, early: true,
	doc: "Name of the plan, and the editions that it is written for. Without this block the name is that of the file.",
	attributes: []attribute{
		{name: "language", typ: typeCount, doc: "Edition of the language; 1 is the only one. It is checked first.",
			example: "1"},
		{name: "requires", typ: typeText, doc: "Versions of the command that can run the plan. They are checked first.",
			example: `">= 0.1.0"`},
		{name: "description", typ: typeText, doc: "Purpose of the plan.", public: true},
	},
}

var variableBlock = &block{
	name: "variable", label: "name", root: "var", early: true,
	doc: "An input value. `--var name=value`, `--var-file`, `PLAN_VAR_name` in the environment and `default` set it; the first of them wins. Refer to it as `var.name`.",
	attributes: []attribute{
		{name: "type", typ: typeType, doc: "`string`, `number`, `bool`, `any`, `list(…)`, `set(…)`, `map(…)`, `object({…})`, `tuple([…])`, and `duration`, `size`, `share`, `rate`, `cpus`, also in `list`, `set` and `map`.", otherwise: "any"},
		{name: "default", typ: typeDefault, doc: "Value if nothing else sets one. `env()` is possible only here.",
			otherwise: "none: a value is required"},
		{name: "description", typ: typeText, doc: "Purpose of the value; part of the diagnostic if the variable has no value."},
		{name: "sensitive", typ: typeFlag, doc: "The value is masked in output and reports. A value of fewer than 6 characters is masked only where it is a whole word.", fallback: cty.False},
	},
	blocks: []*block{{
		name: "validation", doc: "A rule that the value must meet.",
		attributes: []attribute{
			{name: "condition", typ: typeCondition, needed: true, doc: "Must be true. May refer to any variable.", example: `var.users > 0`},
			{name: "error_message", typ: typeMessage, needed: true, doc: "Message if it is false."},
		},
	}},
}

var localsBlock = &block{
	name: "locals", free: true,
	doc: "Names for expressions. Refer to one as `local.name`.",
}

var imageBlock = &block{
	name: "image", label: "name", root: "image", early: true,
	doc: "An image to pull, tag and push. Refer to it as `image.x`; it has `name`, `digest` and `size`.",
	attributes: []attribute{
		{name: "source", typ: typeSource, needed: true, public: true, doc: "Reference of the image."},
		{name: "name", typ: typeSource, public: true, doc: "Reference to tag it with and to push.", otherwise: "`source`", example: `"user/fast-api-mlflow:latest"`},
		{name: "pull", typ: word("missing", "always", "never"), fallback: cty.StringVal("missing"),
			doc: "When to pull `source`: if it is not on the engine, before every run, or never."},
		{name: "push", typ: typeFlag, fallback: cty.False,
			doc: "Push it before the first stage, with the credentials of `docker login`."},
	},
	blocks: []*block{{
		name: "build", most: 1, doc: "What `plan run --build` builds `source` from, before anything else. Without that " +
			"option the image is used as it is.",
		attributes: []attribute{
			{name: "context", typ: typeFile, needed: true, public: true,
				doc:     "Folder whose files the builder gets, relative to the plan's folder; `.dockerignore` in it is honoured.",
				example: `"./api"`},
			{name: "dockerfile", typ: typeFile, public: true, doc: "Dockerfile, relative to `context`.",
				otherwise: "`Dockerfile`", example: `"api.Dockerfile"`},
			{name: "args", typ: typeEnv, doc: "Build arguments. They can be read from the image: no secrets belong there.",
				otherwise: "none", example: `{ PYTHON = "3.13" }`},
			{name: "target", typ: typeText, public: true, doc: "Stage to build.", otherwise: "the last one", example: `"serve"`},
		},
	}},
}

var networkBlock = &block{
	name: "network", label: "name", root: "network", early: true,
	doc: "A network that services join. Refer to it as `network.x`; it has `name`.",
	attributes: []attribute{
		{name: "name", typ: &attrType{name: "text", takes: "the name of a network", example: `"proyecto-2_default"`, want: cty.String, convert: toNetworkName}, public: true, doc: "Name on the engine. A network that the run creates is called `plan-RUN-NAME` there.", otherwise: "the label"},
		{name: "external", typ: typeFlag, fallback: cty.False,
			doc: "The network exists already: the run neither creates nor removes it. Otherwise the run creates it, and removes it at the end."},
	},
}

var preflightBlock = &block{
	name: "preflight", label: "name", early: true,
	doc: "An endpoint that must respond before the first stage. The probe runs on a network of the plan.",
	attributes: []attribute{
		{name: "network", typ: typeNetwork, needed: true, doc: "Network of the probe; a string names an external one.",
			example: "network.backend"},
		{name: "url", typ: typeURL, public: true, doc: "URL that must respond."},
		{name: "tcp", typ: typeHostPort, public: true, doc: "Host and port that must accept a connection."},
		{name: "status", typ: typeCode, doc: "Status of the response of `url`.", otherwise: "any 2xx"},
		{name: "within", typ: typeSpan, fallback: cty.StringVal("20s"), doc: "Time until the probe fails."},
	},
	choices: []choice{{names: []string{"url", "tcp"}, needed: true}},
}

// settings are the attributes of the dimensions that a block has.
func settings(block string) []attribute {
	var rows []attribute
	for _, row := range dimensionRows {
		if standsIn(plans.Dimension(row.name), block) {
			rows = append(rows, row.attribute)
		}
	}
	return rows
}

var serviceBlock = &block{
	name: "service", label: "name", root: "service",
	doc: "A service that a stage tests, or that another service depends on. Refer to it as `service.x`; it has `name`.",
	attributes: append([]attribute{
		{name: "image", typ: typeImage, needed: true, doc: "Image to run."},
		{name: "command", typ: typeTexts, doc: "Command that replaces that of the image; an empty list keeps the image's.",
			otherwise: "the image's own", example: `["uvicorn", "main:app"]`},
		{name: "entrypoint", typ: typeTexts, doc: "Entrypoint that replaces that of the image; `command` follows it, and the image's command is not used. An empty list keeps the image's.", otherwise: "the image's own", example: `["/entry.sh"]`},
		{name: "working_dir", typ: typeFolder, doc: "Working directory in the container.", otherwise: "the image's own"},
		{name: "environment", typ: typeEnv, doc: "Environment variables.", otherwise: "none"},
		{name: "env_file", typ: typeEnvFiles, public: true,
			doc: "Files of environment variables, relative to the plan's folder, in the format of Compose: `NAME=value` on each line. They are read with the plan; a later file overrides an earlier one, and `environment` overrides all files. Reports never contain the values of the files; if the service logs a value, it is masked only if it counts as a secret ([Secrets](compose.md#secrets)).", otherwise: "none"},
		{name: "user", typ: typeUser, doc: "User of the command: a name or number, with or without a group.",
			otherwise: "the image's own"},
		{name: "volumes", typ: typeVolumes, doc: `Storage, as in Compose: "data:/data" is a volume of the engine. A run never writes to a volume that exists: if a service of the plan mounts it without ":ro", the run uses a copy of at most 2 GiB. A volume that does not exist is empty. The run removes copies and empty volumes. "/srv/model:/model:ro" and "./model:/model:ro" are folders or files of the host, the latter relative to the plan's folder.`, otherwise: "none"},
		{name: "tmpfs", typ: typeTmpfs, doc: `Empty file systems in memory, as in Compose: "/run", or with mount options "/run:size=64M,mode=1777". Their files count as memory of the container.`, otherwise: "none"},
		{name: "shm_size", typ: typeSize, doc: "Size of `/dev/shm`, the shared memory of processes. Its content counts as memory of the container. A process that writes beyond the size is killed by SIGBUS (exit 135).", otherwise: "Docker's default, 64M", example: `"256M"`},
		{name: "ulimits", typ: typeUlimits, doc: `Limits of each process, as Docker names them: a number, "soft:hard", or -1 for none.`, otherwise: "the engine's default"},
		{name: "gpus", typ: typeGPUs, doc: "GPUs of the engine's machine for each container: a number, or \"all\", as for `docker run --gpus`. If the engine has no such GPUs, the run ends before the first trial (exit 3). Not tested on a machine with a GPU.", otherwise: "none"},
		{name: "depends_on", typ: typeServices,
			doc: "Helpers of the service. Each starts once, before the first stage that needs it, and runs until the run ends.", otherwise: "none"},
		{name: "restart_helpers", typ: typeFlag, fallback: cty.False,
			doc: "Whether the helpers of the service restart before each trial, with their volumes as at the start of the run. Otherwise they keep their state from trial to trial. Each trial takes longer by the time until they are ready."},
		{name: "networks", typ: typeNetworks, doc: "Networks to join; a string names an external " +
			"one.", otherwise: "one for the run"},
		{name: "aliases", typ: typeAliases, doc: "Additional names of the service on its networks.", otherwise: "none"},
		{name: "extra_hosts", typ: typeHosts, doc: "Host names and their IP addresses, for the containers of the service. `host-gateway` is the address of the engine's machine; it does not reach programs that listen only on 127.0.0.1 of that machine.", otherwise: "none"},
		{name: "expose", typ: typeExpose, doc: "Ports in the container; the first one is the port of the API. A load needs one.", otherwise: "the container's ports of `ports`"},
		{name: "ports", typ: typePublish, doc: `Ports published on the host, as in Compose: "8000" gets a random port of the host; "8000:8000" gets port 8000, which only one replica can have. A load needs no published port.`, otherwise: "none"},
		{name: "restart", typ: word("no", "always", "on-failure", "unless-stopped"), fallback: cty.StringVal("no"),
			doc: "What Docker does when a container of the service exits. In a service under test, every value except `no` hides out-of-memory kills."},
	}, settings("service")...),
	blocks: []*block{
		{name: "limits", most: 1, doc: "Limits of each container; `set` and `vary` of a stage override them.",
			attributes: append(settings("limits"), attribute{name: "start_cpus", typ: typeCPUs,
				doc: "CPUs of each container of a trial until it is ready, if that is more than its limit. " +
					"Then the limit applies, as `docker update --cpus` sets it.",
				otherwise: "its limit", example: "2"})},
		{
			name: "ready", most: 1, doc: "Readiness probe of the service: one of `path`, `tcp`, `log`, `command` and `ended`. Without them, the healthcheck of the image is the probe; it runs again one second after it has ended. Without a healthcheck, the first exposed port is probed like `tcp`.",
			attributes: []attribute{
				{name: "path", typ: typePath, public: true, doc: "Path on the port of the API that must respond."},
				{name: "status", typ: typeCode, doc: "Status of the response of `path`.", otherwise: "any 2xx"},
				{name: "port", typ: typePort, doc: "Port of the probe.", otherwise: "the API's"},
				{name: "tcp", typ: typePort, doc: "Port that gets `GET /` and must respond with any HTTP status except 503. If the port sends data first, does not speak HTTP or closes the connection, an accepted connection is enough. For a helper, an accepted connection is always enough."},
				{name: "headers", typ: typeHeaders, doc: "Headers of the probe.", otherwise: "`Host` is SERVICE:PORT"},
				{name: "log", typ: typePattern, public: true, doc: "Regular expression that a line of the log must match."},
				{name: "count", typ: &attrType{name: "whole number", takes: "a whole number from 1 on", example: "2",
					want: cty.Number, convert: whole(1, 1_000_000)}, fallback: cty.NumberIntVal(1), doc: "Number of lines since the start of the container that must match `log`."},
				{name: "command", typ: typeTexts, doc: "Command to run in the container; exit code 0 means ready. It runs again one second after it has ended.", example: `["pg_isready"]`},
				{name: "ended", typ: typeFlag, fallback: cty.False,
					doc: "The service is a job for other services, such as one that creates a bucket: it is ready when it has ended with exit code 0. It runs once, and again after a restart of one of its own helpers."},
				{name: "timeout", typ: typeSpan, doc: "Timeout of one attempt. A new attempt starts each second, while earlier ones keep waiting.", otherwise: "`within`"},
				{name: "within", typ: typeSpan, fallback: cty.StringVal("60s"), doc: "Time until the service must be ready."},
			},
			choices: []choice{{names: []string{"path", "tcp", "log", "command", "ended"}}, {names: []string{"tcp", "port"}}},
		},
	},
}

var guardBlock = &block{
	name: "guard", most: 1, early: true,
	doc: "Stops the run before it takes the machine down. It is on by default.",
	attributes: []attribute{
		{name: "host_memory_free", typ: typeSize, doc: "Memory of the host that stays free.", otherwise: "the greater of 512M and a tenth of the host", example: `"2G"`},
		{name: "host_cpu_others", typ: typeShare,
			doc: "Share of the host's CPUs that other programs may use. If they use more, a failure that a lack of CPU can cause does not count: the trial runs once more when the host is idle. If it fails again while they use more, it is inconclusive. `100%` turns this off.", otherwise: "5%", example: `"25%"`},
		{name: "runtime", typ: typeSpan, doc: "Maximum time of the whole run.", otherwise: "no maximum", example: `"2h"`},
	},
}

var platformBlock = &block{
	name: "platform", label: "name", most: 1, early: true, example: plans.Kubernetes,
	among: &labels{words: []string{plans.Kubernetes}, code: "P0407", wrong: "not a platform"},
	doc: "Where the plan runs, if not in Docker: in a namespace of a Kubernetes cluster. `--platform`, `--context`, " +
		"`--namespace` and `--agent-image` override it. See [kubernetes.md](kubernetes.md).",
	attributes: []attribute{
		{name: "context", typ: typeText, public: true, doc: "Context of the kubeconfig.", otherwise: "the current one"},
		{name: "namespace", typ: typeText, public: true, doc: "Namespace of all pods.", otherwise: "that of the context"},
		{name: "node_selector", typ: typeEnv, doc: "Labels that a node must have.", otherwise: "any node",
			example: `{ pool = "tests" }`},
		{name: "tolerations", typ: typeTexts, doc: "Taints that a node may have, as `kubectl taint` writes them.",
			otherwise: "none", example: `["pool=tests:NoSchedule"]`},
		{name: "pull_secret", typ: typeText, doc: "Secret of the namespace with the credentials of the images' registry.",
			otherwise: "none"},
		{name: "agent_image", typ: typeSource, public: true,
			doc: "Image of `plan` for the agent, in a registry that the nodes can pull from; `make image` builds it. " +
				"Required, here or as `--agent-image`.",
			example: `"registry.example.org/plan:1.0"`},
	},
}

var outputBlock = &block{
	name: "output", label: "name",
	doc: "A value that the run prints and reports.",
	attributes: []attribute{
		{name: "value", typ: typeAny, needed: true,
			doc: "The value. It is null if it is not known at the end, for example if a stage has no answer.", example: "search.memory.found.memory"},
		{name: "description", typ: typeText, doc: "Meaning of the value."},
		{name: "sensitive", typ: typeFlag, fallback: cty.False,
			doc: "The value may contain sensitive values. It is then not printed."},
	},
}

var reportBlock = &block{
	name: "report", label: "format", example: "html", early: true,
	among: &labels{given: func(o Options) []string { return o.Reports }, code: "P0407", wrong: "not a format of a report"},
	doc: "A report that each run of the plan writes, in addition to those of `--report`, which has the same formats: " +
		"see [report.md](report.md).",
	attributes: []attribute{
		{
			name: "path", typ: typeFile, needed: true, public: true, example: `"report.html"`,
			doc: "Where to write it, relative to the current folder. For `svg` it is a folder.",
		},
	},
}
