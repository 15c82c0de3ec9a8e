package images

import (
	"errors"
	"strings"
	"testing"

	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/docker/api/types/image"

	"plan/containers"
)

// What engines and registries literally answer, and what must become of it.
func TestRegistryErrors(t *testing.T) {
	s := newFake(&fake{}, configfile.New(""))
	for _, c := range []struct {
		doing  registryOp
		engine string
		kind   containers.Kind
		want   string
	}{
		{pushing, `Get "http://reg:5000/v2/": dial tcp 127.0.0.1:5000: connect: connection refused`, containers.PushFailed,
			"the registry reg:5000 is down: no program listens at reg:5000 (start it"},
		{pushing, `Get "https://auth.reg/token?account=u&service=reg": dial tcp 10.0.0.9:443: connect: connection refused`, containers.PushFailed,
			"the registry reg:5000 is down: no program listens at auth.reg ("},
		{pushing, `Get "https://reg:5000/v2/": proxyconnect tcp: dial tcp 10.0.0.9:3128: connect: connection refused`, containers.PushFailed,
			"the engine's proxy does not lead to the registry reg:5000"},
		{pulling, "dial tcp: lookup reg on 127.0.0.11:53: no such host", containers.NoImage, "the registry reg:5000 cannot be found"},
		{pulling, `Get "https://reg:5000/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)`,
			containers.NoImage, "the registry reg:5000 does not answer"},
		{pushing, `Get "https://reg:5000/v2/": http: server gave HTTP response to HTTPS client`, containers.PushFailed, "insecure-registries"},
		{pushing, `Get "https://reg:5000/v2/": x509: certificate signed by unknown authority`, containers.PushFailed,
			"is not trusted: Get"},
		{pulling, `Get "https://reg:5000/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority`, containers.NoImage,
			"/etc/docker/certs.d/reg:5000/ca.crt"},
		{pushing, `Get "https://reg:5000/v2/": x509: certificate has expired or is not yet valid: current time 2026-11-23T22:00:00Z is after 2026-01-01T00:00:00Z`,
			containers.PushFailed, "has expired"},
		{pushing, `Get "https://reg:5000/v2/": x509: certificate is valid for registry, not reg`, containers.PushFailed, "is for another name"},
		{pushing, `Get "https://10.0.0.9:5000/v2/": x509: cannot validate certificate for 10.0.0.9 because it doesn't contain any IP SANs`,
			containers.PushFailed, "is for another name"},
		{pushing, "tag does not exist: reg:5000/a:1", containers.NoImage, "correct its tag"},
		{pushing, "An image does not exist locally with the tag: reg:5000/a", containers.NoImage, "correct its name"},
		{pulling, "toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit",
			containers.NoImage, "refuses more requests for now: too many requests (wait, or log in: docker login reg:5000)"},
		{pushing, "received unexpected HTTP status: 429 Too Many Requests", containers.PushFailed, "wait, or log in"},
		{pulling, "manifest for reg:5000/a:1 not found: manifest unknown: manifest unknown", containers.NoImage,
			"reg:5000 has no reg:5000/a:1: no such tag, or no such repository"},
		{pulling, `failed to resolve reference "reg:5000/a:1": reg:5000/a:1: not found`, containers.NoImage, "no such tag"},
		{pulling, "name unknown: repository name not known to registry", containers.NoImage, "no such repository"},
		{pulling, "pull access denied for a, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
			containers.NoImage, "reg:5000 has no reg:5000/a:1, or shows it only after a login (correct its name, build it, or docker login reg:5000)"},
		{pulling, "no matching manifest for linux/arm64/v8 in the manifest list entries", containers.NoImage, "for other platforms only"},
		{pulling, "write /var/lib/docker/tmp/GetImageBlob1: no space left on device", containers.NoImage, "the engine has no space left"},
		{pushing, "unknown: write /var/lib/registry: no space left on device", containers.PushFailed, "the registry reg:5000 has no space left"},
		{pushing, "received unexpected HTTP status: 502 Bad Gateway", containers.PushFailed, "reports an error of its own"},
		{pushing, "manifest invalid", containers.PushFailed, "reg:5000/a:1 could not be pushed: manifest invalid"},
		{confirming, "manifest unknown: manifest unknown", containers.PushFailed, "reg:5000/a:1 could not be looked up after the push: manifest unknown"},
		{pushing, "errors:\nsomething\nnew\n", containers.PushFailed, "could not be pushed: errors: something new"},
		{pulling, `error pulling image configuration: Get "https://storage/blob?Expires=1&Signature=abc": stream error`, containers.NoImage,
			`error pulling image configuration: Get "https://storage/blob": stream error (`},
		{pushing, "mkdir /var/lib/docker/tmp: permission denied", containers.PushFailed, "could not be pushed: mkdir"},
	} {
		var fault *containers.Error
		err := s.registryError(c.doing, "reg:5000/a:1", login{host: "reg:5000"}, streamError(c.engine))
		if !errors.As(err, &fault) || fault.Kind != c.kind || !strings.Contains(fault.Error(), c.want) {
			t.Errorf("%q became %v of kind %q, want %q of kind %q", c.engine, err, fault.Kind, c.want, c.kind)
		}
	}
}

func TestRegistriesThatWantAnotherLogin(t *testing.T) {
	s := newFake(&fake{}, configfile.New(""))
	with := map[string]login{
		"none":   {host: "reg:5000"},
		"stored": {host: "reg:5000", stored: true},
		"broken": {host: "reg:5000", helperErr: errors.New(`exec: "docker-credential-x": executable file not found in $PATH`)},
	}
	want := map[string]string{
		"none":   "requires a login for reg:5000/a:1, and none is stored (docker login reg:5000)",
		"stored": "does not accept the stored login for reg:5000/a:1 (docker login reg:5000; or use a name",
		"broken": `the credential helper of docker returns none: exec: "docker-credential-x": executable file not found in $PATH (repair`,
	}
	for _, answer := range []string{
		"no basic auth credentials",
		`Head "http://reg:5000/v2/a/manifests/1": no basic auth credentials`,
		"unauthorized: authentication required",
		"login attempt to http://reg:5000/v2/ failed with status: 401 Unauthorized",
		"error parsing HTTP 403 response body: unexpected end of JSON input: \"\" 403 Forbidden",
		"denied: requested access to the resource is denied",
		"denied",
		"errors:\ndenied: requested access to the resource is denied\nunauthorized: authentication required\n",
		"unauthorized: incorrect username or password",
	} {
		for state, login := range with {
			err := s.registryError(pushing, "reg:5000/a:1", login, streamError(answer))
			if !isKind(err, containers.NoLogin) || !strings.Contains(err.Error(), want[state]) {
				t.Errorf("%q with a login %s became %v", answer, state, err)
			}
		}
	}
}

func TestErrorsOfTheNetworkAreNotTheRegistrys(t *testing.T) {
	s := newFake(&fake{}, configfile.New(""))
	err := s.registryError(pushing, "reg:5000/a:1", login{host: "reg:5000"}, errors.New("unexpected EOF"))
	if !isKind(err, containers.EngineGone) {
		t.Errorf("a stream that broke is %v", err)
	}
	err = s.registryError(pushing, "reg:5000/a:1", login{host: "reg:5000"}, errors.New(`Error response from daemon: Get "http://reg:5000/v2/": EOF`))
	if !isKind(err, containers.PushFailed) {
		t.Errorf("a registry that hung up is %v", err)
	}
}

func TestAMissingImageNamesTheNearOne(t *testing.T) {
	s := newFake(&fake{images: []image.Summary{{RepoTags: []string{"redis:7", "fast-api-mlflow:latest"}}, {RepoTags: []string{"<none>:<none>"}}}}, configfile.New(""))
	_, err := s.Ensure(t.Context(), "fastapi-mlflow:latest", containers.PullNever, nil)
	if !isKind(err, containers.NoImage) || !strings.Contains(err.Error(), `did you mean "fast-api-mlflow:latest"?`) {
		t.Error(err)
	}
}
