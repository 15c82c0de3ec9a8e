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
		"build":             `write an image block that has build { context = "." }, and image = image.NAME here`,
		"container_name":    `write aliases = ["NAME"] if other services use that name: containers have names of the run, and services find each other by their own names`,
		"configs":           `write volumes = ["./NAME:/NAME:ro"]`,
		"deploy":            `write limits { memory = "500M" }, and replicas = 2 beside limits`,
		"devices":           "write gpus = 1 for GPUs; containers get no other devices of the host",
		"extends":           "write all attributes in the service itself",
		"external_links":    networkHelp,
		"healthcheck":       `write ready { path = "/health" }; without ready, the healthcheck of the image applies`,
		"hostname":          `write aliases = ["NAME"] if other services use that name: services find each other by their own names`,
		"links":             `write depends_on = ["NAME"] for a service of this plan; for other containers, ` + networkHelp,
		"mem_reservation":   `write limits { memory = "500M" }: a reservation is not a limit`,
		"mem_swappiness":    "remove it: containers get no swap",
		"memswap_limit":     "remove it: containers get no swap",
		"network_mode":      `create a network, docker network create NAME, and write networks = ["NAME"]`,
		"pull_policy":       pullHelp,
		"image_pull_policy": pullHelp,
		"imagePullPolicy":   pullHelp,
		"secrets":           `write volumes = ["./FILE:/run/secrets/NAME:ro"], or a variable with sensitive = true`,
		"stop_grace_period": "remove it: the container is removed after its trial",
		"stop_signal":       "remove it: the container is removed after its trial",
		"volumes_from":      `write the same volumes for both services: volumes = ["data:/data"]`,
	},
	"limits": {
		"replicas": "write replicas = 2 beside limits",
		"scale":    "write replicas = 2 beside limits",
	},
	"request": {
		"catch_response": `write expect { status = [200] }`,
		"cookies":        cookieHelp,
		"content_type":   `write headers = { "Content-Type" = "text/plain" }; json, form, multipart and file set it themselves`,
		"host":           `remove it: requests go to the service of the stage; for another host name, write headers = { Host = "NAME" }`,
		"name":           `write the name as the label: request "NAME" { … }`,
		"url":            `write path = "/predict": requests go to the service of the stage`,
		"verify":         "remove it: requests go to the service of the stage over plain HTTP",
	},
	"scenario": {
		"base_url": "remove it: requests go to the service of the stage",
		"host":     "remove it: requests go to the service of the stage",
		"on_stop":  "remove it: the container, with all data of its users, is removed after its trial",
		"teardown": "remove it: the container, with all data of its users, is removed after its trial",
		"cookies":  cookieHelp,
		"weight":   "write weight in a request: a load has one scenario",
	},
	"load": {
		"arrivalCount":     countHelp,
		"constant_pacing":  paceHelp,
		"csv":              reportHelp,
		"executor":         `remove it: write users for constant-vus, stages for ramping-vus and ramping-arrival-rate, arrival_rate = "50/s" for constant-arrival-rate`,
		"gracefulRampDown": "remove it: runtime is a hard end",
		"gracefulStop":     "remove it: runtime is a hard end",
		"headless":         "remove it: the load begins without a user interface",
		"host":             "remove it: the load goes to the service of the stage",
		"html":             reportHelp,
		"iterations":       countHelp,
		"locust":           driverHelp,
		"locustfile":       driverHelp,
		"loops":            countHelp,
		"master":           "remove it: Locust runs in one container",
		"processes":        "remove it: Locust runs in one container",
		"rampTo":           stagesHelp,
		"rampUsersPerSec":  stagesHelp,
		"ramp_down":        stagesHelp,
		"ramp_time":        `write spawn_rate = "10/s": the number of users that start per second`,
		"script":           driverHelp,
		"startRate":        stagesHelp,
		"startTime":        "remove it: stages of a plan run one after another, in the order of depends_on",
		"startVUs":         stagesHelp,
		"tags":             `remove it: a scenario has no tags; write tags of Locust's tasks in driver "locust" { tags = ["predict"] }`,
		"timeUnit":         `remove it, and write the unit in the rate: arrival_rate = "50/s" or "3000/m"`,
		"workers":          "remove it: Locust runs in one container",
	},
	"driver": {
		"command":    "write options of the locustfile in args, and users, spawn_rate and runtime in load",
		"host":       "remove it: the load goes to the service of the stage",
		"spawn_rate": "write it in load, beside driver",
		"users":      "write it in load, beside driver; in a ramp, beside load",
		"runtime":    "write it in load, beside driver",
		"run_time":   "write runtime in load, beside driver",
		"version":    `write it as a tag: image = "locustio/locust:2.46.3"`,
	},
}

const (
	driverHelp  = `write driver "locust" { file = "locustfile.py" } in a load`
	cookieHelp  = `write headers = { Cookie = "name=value" }; users with on_start keep the cookies of the service`
	countHelp   = `write runtime = "60s": the length of a load is a time`
	stagesHelp  = `write stages = [{ rate = "10/s", over = "0s" }, { rate = "50/s", over = "1m" }], or users instead of rate`
	paceHelp    = `write think_time in the scenario, or arrival_rate = "50/s" here`
	networkHelp = `write networks = ["NAME"], with the network of those containers`
	pullHelp    = `write an image block with pull = "always", and image = image.NAME`
	reportHelp  = "remove it: run plan run --report json=FILE to get the figures"
	volumeHelp  = `write volumes = ["data:/data"] in the service: volumes need no declaration`
)

// composeOnly are words of a service in Compose that the language has nothing
// for, besides limits.
var composeOnly = map[string]bool{
	"cap_add": true, "cap_drop": true, "cgroup": true, "cgroup_parent": true,
	"dns": true, "domainname": true, "init": true, "ipc": true, "isolation": true,
	"labels": true, "logging": true, "mac_address": true, "pid": true,
	"platform": true, "privileged": true, "profiles": true, "read_only": true, "runtime": true, "security_opt": true,
	"stdin_open": true, "sysctls": true, "tty": true,
}
