package compose

import (
	"fmt"
	"net"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"plan/internal/secret"
	"plan/internal/shell"
)

// address is where a URL leads.
type address struct {
	scheme, host, path string
	port               int  // 0: the scheme does not say
	assumed            bool // the port is that of the scheme
	secret             bool
	told               bool // it is the host that Locust is told to ask
}

var urlInText = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://(?:\[[0-9A-Fa-f:]+\])?[^\s"'<>|;,\\)\]}` + "`" + `]*`)

// urls finds the URLs in a text.
func urls(text string) []address {
	var list []address
	for _, found := range urlInText.FindAllString(text, -1) {
		u, err := url.Parse(found)
		if err != nil || u.Hostname() == "" {
			continue
		}
		a := address{scheme: strings.ToLower(u.Scheme), host: u.Hostname(), path: u.EscapedPath(), port: port(u.Port())}
		if u.RawQuery != "" {
			a.path += "?" + u.RawQuery
		}
		a.secret = secret.Text(found)
		if a.port == 0 {
			// Without what stands behind a plus, as in postgresql+psycopg2.
			family, _, _ := strings.Cut(a.scheme, "+")
			a.port = schemePorts[family]
			a.assumed = a.port > 0
		}
		list = append(list, a)
	}
	return list
}

// authority is the host, with the port where it was written.
func (a address) authority() string {
	if a.assumed || a.port == 0 {
		return a.host
	}
	return net.JoinHostPort(a.host, strconv.Itoa(a.port))
}

var schemePorts = map[string]int{
	"http": 80, "https": 443, "postgres": 5432, "postgresql": 5432, "mysql": 3306, "mariadb": 3306, "redis": 6379,
	"mongodb": 27017, "amqp": 5672, "nats": 4222,
}

var (
	noGET = regexp.MustCompile(`(?:^|\s)(?:-X|--request|-d|--data\S*|--json|-F|--form|-T|--upload-file|-H|--header|-u|--user|--post-data\S*|--post-file\S*|--body-data\S*|--method\S*)(?:[ =]|$)|\.post\(|method=|data=`)
	fails = regexp.MustCompile(`^(?:-[A-Za-z]*f[A-Za-z]*|--fail|--fail-with-body)$`) // options of curl
	shows = regexp.MustCompile(`^(?:-[A-Za-z]*w|--write-out)`)
	// named is a path that only says how a service is: what is there is no page and no redirect.
	named = regexp.MustCompile(`(?i)(?:^|[/_.-])(?:health|healthy|healthz|health[_-]?check|live|livez|liveness|` +
		`ready|readyz|readiness|alive|up|ping|status|heartbeat)$`)
)

// health is the HTTP request that a health check makes to its own container, if
// it is a GET and the only one.
func health(s types.ServiceConfig) (address, bool) {
	if s.HealthCheck == nil || s.HealthCheck.Disable {
		return address{}, false
	}
	text := strings.Join(s.HealthCheck.Test, " ")
	if list := urls(text); len(list) != 1 || noGET.MatchString(text) {
		return address{}, false
	}
	for _, u := range urls(text) {
		own := u.host == "localhost" || u.host == s.Name || net.ParseIP(u.host).IsLoopback() || net.ParseIP(u.host).IsUnspecified()
		if own && u.scheme == "http" && !strings.ContainsAny(u.path, "${") {
			if u.path == "" {
				u.path = "/"
			}
			return u, true
		}
	}
	return address{}, false
}

// healthPath is the request of a health check that passes where a plan's own request of
// the path does: all that the check does is a request that fails unless the status is 2xx.
func healthPath(s types.ServiceConfig) (address, bool) {
	u, is := health(s)
	where, _, _ := strings.Cut(u.path, "?")
	if !is || !named.MatchString(where) {
		return address{}, false
	}
	test := []string(s.HealthCheck.Test[1:])
	commands := []shell.Command{{Words: test}}
	if s.HealthCheck.Test[0] == "CMD-SHELL" {
		commands = split(strings.Join(test, " "))
	} else if script := scriptOf(test); script >= 0 {
		commands = split(test[script])
	}
	if len(commands) == 2 && commands[0].Operator == "||" &&
		slices.Contains([]string{"exit 1", "false"}, strings.Join(commands[1].Words, " ")) {
		commands = commands[:1] // it only turns any failure into this one
	}
	if len(commands) != 1 || commands[0].Inside || strings.ContainsAny(strings.Join(commands[0].Words, ""), "`$") {
		return address{}, false
	}
	words := commands[0].Words
	switch name := path.Base(words[0]); {
	case name == "curl":
		return u, slices.ContainsFunc(words, fails.MatchString) && !slices.ContainsFunc(words, shows.MatchString)
	case strings.HasPrefix(name, "python"):
		return u, slices.ContainsFunc(words, func(word string) bool { return strings.Contains(word, "urlopen(") })
	default:
		return u, name == "wget"
	}
}

func healthPort(s types.ServiceConfig) int {
	a, ok := health(s)
	if !ok {
		return 0
	}
	return a.port
}

// ready writes how the service shows that it can be asked, nil where the
// image's own health check and the port say it.
func (w serviceWriter) ready(s types.ServiceConfig, port int) []string {
	h := s.HealthCheck
	switch asked := w.converter.Options.Ready; {
	case asked != "" && s.Name == w.converter.selection.api:
		return append([]string{"path = " + quote(asked)}, w.within(s)...)
	case h != nil && (h.Disable || len(h.Test) > 0 && h.Test[0] == "NONE"):
		var lines []string
		if port > 0 || dockerfileOf(s).Healthcheck != nil {
			lines = []string{unchecked(port) + " # the Compose file disables the image's health check"}
		}
		return append(lines, w.within(s)...)
	case (h == nil || len(h.Test) == 0) && w.converter.project.foreignCheck(s) > 0:
		instead := "the plan does not wait for it"
		if port > 0 {
			instead = fmt.Sprintf("the plan waits for port %d", port)
		}
		w.converter.note(s.Name, "healthcheck",
			fmt.Sprintf("the image's health check asks port %d, which this command does not serve: %s",
				w.converter.project.foreignCheck(s), instead))
		return append([]string{unchecked(port) + " # the image's health check belongs to another command"}, w.within(s)...)
	case h == nil:
		return w.within(s)
	case len(h.Test) == 0:
		w.converter.note(s.Name, "healthcheck", "its times are left out: a plan runs the image's health check each second")
		return w.within(s)
	case s.Name != w.converter.selection.api && !w.converter.project.healthAsked(s.Name) && !w.ownCheck(s):
		var lines []string
		if port > 0 {
			lines = []string{"tcp = " + strconv.Itoa(port) + " # no service waits for the health check of the Compose file"}
		}
		w.converter.note(s.Name, "healthcheck", "it is left out: no service waits for it with service_healthy")
		return append(lines, w.within(s)...)
	}
	u, ok := healthPath(s)
	switch {
	case !ok:
		return w.healthcheck(s)
	case u.secret:
		w.converter.note(s.Name, "healthcheck", "its URL contains what looks like a secret")
		return nil
	}
	lines := []string{"path = " + quote(u.path)}
	if u.port != port {
		lines = append(lines, "port = "+strconv.Itoa(u.port))
	}
	return append(lines, w.within(s)...)
}

// ownCheck reports whether a helper's health check is known to pass once it is ready: a
// store answers its own tool, and on its health path.
func (w serviceWriter) ownCheck(s types.ServiceConfig) bool {
	_, asks := health(s)
	_, answers := healthPath(s)
	return w.converter.selection.isStore(s.Name) && (answers || !asks)
}

// unchecked is how a service is ready without the health check of its image: once it has the port, or at once where it
// has none.
func unchecked(port int) string {
	if port > 0 {
		return "tcp = " + strconv.Itoa(port)
	}
	return `command = ["true"]`
}

// imageCheck is a service with the health check of its Dockerfile where the Compose file has none.
func imageCheck(x types.ServiceConfig) types.ServiceConfig {
	if test := dockerfileOf(x).Healthcheck; test != nil && (x.HealthCheck == nil || len(x.HealthCheck.Test) == 0) {
		x.HealthCheck = &types.HealthCheckConfig{Test: test}
	}
	return x
}

// foreignCheck is the port that the health check of a Dockerfile asks and the service does not have, since the Compose
// file gives it another command; 0 for none.
func (s *project) foreignCheck(x types.ServiceConfig) int {
	asked := healthPort(imageCheck(x))
	own := x.HealthCheck != nil && len(x.HealthCheck.Test) > 0
	if asked == 0 || own || x.Command == nil && x.Entrypoint == nil {
		return 0
	}
	has := s.toldPorts(x)
	if t := runningTool(x); len(has) == 0 {
		has = append(s.knownPorts(x), inside(x)...)
		if t.role.isServer() {
			has = append(has, t.port)
		}
		if len(has) == 0 && t.role != workerRole {
			return 0 // nothing shows its ports
		}
	}
	if slices.Contains(has, asked) {
		return 0
	}
	return asked
}

// healthAsked reports whether a service is waited for until it is healthy. Nobody knows
// whether another check ever passes: an image may not have its command.
func (s *project) healthAsked(name string) bool {
	for _, x := range s.AllServices() {
		if x.DependsOn[name].Condition == types.ServiceConditionHealthy {
			return true
		}
	}
	return false
}

// healthcheck is a health check that does anything but one plain request: it is run
// as it stands.
func (w serviceWriter) healthcheck(s types.ServiceConfig) []string {
	test := []string(s.HealthCheck.Test)
	model := w.converter.project.written.service(s.Name)
	check, _ := model["healthcheck"].(map[string]any)
	var raw []string // the words as they stand
	switch test := check["test"].(type) {
	case string:
		raw = []string{"CMD-SHELL", test}
	case []any:
		for _, word := range test {
			text, _ := word.(string)
			raw = append(raw, text)
		}
	}
	raw = w.converter.project.written.matched(raw, test)
	spans := w.converter.texts.spansIn(test[1:])
	var items []string
	for i, word := range test[1:] {
		items = append(items, w.converter.texts.text(s.Name, w.argument(s.Name, "healthcheck", test, i+1), raw[i+1], word,
			false, spans[i]...))
	}
	if test[0] == "CMD-SHELL" {
		items = append([]string{quote("/bin/sh"), quote("-c")}, items...)
	}
	return append([]string{"command = [" + strings.Join(items, ", ") + "]"}, w.within(s)...)
}

// airflowPackages is a variable with packages that the image of Airflow installs when it starts.
const airflowPackages = "_PIP_ADDITIONAL_REQUIREMENTS"

// slow are commands that take their time before a service starts, besides sleep.
var slow = []string{"apk", "apt", "apt-get", "conda", "curl", "dvc", "git", "npm", "pip", "pip3", "uv", "wget"}

// takesTime says what commands do that take their time; "" where none does. Beside sleep,
// curl and wget only ask whether something is there.
func takesTime(commands [][]string) string {
	waits, loads := false, false
	for _, words := range commands {
		switch name := words[0]; {
		case name == "sleep":
			waits = true
		case name == "curl", name == "wget":
			loads = true
		case slices.Contains(slow, name):
			return "it installs or downloads something at its start"
		}
	}
	switch {
	case waits:
		return "it waits at its start"
	case loads:
		return "it installs or downloads something at its start"
	}
	return ""
}

// within is how long a service may take until it is ready, where that is more
// than usual.
func (w serviceWriter) within(s types.ServiceConfig) []string {
	limit, why := 5*time.Minute, ""
	list := commandsOf(startWords(s))
	if more := s.Environment[airflowPackages]; more != nil && strings.TrimSpace(*more) != "" {
		why = "it installs " + airflowPackages + " at its start"
	} else if why = takesTime(list[:max(0, len(list)-1)]); why == "" {
		limit = 0
	}
	if s.HealthCheck != nil && patience(s.HealthCheck) > max(limit, time.Minute) && len(s.HealthCheck.Test) > 0 {
		limit, why = patience(s.HealthCheck), "the health check's start_period and retries"
	}
	if limit == 0 {
		return nil
	}
	return []string{"within = " + quote(strconv.Itoa(int(limit.Seconds()))+"s") + " # " + why}
}

// patience is how long Compose waits before it takes a container for unhealthy.
func patience(h *types.HealthCheckConfig) time.Duration {
	interval, retries, start := 30*time.Second, uint64(3), time.Duration(0)
	if h.Interval != nil {
		interval = time.Duration(*h.Interval)
	}
	if h.Retries != nil {
		retries = *h.Retries
	}
	if h.StartPeriod != nil {
		start = time.Duration(*h.StartPeriod)
	}
	return min(start+interval*time.Duration(min(retries, 1000)), time.Hour)
}

// docs are the pages that a framework answers by itself.
func docs(s types.ServiceConfig) string {
	hints := append(slices.Clone(s.Command), s.Image)
	for _, hint := range hints {
		hint = strings.ToLower(hint)
		if strings.Contains(hint, "uvicorn") || strings.Contains(hint, "fastapi") || strings.Contains(hint, "fast-api") {
			return "/docs"
		}
	}
	return "/"
}
