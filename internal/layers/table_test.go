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
	"internal/mask":      {},
	"internal/printable": {},
	"internal/sbom":      {},
	"internal/exchange":  {wait, "internal/mask", "github.com/ohler55/ojg/jp", sys},
	"internal/host":      {},
	"internal/lock":      {sys},
	"internal/tty":       {units, "internal/printable", "github.com/olekukonko/tablewriter"},
	"internal/filled":    {},
	"internal/golden":    {"github.com/google/go-cmp/cmp"},
	"internal/leaks":     {"go.uber.org/goleak"},
	"internal/shellword": {},
	"internal/shell":     {"mvdan.cc/sh/v3"},
	"internal/secret":    {},
	"internal/envfile":   {"github.com/compose-spec/compose-go/v2", "go.yaml.in/yaml/v4"},
	// What a Dockerfile says is read by BuildKit's parser, which init and the builder share.
	"internal/dockerfile": {"github.com/moby/buildkit"},
	"internal/wait":       {},
	"internal/atomicfile": {},

	"engine":       {exchange, metrics, english, "engine/http1", "engine/wheel", "github.com/HdrHistogram/hdrhistogram-go", sys},
	"engine/http1": {},
	"engine/wheel": {},

	"runner/search": {},

	"plans/locust": {},

	"plans/diag": {english, "internal/mask", "internal/printable"},
	// plans and its checks take from runner/search, which imports nothing, which strategies
	// there are and how many trials each takes.
	"plans":       {units, exchange, metrics, english, "internal/imagename", "engine", "plans/diag", "runner/search"},
	"plans/check": {units, exchange, metrics, english, "internal/imagename", "engine", "plans", "plans/diag", "plans/locust", "runner/search"},
	"plans/lang": {
		units, exchange, metrics, english, "internal/imagename", "internal/secret", "internal/envfile", "internal/mask", "internal/printable", "engine", "plans", "plans/check", "plans/diag", "runner/search",
		"github.com/hashicorp/hcl/v2", "github.com/zclconf/go-cty",
	},
	"plans/compose": {
		units, "internal/secret", "internal/envfile", "internal/dockerfile", "internal/shell", "plans/locust",
		"github.com/compose-spec/compose-go/v2", "github.com/sirupsen/logrus", "github.com/hashicorp/hcl/v2", "github.com/zclconf/go-cty", "go.yaml.in/yaml/v4",
	},

	// plans/request takes from JavaScript's parser only the syntax tree of k6 scripts.
	"plans/request":            {"internal/secret", "internal/shell", "plans/request/javascript", "plans/request/openapi", "github.com/hashicorp/hcl/v2", "github.com/zclconf/go-cty", "go.yaml.in/yaml/v4", "github.com/tdewolff/parse/v2"},
	"plans/request/javascript": {"github.com/tdewolff/parse/v2"},
	"plans/request/openapi":    {},
	"plans/request/probe":      {"internal/printable", "internal/wait", "plans/request", "golang.org/x/net/html"}, // the tokens of pages

	"inference":         {exchange, "internal/mask"},
	"inference/sample":  {units, sys, "github.com/spf13/pflag"},
	"containers":        {units},
	"containers/cgroup": {units, "containers", sys},
	"containers/owner":  {"internal/host", "internal/lock"},
	"containers/docker": {
		units, english, wait, "internal/host", "internal/mask", "internal/shellword", "containers", "containers/cgroup", "containers/docker/apierror", "containers/docker/images", "containers/owner", sys,
		"github.com/docker/docker", "github.com/docker/cli", "github.com/docker/go-connections",
		"github.com/docker/go-units", "github.com/containerd/errdefs", "github.com/opencontainers/image-spec",
	},
	"containers/docker/apierror": {"containers", "github.com/docker/docker", "github.com/containerd/errdefs"},
	"containers/docker/images": {
		units, english, "internal/imagename", "internal/dockerfile", "internal/mask", "containers", "containers/docker/apierror",
		"github.com/moby/go-archive", "github.com/moby/patternmatcher", "github.com/docker/docker", "github.com/docker/cli", "github.com/google/go-containerregistry",
	},
	"containers/kubernetes": {
		units, wait, "internal/mask", "containers", "containers/owner",
		"k8s.io/api", "k8s.io/apimachinery", "k8s.io/client-go", "k8s.io/klog/v2", "github.com/go-logr/logr",
	},
	"agent": {exchange, "internal/host", "internal/mask", "engine", "inference"},

	"runner/journal":   {units, exchange, "internal/mask", "internal/printable", "internal/shellword", metrics, english, "containers", "engine", "plans"},
	"runner/judge":     {units, exchange, metrics, "plans", "engine", "containers", "runner/journal"},
	"runner/answer":    {units, english, "plans", "runner/journal", "runner/search"},
	"runner/compare":   {units, metrics, english, tty, "plans", "runner/answer", "runner/journal"}, // the need of a container is what answer estimates
	"runner/record":    {"plans", "containers", "runner/journal"},
	"runner/ramp":      {"plans", "engine", "runner/journal", "runner/judge", "runner/search"},
	"runner/evidence":  {units, exchange, metrics, "plans", "containers", "runner/journal", "runner/judge"},
	"runner/requests":  {units, exchange, wait, "plans", "engine", "containers", "agent", "runner/journal", "runner/judge"},
	"runner/readiness": {units, exchange, wait, english, "plans", "inference", "containers", "agent", "runner/requests"},
	"runner/locust":    {units, exchange, metrics, english, wait, "engine", "containers", "agent", "runner/journal"},
	"runner/guard":     {units, wait, "internal/host", "plans", "containers", "runner/journal", "runner/judge", "runner/search"},
	"runner/watch": {
		units, wait, "internal/host", "containers", "runner/guard", "runner/journal", "runner/judge", "runner/requests",
	},
	"runner/images":   {units, "plans", "containers", "runner/journal", "runner/record"},
	"runner/networks": {"plans"},
	"runner/volumes":  {"plans", "containers"},
	"runner/lasting":  {exchange, "internal/host", "engine", "inference", "agent"},
	"runner/helpers": {
		units, "plans", "containers", "runner/guard", "runner/journal", "runner/judge", "runner/readiness",
	},
	"runner": {
		units, exchange, "internal/host", wait,
		"plans", "engine", "inference", "containers", "agent", "runner/answer", "runner/evidence", "runner/guard", "runner/helpers", "runner/images", "runner/journal", "runner/judge", "runner/lasting", "runner/locust", "runner/networks", "runner/ramp", "runner/readiness", "runner/record", "runner/requests", "runner/search", "runner/volumes", "runner/watch",
	},
	"report":         {units, metrics, english, exchange, tty, "plans", "engine", "containers", "runner", "runner/answer", "runner/compare", "runner/journal"}, // what a trial needs without files that others paid for
	"report/formats": {metrics, english, tty, "internal/atomicfile", "plans", "engine", "runner", "runner/compare", "runner/journal", "report", "github.com/HdrHistogram/hdrhistogram-go"},
	"report/live":    {units, english, tty, "plans", "engine", "containers", "runner", "runner/journal", "report", "github.com/olekukonko/tablewriter"},
	"report/fixture": {units, exchange, "engine", "containers", "plans", "runner/compare", "runner/journal"}, // only tests import it
	"report/load":    {units, exchange, metrics, english, tty, "engine", "github.com/HdrHistogram/hdrhistogram-go"},
	"report/show":    {units, exchange, english, tty, "plans", "engine", "runner/journal", "report", "report/formats", "report/load"},
	"report/chart":   {units},
	"report/html":    {units, metrics, tty, "internal/printable", "plans", "engine", "containers", "runner/compare", "runner/journal", "report", "report/chart", "report/formats", "github.com/HdrHistogram/hdrhistogram-go"},
	// It shares no code with what runs and judges trials: metrics has only names and quantiles.
	"report/verify": {metrics, "github.com/HdrHistogram/hdrhistogram-go"},
	"report/export": {units, tty, "plans", "runner/journal", "report", "go.yaml.in/yaml/v4"},

	"quick": {units, exchange, metrics, english, tty, "plans", "plans/request", "engine", "runner/journal", "runner/judge", "github.com/hashicorp/hcl/v2"},

	"cmd/plan/internal/built":     {},
	"cmd/plan/internal/reach":     {},
	"cmd/plan/internal/inside":    {"containers", "containers/docker", "agent", "github.com/spf13"},
	"cmd/plan/internal/oneof":     {english, "github.com/spf13"},
	"cmd/plan/internal/loadurl":   {units, exchange, "cmd/plan/internal/oneof", "engine", "github.com/spf13"},
	"cmd/plan/internal/draft":     {"internal/envfile", "internal/shellword", "plans", "plans/diag", "plans/lang", "plans/compose", "plans/request"},
	"cmd/plan/internal/platform":  {units, "cmd/plan/internal/oneof", "plans", "plans/check", "plans/diag", "containers", "containers/docker", "containers/kubernetes", "containers/owner", "runner", "runner/images", "runner/journal", "github.com/spf13"},
	"cmd/plan/internal/interrupt": {"runner"},
	"cmd/plan/internal/runs":      {english, "internal/lock", "plans", "runner", "runner/journal", "runner/record"},
	"cmd/plan/internal/session":   {wait, "internal/host", "internal/lock", "internal/printable", "cmd/plan/internal/platform", "cmd/plan/internal/runs", "plans", "plans/diag", "containers", "containers/owner", "agent", "runner", "runner/lasting", "runner/journal"},
	"cmd/plan/internal/outputs":   {english, "internal/envfile", "internal/lock", "cmd/plan/internal/oneof", "cmd/plan/internal/runs", "plans", "engine", "report/formats", "report/html", "runner", "runner/journal", "runner/record", "github.com/spf13"},
	"cmd/plan": {
		units, english, tty, "internal/atomicfile", "internal/envfile", "internal/host", "internal/lock", "internal/mask",
		"internal/printable", "internal/shellword",
		"cmd/plan/internal/built", "cmd/plan/internal/draft", "cmd/plan/internal/inside", "cmd/plan/internal/interrupt", "cmd/plan/internal/loadurl", "cmd/plan/internal/oneof", "cmd/plan/internal/outputs", "cmd/plan/internal/platform", "cmd/plan/internal/reach", "cmd/plan/internal/runs", "cmd/plan/internal/session",
		"plans", "plans/check", "plans/compose", "plans/diag", "plans/lang", "plans/request", "plans/request/probe", "quick", "engine", "inference/sample", "containers", "containers/docker", "containers/docker/images", "runner", "runner/compare", "runner/journal", "report", "report/formats", "report/live", "report/load", "report/show", "report/export", "report/html", "report/verify",
		"github.com/spf13", "golang.org/x/term", "github.com/rogpeppe/go-internal/diff",
	},

	"internal/bench":         {"internal/host", "internal/bench/figures", "internal/bench/peers", "internal/bench/referee", sys},
	"internal/bench/figures": {},
	"internal/bench/peers":   {},
	"internal/bench/referee": {sys},

	"docs": {},

	"internal/acceptance":  {},
	"internal/browser":     {},
	"internal/conformance": {},
	"internal/cluster":     {},
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
