package lang

// elsewhere says what to write for the words of other tools that have another
// form here, by the block in which they are written.
var elsewhere = map[string]map[string]string{
	"file": {
		"driver":  driverHelp,
		"locust":  driverHelp,
		"secrets": `write variable "NAME" { sensitive = true }`,
		"volume":  volumeHelp,
		"volumes": volumeHelp,
	},
	"service": {
		"build":             `images are not built here: docker build -t NAME . first, then image = "NAME"`,
		"container_name":    `write aliases = ["NAME"] if others find it by that: every container is named after the run, and found by the name of its service`,
		"deploy":            `write limits { memory = "500M" }, and replicas = 2 beside it`,
		"devices":           "write gpus = 1 for GPUs; a container gets no other devices of the host",
		"env_file":          `write environment = { NAME = "value" }; a secret comes by a variable with sensitive = true`,
		"extends":           "write all that the service has: it takes nothing over from another",
		"external_links":    networkHelp,
		"healthcheck":       `write ready { path = "/health" }; without it the healthcheck of the image is used`,
		"hostname":          `write aliases = ["NAME"] if others find it by that: a service is found by its own name`,
		"links":             `write depends_on = ["NAME"] for a service of this plan; for others, ` + networkHelp,
		"mem_reservation":   `write limits { memory = "500M" }: a reservation limits nothing`,
		"mem_swappiness":    "leave it out: swap is never added",
		"memswap_limit":     "leave it out: swap is never added",
		"network_mode":      `write networks = ["NAME"], of a network made by docker network create NAME`,
		"pull_policy":       pullHelp,
		"image_pull_policy": pullHelp,
		"imagePullPolicy":   pullHelp,
		"stop_grace_period": "leave it out: a trial's container is removed after it",
		"stop_signal":       "leave it out: a trial's container is removed after it",
		"volumes_from":      `write the same volumes for both services: volumes = ["data:/data"]`,
	},
	"limits": {
		"replicas": "it stands beside limits: replicas = 2",
		"scale":    "write replicas = 2 beside limits",
	},
	"request": {
		"catch_response": `write expect { status = [200] }`,
		"cookies":        cookieHelp,
		"content_type":   `write headers = { "Content-Type" = "text/plain" }; json, form, multipart and file say theirs by themselves`,
		"host":           `leave it out: a request goes to the service of the stage; write headers = { Host = "NAME" } for another name`,
		"name":           `the label is the name: request "NAME" { … }`,
		"url":            `write path = "/predict": a request goes to the service of the stage`,
		"verify":         "leave it out: a request goes to the service of the stage over plain HTTP",
	},
	"scenario": {
		"base_url": "leave it out: requests go to the service of the stage",
		"host":     "leave it out: requests go to the service of the stage",
		"on_stop":  "the language has no on_stop: what a service keeps of a user ends with its trial",
		"teardown": "the language has no teardown: what a service keeps of a user ends with its trial",
		"cookies":  cookieHelp,
		"weight":   "it stands in request; a load plays one scenario",
	},
	"load": {
		"arrivalCount":     countHelp,
		"constant_pacing":  paceHelp,
		"csv":              reportHelp,
		"executor":         `write users for constant-vus, stages for ramping-vus and ramping-arrival-rate, arrival_rate for constant-arrival-rate`,
		"gracefulRampDown": "leave it out: runtime is a hard end",
		"gracefulStop":     "leave it out: runtime is a hard end",
		"headless":         "leave it out: the load begins by itself",
		"host":             "leave it out: the load goes to the service of the stage",
		"html":             reportHelp,
		"iterations":       countHelp,
		"locust":           driverHelp,
		"locustfile":       driverHelp,
		"loops":            countHelp,
		"master":           "leave it out: Locust runs in one container",
		"processes":        "leave it out: Locust runs in one container",
		"rampTo":           stagesHelp,
		"rampUsersPerSec":  stagesHelp,
		"ramp_down":        stagesHelp,
		"ramp_time":        `write spawn_rate = "10/s": how many users start in a second`,
		"script":           driverHelp,
		"startRate":        stagesHelp,
		"startTime":        "leave it out: stages of a plan run one after the other, in the order of depends_on",
		"startVUs":         stagesHelp,
		"tags":             "the language has no tags yet: keep the tasks that are wanted in a locustfile of their own",
		"timeUnit":         `leave it out: a rate has its unit, arrival_rate = "50/s" or "3000/m"`,
		"workers":          "leave it out: Locust runs in one container",
	},
	"driver": {
		"args":       "leave it out: users, spawn_rate and runtime stand in load",
		"command":    "leave it out: users, spawn_rate and runtime stand in load",
		"host":       "leave it out: the load goes to the service of the stage",
		"spawn_rate": "it stands in load, beside driver",
		"users":      "it stands in load, beside driver; in a ramp, beside load",
		"runtime":    "it stands in load, beside driver",
		"run_time":   "write runtime in load, beside driver",
		"version":    `write it as a tag: image = "locustio/locust:2.46.3"`,
	},
}

const (
	driverHelp  = `write driver "locust" { file = "locustfile.py" } in a load`
	cookieHelp  = `write headers = { Cookie = "name=value" }; users that begin with on_start keep what the service gives them`
	countHelp   = `a load lasts for a time, not for a number of requests: write runtime = "60s"`
	stagesHelp  = `write stages = [{ rate = "10/s", over = "0s" }, { rate = "50/s", over = "1m" }], or users in the place of rate`
	paceHelp    = `write think_time in the scenario, or arrival_rate = "50/s" here`
	networkHelp = `join the network that the other containers are in: networks = ["NAME"]`
	pullHelp    = `give the image a block of its own with pull = "always", and write image = image.NAME`
	reportHelp  = "leave it out: the figures stand in the report of the run (plan run --report json=FILE)"
	volumeHelp  = `volumes are not declared: write volumes = ["data:/data"] in the service`
)

// composeOnly are words of a service in Compose that the language has nothing
// for, besides limits.
var composeOnly = map[string]bool{
	"cap_add": true, "cap_drop": true, "cgroup": true, "cgroup_parent": true, "configs": true,
	"dns": true, "domainname": true, "init": true, "ipc": true, "isolation": true,
	"labels": true, "logging": true, "mac_address": true, "pid": true,
	"platform": true, "privileged": true, "profiles": true, "read_only": true, "runtime": true, "secrets": true, "security_opt": true,
	"stdin_open": true, "sysctls": true, "tty": true,
}
