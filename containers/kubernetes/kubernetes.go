// Package kubernetes runs services as pods of one namespace of a cluster, watches them, reports how they ended, and
// removes them.
//
// Only this package imports Kubernetes' client. Everything that it makes carries the label of its run, and is found by
// that label. It does not know plans, loads or verdicts: it reports observations.
package kubernetes

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"

	"plan/containers"
	"plan/containers/owner"
	"plan/internal/mask"
)

// Options are the run that uses the cluster, and where its pods run.
type Options struct {
	Run     string   // the run's id: part of every name and label
	Lock    string   // absolute path of the file that the run holds locked while it lives
	Secrets []string // texts that no observation may quote; environment variables with them are passed by a Secret

	Context      string            // of the kubeconfig; "" is its current one
	Namespace    string            // "" is that of the context
	NodeSelector map[string]string // labels of the nodes that pods may run on
	Tolerations  []string          // as kubectl writes taints: key, key=value, key:Effect, key=value:Effect
	PullSecret   string            // Secret with the credentials of the images' registry; "" for none
	AgentImage   string            // reference of the agent's image
}

// Cluster is one run's use of one namespace. It is safe for concurrent use.
type Cluster struct {
	options   Options
	namespace string
	mask      *mask.Mask
	owner     owner.Owner
	api       api
	errs      wrapper
	resources resources
	requests  rest.Interface // other ones; nil in tests
	config    *rest.Config   // of streams; nil in tests
	exec      execute        // nil in tests that run no command
	nodes     nodeReader
	stop      context.CancelFunc // of everything that runs in the background
	lasting   context.Context    // ends with Close
	idle      sync.WaitGroup

	listening sync.Mutex // while follows is decided
	follows   bool       // it watches the pods of the run

	mu        sync.Mutex
	named     map[string]bool
	instances map[string]*Instance // by the name of the pod
	samplers  map[string]*sampler  // by node
	claims    map[string]bool      // volumes of the plan that are claims of the namespace
	agents    map[string]string    // the nodes of the agents that were started, by the names of their pods
}

// New reads the kubeconfig as kubectl does. It returns an error of kind EngineGone where the API does not answer within
// ten seconds.
func New(ctx context.Context, options Options) (*Cluster, error) {
	klog.SetLogger(logr.Discard()) // what the client logs, its functions return too
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules,
		&clientcmd.ConfigOverrides{CurrentContext: options.Context})
	config, err := loader.ClientConfig()
	if err != nil {
		return nil, &containers.Error{
			Kind: containers.EngineGone, Summary: "the cluster cannot be found: " + err.Error(),
			Help: "correct KUBECONFIG or the context: `kubectl config get-contexts` lists the contexts", Err: err,
		}
	}
	namespace := options.Namespace
	if namespace == "" {
		if namespace, _, err = loader.Namespace(); err != nil {
			return nil, err
		}
	}
	config.QPS, config.Burst = 50, 100 // one run makes few requests, and waits for each
	namespace = cmp.Or(namespace, corev1.NamespaceDefault)
	api, requests, err := newAPI(config, namespace)
	if err != nil {
		return nil, err
	}
	c := newCluster(options, namespace, config.Host, api)
	c.config, c.requests, c.nodes, c.exec = config, requests, proxyReader{requests}, c.execute
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if _, err := c.api.version(ctx); err != nil {
		return nil, &containers.Error{
			Kind: containers.EngineGone, Summary: fmt.Sprintf("the cluster at %s does not answer: %v", config.Host, err),
			Help: "check whether `kubectl version` works", Err: err,
		}
	}
	return c, nil
}

const connectTimeout = 10 * time.Second

func newCluster(options Options, namespace, server string, api api) *Cluster {
	masked := mask.New(options.Secrets)
	errs := wrapper{server: server, namespace: namespace, mask: masked}
	c := &Cluster{
		options: options, namespace: namespace, mask: masked, errs: errs, resources: resources{api, errs, &departures{}},
		owner: owner.Owner{Run: options.Run, Lock: options.Lock, Host: owner.Here()},
		api:   api, named: map[string]bool{}, instances: map[string]*Instance{}, samplers: map[string]*sampler{},
		claims: map[string]bool{}, agents: map[string]string{},
	}
	c.lasting, c.stop = context.WithCancel(context.Background())
	return c
}

// Close ends the watches. It removes no pods.
func (c *Cluster) Close() error {
	c.stop()
	c.idle.Wait()
	return nil
}

// Labels of everything that a run makes. What does not fit into a label is an annotation of the same name.
const (
	labelRun     = "plan.run"
	labelTrial   = "plan.trial"
	labelService = "plan.service"
	labelAlias   = "plan.alias"
	labelRole    = "plan.role" // service, helper, generator, agent, name or secret
	labelLock    = "plan.lock" // annotation
	labelHost    = "plan.host" // annotation
)

const agentRole = "agent"

func (c *Cluster) labels(role string) map[string]string {
	return map[string]string{labelRun: c.options.Run, labelRole: role}
}

func (c *Cluster) annotations() map[string]string {
	return map[string]string{labelLock: c.owner.Lock, labelHost: c.owner.Host}
}

func (c *Cluster) ofRun() string { return labelRun + "=" + c.options.Run }

// unique returns a pod's name that this run has not used before.
func (c *Cluster) unique(parts ...string) string {
	name := dnsLabel("plan-" + c.options.Run + "-" + strings.Join(parts, "-"))
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 1
	numbered := func() string {
		if n == 1 {
			return name
		}
		return fmt.Sprintf("%s-%d", name, n)
	}
	for c.named[numbered()] {
		n++
	}
	c.named[numbered()] = true
	return numbered()
}

// longestName leaves room for a number in a DNS label of 63 characters.
const longestName = 58

// dnsLabel returns a text as a DNS label: lower-case letters, digits and single hyphens. The middle of a long text is
// cut out.
func dnsLabel(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	name := strings.Join(words, "-")
	if len(name) > longestName {
		name = name[:longestName/2] + "-" + name[len(name)-longestName/2+1:]
	}
	return strings.Trim(strings.ReplaceAll(name, "--", "-"), "-")
}
