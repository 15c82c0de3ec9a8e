package layers

// table says what the code of each package may import, besides the standard
// library: packages of this module by their path inside it, other modules by a
// prefix of the import path. A grant that nobody uses fails the test. Imports go
// from the bottom of the table up.
var table = map[string][]string{
	"internal/units":     {},
	"internal/metrics":   {},
	"internal/english":   {"github.com/agext/levenshtein"},
	"internal/imagename": {"github.com/distribution/reference"},
	"internal/exchange":  {"github.com/ohler55/ojg/jp", sys},
	"internal/host":      {},
	"internal/lock":      {sys},
	"internal/tty":       {units, "github.com/olekukonko/tablewriter"},
	"internal/filled":    {},
	"internal/wait":      {},

	"engine":       {exchange, metrics, english, "engine/http1", "engine/wheel", "github.com/HdrHistogram/hdrhistogram-go", sys},
	"engine/http1": {},
	"engine/wheel": {},

	"runner/search": {},

	"plans/diag": {english},
	// plans takes from runner/search, which imports nothing, which strategies
	// there are and how many trials each takes.
	"plans":       {units, exchange, english, "engine", "plans/diag", "runner/search"},
	"plans/check": {units, exchange, metrics, english, "internal/imagename", "engine", "plans", "plans/diag"},
	"plans/lang": {
		units, exchange, metrics, english, "internal/imagename", "engine", "plans", "plans/check", "plans/diag", "runner/search",
		"github.com/hashicorp/hcl/v2", "github.com/zclconf/go-cty",
	},
	"plans/compose": {
		units,
		"github.com/compose-spec/compose-go/v2", "github.com/hashicorp/hcl/v2", "github.com/zclconf/go-cty", "go.yaml.in/yaml/v4",
	},

	"inference":         {exchange},
	"inference/sample":  {units, sys, "github.com/spf13/pflag"},
	"containers":        {units},
	"containers/cgroup": {units, "containers", sys},
	"containers/docker": {
		units, english, wait, "internal/host", "internal/lock", "containers", "containers/cgroup", "containers/docker/apierror", "containers/docker/images", sys,
		"github.com/docker/docker", "github.com/docker/cli", "github.com/docker/go-connections",
		"github.com/docker/go-units", "github.com/containerd/errdefs", "github.com/opencontainers/image-spec",
	},
	"containers/docker/apierror": {"containers", "github.com/docker/docker", "github.com/containerd/errdefs"},
	"containers/docker/images": {
		units, english, "internal/imagename", "containers", "containers/docker/apierror",
		"github.com/docker/docker", "github.com/docker/cli", "github.com/google/go-containerregistry",
	},
	"agent": {exchange, "internal/host", "engine", "inference"},

	"runner/journal":   {units, exchange, metrics, "containers", "engine", "plans"},
	"runner/judge":     {units, exchange, metrics, "plans", "engine", "containers", "runner/journal"},
	"runner/answer":    {units, "plans", "runner/journal", "runner/search"},
	"runner/evidence":  {units, exchange, metrics, "plans", "containers", "runner/journal", "runner/judge"},
	"runner/requests":  {units, exchange, wait, "plans", "engine", "containers", "agent", "runner/journal", "runner/judge"},
	"runner/readiness": {units, exchange, wait, "plans", "inference", "containers", "agent", "runner/requests"},
	"runner/locust":    {units, exchange, metrics, wait, "engine", "containers", "agent", "runner/journal"},
	"runner": {
		units, exchange, wait, "internal/host",
		"plans", "engine", "inference", "containers", "agent", "runner/answer", "runner/evidence", "runner/journal", "runner/judge", "runner/locust", "runner/readiness", "runner/requests", "runner/search",
	},
	"report":        {units, metrics, english, tty, "plans", "engine", "containers", "runner", "runner/journal"},
	"report/load":   {units, exchange, metrics, english, tty, "engine", "github.com/HdrHistogram/hdrhistogram-go"},
	"report/show":   {units, exchange, english, tty, "plans", "engine", "runner/journal", "report", "report/load"},
	"report/chart":  {units},
	"report/html":   {units, metrics, tty, "plans", "engine", "containers", "runner/journal", "report", "report/chart", "github.com/HdrHistogram/hdrhistogram-go"},
	"report/export": {units, "plans", "runner/journal", "report", "go.yaml.in/yaml/v4"},

	"cmd/plan": {
		units, exchange, english, tty, "internal/host", "internal/lock",
		"plans", "plans/check", "plans/compose", "plans/diag", "plans/lang", "engine", "inference/sample", "containers", "containers/docker", "containers/docker/images", "agent", "runner", "runner/journal", "report", "report/load", "report/show", "report/export", "report/html",
		"github.com/spf13", "golang.org/x/term", "github.com/rogpeppe/go-internal/diff",
	},

	"internal/bench":         {"internal/host", "internal/bench/figures", "internal/bench/peers", "internal/bench/referee", sys},
	"internal/bench/figures": {},
	"internal/bench/peers":   {},
	"internal/bench/referee": {sys},

	"docs": {},

	"internal/acceptance":  {},
	"internal/conformance": {},
	"internal/layers":      {},
	"internal/mutants":     {},
	"internal/referee":     {},
	"internal/truth":       {},
}

const (
	units    = "internal/units"
	exchange = "internal/exchange"
	metrics  = "internal/metrics"
	english  = "internal/english"
	tty      = "internal/tty"
	wait     = "internal/wait"
	sys      = "golang.org/x/sys/unix"
)
