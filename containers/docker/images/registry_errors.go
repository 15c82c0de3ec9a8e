package images

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"plan/containers"
	"plan/containers/docker/apierror"
	"plan/internal/imagename"
)

// registryOp is an operation at a registry.
type registryOp string

const (
	pushing    registryOp = "pushed"
	pulling    registryOp = "pulled"
	confirming registryOp = "looked up after the push"
)

// registryRule is a message of a failed push or pull, and what it means. In summary
// and help HOST, NAME, LOGIN and TEXT stand for the registry, the image, the
// command that logs in, and the message; WHERE for the address of the request.
type registryRule struct {
	texts         []string
	of            []registryOp    // nil: all
	kind          containers.Kind // "": that of the operation
	summary, help string
}

// registryRules are tried in order.
var registryRules = []registryRule{
	{texts: []string{"proxyconnect"},
		summary: "the engine's proxy does not lead to the registry HOST: TEXT",
		help:    "correct HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the engine"},
	{texts: []string{"connection refused"},
		summary: "the registry HOST is down: no program listens at WHERE",
		help:    "start it, or correct the name of the image"},
	{texts: []string{"no such host", "server misbehaving", "Temporary failure in name resolution"},
		summary: "the registry HOST cannot be found: WHERE has no known address",
		help:    "correct the name of the image, or check the network of the engine's machine"},
	{texts: []string{"i/o timeout", "deadline exceeded", "TLS handshake timeout", "Client.Timeout", "no route to host",
		"network is unreachable"},
		summary: "the registry HOST does not answer at WHERE",
		help:    "check the network and the proxy of the engine's machine"},
	{texts: []string{"server gave HTTP response to HTTPS client"},
		summary: "the registry HOST speaks plain HTTP, which the engine refuses",
		help:    `name it in "insecure-registries" of the engine's daemon.json`},
	{texts: []string{"certificate has expired"},
		summary: "the certificate of the registry HOST has expired: TEXT",
		help:    "renew it, or correct the clock of the engine's machine"},
	{texts: []string{"certificate is valid for", "not valid for any names", "cannot validate certificate for",
		"legacy Common Name"},
		summary: "the certificate of the registry HOST is for another name: TEXT",
		help:    "use the registry by the name in its certificate, or create a certificate for HOST"},
	{texts: []string{"x509:", "tls: failed to verify"},
		summary: "the certificate of the registry HOST is not trusted: TEXT",
		help:    "on the engine's machine, put its CA at /etc/docker/certs.d/HOST/ca.crt"},
	{texts: []string{"tag does not exist"}, kind: containers.NoImage,
		summary: "NAME is not on the engine",
		help:    "build it, or correct its tag: `docker images` lists those of the engine"},
	{texts: []string{"An image does not exist locally"}, kind: containers.NoImage,
		summary: "NAME is not on the engine",
		help:    "build it, or correct its name: `docker images` lists those of the engine"},
	{texts: []string{"toomanyrequests", "too many requests", "Too Many Requests"},
		summary: "the registry HOST refuses more requests for now: too many requests", help: "wait, or log in: LOGIN"},
	{texts: []string{"repository does not exist or may require 'docker login'"}, of: []registryOp{pulling},
		summary: "HOST has no NAME, or shows it only after a login", help: "correct its name, build it, or LOGIN"},
	{texts: []string{"manifest unknown", "name unknown", "repository not found", ": not found"}, of: []registryOp{pulling},
		summary: "HOST has no NAME: no such tag, or no such repository", help: "correct its name and tag, or build it"},
	{texts: []string{"no matching manifest"}, of: []registryOp{pulling},
		summary: "HOST has NAME for other platforms only: TEXT",
		help:    "build it for the engine's platform, or pull another tag"},
	{texts: []string{"no space left"}, of: []registryOp{pulling},
		summary: "the engine has no space left", help: "free space there: `docker system df` shows what uses it"},
	{texts: []string{"no space left"},
		summary: "the registry HOST has no space left", help: "free space there"},
	{texts: []string{"received unexpected HTTP status: 5", "500 Internal Server Error", "502 Bad Gateway",
		"503 Service Unavailable", "504 Gateway"},
		summary: "the registry HOST reports an error of its own: TEXT", help: "check its log, or try again later"},
}

var (
	loginMissing = registryRule{kind: containers.NoLogin,
		summary: "HOST requires a login for NAME, and none is stored", help: "LOGIN"}
	loginRefused = registryRule{kind: containers.NoLogin,
		summary: "HOST does not accept the stored login for NAME", help: "LOGIN; or use a name that this account may use"}
	loginBroken = registryRule{kind: containers.NoLogin,
		summary: "HOST requires a login for NAME, and the credential helper of docker returns none: HELPER",
		help:    "repair the helper that docker's config.json names, or LOGIN"}
	unknownError = registryRule{
		summary: "NAME could not be DONE: TEXT", help: "check the log of HOST, or try the command yourself: `COMMAND NAME`"}
)

// registryError returns the meaning of a failed operation, with a remedy.
func (s *Store) registryError(doing registryOp, name string, login login, err error) error {
	var fromStream streamError
	if answer := errors.As(err, &fromStream) || apierror.Message(err) != err.Error(); !answer { // the connection failed
		return s.errs.Wrap(name+" could not be "+string(doing), err)
	}
	rule := ruleOf(doing, apierror.Message(err), login)
	switch {
	case rule.kind != "":
	case doing == pulling:
		rule.kind = containers.NoImage
	default:
		rule.kind = containers.PushFailed
	}
	// One line, without the queries of URLs: those of a registry's storage are signed
	// and grant access.
	text := urlQuery.ReplaceAllString(strings.Join(strings.Fields(apierror.Message(err)), " "), "$1")
	host := login.host // of the request: the registry, or a host that it refers to, such as its token server
	if found := requestURL.FindStringSubmatch(text); found != nil {
		host = found[1]
	}
	helper := ""
	if login.helperErr != nil {
		helper = login.helperErr.Error()
	}
	commands := map[registryOp]string{
		pushing: "docker push", pulling: "docker pull", confirming: "docker manifest inspect",
	}
	fill := strings.NewReplacer("HOST", login.host, "NAME", name, "LOGIN", imagename.Login(login.host), "TEXT", text,
		"DONE", string(doing), "COMMAND", commands[doing], "HELPER", helper, "WHERE", host)
	return &containers.Error{Kind: rule.kind, Summary: fill.Replace(rule.summary), Help: fill.Replace(rule.help), Err: err}
}

func ruleOf(doing registryOp, text string, login login) registryRule {
	rule, known := findRule(doing, text)
	switch {
	case known:
		return rule
	case !needsLogin(text):
		return unknownError
	case login.stored:
		return loginRefused
	case login.helperErr != nil:
		return loginBroken
	}
	return loginMissing
}

func findRule(doing registryOp, text string) (registryRule, bool) {
	for _, rule := range registryRules {
		if rule.of != nil && !slices.Contains(rule.of, doing) {
			continue
		}
		if slices.ContainsFunc(rule.texts, func(part string) bool { return strings.Contains(text, part) }) {
			return rule, true
		}
	}
	return registryRule{}, false
}

var loginWords = regexp.MustCompile(`no basic auth credentials|unauthorized|authentication required|` +
	`401 Unauthorized|403 Forbidden|access denied|incorrect username or password|(?m:^|: )denied`)

// needsLogin reports whether a message asks for a login or refuses one.
func needsLogin(text string) bool { return loginWords.MatchString(text) }

var urlQuery = regexp.MustCompile(`(https?://[^\s"?]+)\?[^\s":]*`)

var requestURL = regexp.MustCompile(`(?:Get|Head|Post|Put|Patch) "?https?://([^/"?]+)`)
