package lang

import (
	"strings"

	"github.com/zclconf/go-cty/cty"

	"plan/internal/english"
	"plan/plans"
)

// planFile is the whole table: what may stand in a plan file.
var planFile = &block{
	name: "file",
	blocks: []*block{
		planBlock, variableBlock, localsBlock, imageBlock, networkBlock, preflightBlock,
		serviceBlock, scenarioBlock, guardBlock, searchBlock, rampBlock, checkBlock, outputBlock, reportBlock,
	},
}

var planBlock = &block{
	name: "plan", label: "name", most: 1, early: true,
	doc: "Names the plan, and the editions that it is written for. Without the block a plan is named after its file.",
	attributes: []attribute{
		{name: "language", typ: typeCount, doc: "Edition of the language; 1 is the only one. Read before all else.", example: "1"},
		{name: "requires", typ: typeText, doc: "Editions of the command that can run the plan. Read before all else.", example: `">= 0.1.0"`},
		{name: "description", typ: typeText, doc: "What the plan is for.", public: true},
	},
}

var variableBlock = &block{
	name: "variable", label: "name", root: "var", early: true,
	doc: "A value that can be given from outside: by `--var name=value`, by `--var-file`, by `PLAN_VAR_name` in the environment, or else by `default`; in this order of strength. Refer to it as `var.name`.",
	attributes: []attribute{
		{name: "type", typ: typeType, doc: "`string`, `number`, `bool`, `any`, `list(…)`, `set(…)`, `map(…)`, `object({…})`, `tuple([…])`, and `duration`, `size`, `share`, `rate`, `cpus`, also inside of `list`, `set` and `map`.", otherwise: "any"},
		{name: "default", typ: typeDefault, doc: "Value when none is given. Only here may `env()` stand.", otherwise: "none: a value must be given"},
		{name: "description", typ: typeText, doc: "What the value is for; said where none is given."},
		{name: "sensitive", typ: typeFlag, doc: "Keeps the value out of everything that is printed or stored.", fallback: cty.False},
	},
	blocks: []*block{{
		name: "validation", doc: "A rule that the value must meet.",
		attributes: []attribute{
			{name: "condition", typ: typeCondition, needed: true, doc: "Must be true. May refer to any variable.", example: `var.users > 0`},
			{name: "error_message", typ: typeMessage, needed: true, doc: "What to say when it is not."},
		},
	}},
}

var localsBlock = &block{
	name: "locals", free: true,
	doc: "Names for expressions. Refer to one as `local.name`.",
}

var imageBlock = &block{
	name: "image", label: "name", root: "image", early: true,
	doc: "An image, and what it is pushed as. Refer to it as `image.x` where an image is wanted; it has `name`, `digest` and `size`.",
	attributes: []attribute{
		{name: "source", typ: typeSource, needed: true, public: true, doc: "Reference of the image."},
		{name: "name", typ: typeSource, public: true, doc: "Reference to tag it with and to push.", otherwise: "`source`", example: `"user/fast-api-mlflow:latest"`},
		{name: "pull", typ: word("missing", "always", "never"), fallback: cty.StringVal("missing"), doc: "When `source` is fetched from its registry: where it is not on the engine, before every run, or never."},
		{name: "push", typ: typeFlag, fallback: cty.False, doc: "Pushes it before the first stage, with the credentials that `docker login` left."},
	},
}

var networkBlock = &block{
	name: "network", label: "name", root: "network", early: true,
	doc: "A network that services join. Refer to it as `network.x`; it has `name`.",
	attributes: []attribute{
		{name: "name", typ: &attrType{name: "text", takes: "the name of a network", example: `"proyecto-2_default"`, want: cty.String, convert: toNetworkName}, public: true, doc: "Name on the engine.", otherwise: "the label"},
		{name: "external", typ: typeFlag, fallback: cty.False, doc: "It exists already: it is never made and never removed. Otherwise it is made for the run and removed after it."},
	},
}

var preflightBlock = &block{
	name: "preflight", label: "name", early: true,
	doc: "Something that must answer before the first stage; asked from inside the network.",
	attributes: []attribute{
		{name: "network", typ: typeNetwork, needed: true, doc: "Network to ask from; a text names an external one.", example: "network.backend"},
		{name: "url", typ: typeURL, public: true, doc: "URL that must answer."},
		{name: "tcp", typ: typeHostPort, public: true, doc: "Host and port that must accept a connection."},
		{name: "status", typ: typeCode, doc: "Status that `url` must answer with.", otherwise: "any 2xx"},
		{name: "within", typ: typeSpan, fallback: cty.StringVal("20s"), doc: "How long to keep asking."},
	},
	choices: []choice{{names: []string{"url", "tcp"}, needed: true}},
}

// settings are the attributes of the dimensions that a block has.
func settings(block, bound string) []attribute {
	var rows []attribute
	for _, row := range dimensionRows {
		if standsIn(plans.Dimension(row.name), block) {
			row.doc = strings.Replace(row.doc, "%s", bound, 1)
			rows = append(rows, row.attribute)
		}
	}
	return rows
}

var serviceBlock = &block{
	name: "service", label: "name", root: "service",
	doc: "What a trial runs, or what another service depends on. Refer to it as `service.x`; it has `name`.",
	attributes: append([]attribute{
		{name: "image", typ: typeImage, needed: true, doc: "Image to run."},
		{name: "command", typ: typeTexts, doc: "Command instead of the image's own; an empty list keeps that.", otherwise: "the image's own", example: `["uvicorn", "main:app"]`},
		{name: "entrypoint", typ: typeTexts, doc: "Entrypoint instead of the image's own, which `command` follows; with it the image's own command is not used. An empty list keeps the image's.", otherwise: "the image's own", example: `["/entry.sh"]`},
		{name: "working_dir", typ: typeFolder, doc: "Folder inside that the command starts in.", otherwise: "the image's own"},
		{name: "environment", typ: typeEnv, doc: "Environment variables.", otherwise: "none"},
		{name: "user", typ: typeUser, doc: "User that the command runs as: a name or number, with or without a group.", otherwise: "the image's own"},
		{name: "volumes", typ: typeVolumes, doc: `Storage of the host, as in Compose: "data:/data" is a volume of the engine, made for the run where it is not there; "/srv/model:/model:ro" and "./model:/model:ro" are folders or files of the host, the latter relative to the plan's folder.`, otherwise: "none"},
		{name: "tmpfs", typ: typeTmpfs, doc: `Empty file systems in memory, as in Compose: "/run", or with options of the mount "/run:size=64M,mode=1777". What is written there counts as memory of the container.`, otherwise: "none"},
		{name: "shm_size", typ: typeSize, doc: "Size of `/dev/shm`, through which processes share memory; what is written there counts as memory of the container. One that writes more than fits is killed by SIGBUS (exit 135).", otherwise: "Docker's own, 64M", example: `"256M"`},
		{name: "ulimits", typ: typeUlimits, doc: `Limits of each process, as Docker names them: a number, "soft:hard", or -1 for none.`, otherwise: "the engine's own"},
		{name: "gpus", typ: typeGPUs, doc: "GPUs of the engine's machine that each container gets: a number, or \"all\". Asked for as `docker run --gpus` does; an engine that cannot give them ends the run before the first trial (exit 3). Not tried on a machine with a GPU.", otherwise: "none"},
		{name: "depends_on", typ: typeServices, doc: "Services that must be ready before: each is started once, before the first stage that needs it, and lives until the run ends.", otherwise: "none"},
		{name: "networks", typ: typeNetworks, doc: "Networks to join; a text names an external one.", otherwise: "one for the run"},
		{name: "aliases", typ: typeAliases, doc: "Further names under which it is found on its networks, beside its own.", otherwise: "none"},
		{name: "extra_hosts", typ: typeHosts, doc: "Names that its containers find at an IP address, or at `host-gateway`: the engine's machine. What listens on that machine's 127.0.0.1 alone is not reached so.", otherwise: "none"},
		{name: "expose", typ: typeExpose, doc: "Ports inside; the first one is the API's. A load needs one.", otherwise: "the container's ports of `ports`"},
		{name: "ports", typ: typePublish, doc: `Ports published on the host, as in Compose: "8000" is a random port of the host, "8000:8000" that one, which only one replica can have. A load needs none.`, otherwise: "none"},
		{name: "restart", typ: word("no", "always", "on-failure", "unless-stopped"), fallback: cty.StringVal("no"), doc: "What Docker does when the service ends. Anything but `no` hides out-of-memory kills of what a stage runs."},
	}, settings("service", "")...),
	blocks: []*block{
		{name: "limits", most: 1, doc: "Limits of each container; `set` and `vary` of a stage are stronger.", attributes: settings("limits", "Most")},
		{
			name: "ready", most: 1, doc: "How the service shows that it can be asked. Where neither `path` nor `tcp` nor `log` nor `command` nor `ended` is given: when the image's healthcheck says so, which is run a second after it last ended; without one, as the first exposed port in the place of `tcp`.",
			attributes: []attribute{
				{name: "path", typ: typePath, public: true, doc: "Path on the API's port that must answer."},
				{name: "status", typ: typeCode, doc: "Status that `path` must answer with.", otherwise: "any 2xx"},
				{name: "port", typ: typePort, doc: "Port that is asked.", otherwise: "the API's"},
				{name: "tcp", typ: typePort, doc: "Port that is asked `GET /`: it must answer with any HTTP status but 503. One that speaks first, answers no HTTP or closes only has to accept a connection, as has every port of a service that another one depends on."},
				{name: "headers", typ: typeHeaders, doc: "Headers of what is asked.", otherwise: "`Host` is SERVICE:PORT"},
				{name: "log", typ: typePattern, public: true, doc: "Regular expression that a line of the log must match."},
				{name: "count", typ: &attrType{name: "whole number", takes: "a whole number from 1 on", example: "2", want: cty.Number, convert: whole(1, 1_000_000)}, fallback: cty.NumberIntVal(1), doc: "How many lines must match `log`, of those since the container started."},
				{name: "command", typ: typeTexts, doc: "Command that is run in the container, a second after it last ended: exit code 0 is ready.", example: `["pg_isready"]`},
				{name: "ended", typ: typeFlag, fallback: cty.False, doc: "It is a job that others depend on, such as one that makes a bucket: ready once it has ended with exit code 0. It runs once; again where something that it depends on is started anew."},
				{name: "timeout", typ: typeSpan, doc: "How long one attempt may take. A new one begins each second beside those that wait.", otherwise: "`within`"},
				{name: "within", typ: typeSpan, fallback: cty.StringVal("60s"), doc: "How long to wait."},
			},
			choices: []choice{{names: []string{"path", "tcp", "log", "command", "ended"}}, {names: []string{"tcp", "port"}}},
		},
	},
}

var guardBlock = &block{
	name: "guard", most: 1, early: true,
	doc: "Stops the run before it takes the machine down. On by default.",
	attributes: []attribute{
		{name: "host_memory_free", typ: typeSize, doc: "Memory of the host that stays free.", otherwise: "the greater of 512M and a tenth of the host", example: `"2G"`},
		{name: "host_cpu_others", typ: typeShare, doc: "How much of the host's CPUs others may use before a failure that a lack of CPU can make is not believed: it is tried again once the host is quiet, and is then inconclusive. `100%` believes all.", otherwise: "5%", example: `"25%"`},
		{name: "runtime", typ: typeSpan, doc: "Longest time of the whole run.", otherwise: "no bound", example: `"2h"`},
	},
}

var outputBlock = &block{
	name: "output", label: "name",
	doc: "A value that the run prints and reports.",
	attributes: []attribute{
		{name: "value", typ: typeAny, needed: true, doc: "The value; null when it is not known at the end. What a stage looked for and did not find is null here.", example: "search.memory.found.memory"},
		{name: "description", typ: typeText, doc: "What the value means."},
		{name: "sensitive", typ: typeFlag, fallback: cty.False, doc: "Lets the value be made of sensitive ones; it is then not printed."},
	},
}

var reportBlock = &block{
	name: "report", label: "format", example: "html", early: true,
	among: &labels{words: plans.ReportFormats(), code: "P0407", wrong: "no format of a report"},
	doc: "A report that each run of the plan writes, besides those of `--report`: " +
		english.Or(quotedAll(plans.ReportFormats())) + ".",
	attributes: []attribute{
		{
			name: "path", typ: typeFile, needed: true, public: true, example: `"report.html"`,
			doc: "Where it is written, relative to the folder in which plan runs. Of `svg` it is a folder.",
		},
	},
}

// quotedAll returns words as code in the manual.
func quotedAll(words []string) []string {
	var list []string
	for _, word := range words {
		list = append(list, "`"+word+"`")
	}
	return list
}
