package docker

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/cli/cli/connhelper"
	clicontext "github.com/docker/cli/cli/context"
	"github.com/docker/cli/cli/context/store"
	"github.com/docker/docker/client"
	"github.com/docker/go-connections/tlsconfig"
)

// connect returns a client of the engine that the docker command uses:
// DOCKER_HOST, else DOCKER_CONTEXT, else the current context of its
// configuration, else the default socket. It does not contact the engine.
func connect(cfg *configfile.ConfigFile) (*client.Client, error) {
	options := []client.Opt{client.WithAPIVersionNegotiation(), client.WithVersionFromEnv()}
	host := os.Getenv(client.EnvOverrideHost)
	name := "default"
	if host == "" {
		name = cmp.Or(os.Getenv("DOCKER_CONTEXT"), cfg.CurrentContext, name)
	}
	var chosen []client.Opt
	var err error
	switch {
	case name != "default":
		chosen, err = contextOptions(name)
	case strings.HasPrefix(host, "ssh://"):
		chosen, err = sshOptions(host)
	default:
		chosen = []client.Opt{client.WithTLSClientConfigFromEnv(), client.WithHostFromEnv()}
	}
	if err != nil {
		return nil, err
	}
	return client.NewClientWithOpts(append(options, chosen...)...)
}

// contextOptions reads a context from the store of `docker context`.
func contextOptions(name string) ([]client.Opt, error) {
	contexts := store.New(config.ContextStoreDir(), store.NewConfig(
		func() any { return &map[string]any{} },
		store.EndpointTypeGetter("docker", func() any { return &clicontext.EndpointMetaBase{} }),
	))
	metadata, err := contexts.GetMetadata(name)
	if err != nil {
		return nil, fmt.Errorf("the Docker context %q cannot be read: %w", name, err)
	}
	endpoint, ok := metadata.Endpoints["docker"].(clicontext.EndpointMetaBase)
	if !ok {
		return nil, fmt.Errorf("the Docker context %q names no engine", name)
	}
	if strings.HasPrefix(endpoint.Host, "ssh://") {
		return sshOptions(endpoint.Host)
	}
	data, err := clicontext.LoadTLSData(contexts, name, "docker")
	if err != nil {
		return nil, err
	}
	if (data == nil && !endpoint.SkipTLSVerify) || strings.HasPrefix(endpoint.Host, "unix://") {
		return []client.Opt{client.WithHost(endpoint.Host)}, nil
	}
	secure := tlsconfig.ClientDefault()
	secure.InsecureSkipVerify = endpoint.SkipTLSVerify
	if data != nil && data.CA != nil {
		secure.RootCAs = x509.NewCertPool()
		if !secure.RootCAs.AppendCertsFromPEM(data.CA) {
			return nil, fmt.Errorf("the certificates of the Docker context %q: ca.pem holds no certificate", name)
		}
	}
	if data != nil && data.Cert != nil && data.Key != nil {
		pair, err := tls.X509KeyPair(data.Cert, data.Key)
		if err != nil {
			return nil, fmt.Errorf("the certificates of the Docker context %q: %w", name, err)
		}
		secure.Certificates = []tls.Certificate{pair}
	}
	transport := &http.Transport{TLSClientConfig: secure}
	plain := &http.Client{Transport: transport, CheckRedirect: client.CheckRedirect}
	return []client.Opt{client.WithHTTPClient(plain), client.WithHost(endpoint.Host)}, nil
}

// sshOptions connect through the ssh command, as the docker command does.
func sshOptions(host string) ([]client.Opt, error) {
	helper, err := connhelper.GetConnectionHelper(host)
	if err != nil {
		return nil, err
	}
	through := &http.Client{Transport: &http.Transport{DialContext: helper.Dialer}}
	return []client.Opt{
		client.WithHTTPClient(through),
		client.WithHost(helper.Host),
		client.WithDialContext(helper.Dialer),
	}, nil
}
