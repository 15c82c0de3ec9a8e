package docker

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/docker/docker/api/types/image"

	"plan/containers"
)

// Push makes sure that source is on the engine, names it and pushes it with
// the credentials that `docker login` left. progress gets short lines, at most
// a few a second. The digest is the registry's.
func (d *Docker) Push(ctx context.Context, source, name string, progress func(string)) (Image, error) {
	found, err := d.Image(ctx, source)
	if err != nil {
		return Image{}, err
	}
	login, err := credentials(d.config, name)
	if err != nil {
		return Image{}, err
	}
	if err := d.knock(ctx, name, login); err != nil {
		return Image{}, err
	}
	if source != name {
		if err := d.engine.ImageTag(ctx, source, name); err != nil {
			return Image{}, d.fault("the image "+source+" cannot be named "+name, err)
		}
	}
	stream, err := d.engine.ImagePush(ctx, name, image.PushOptions{RegistryAuth: login.header})
	if err != nil {
		return Image{}, d.pushFault(name, login, err)
	}
	defer stream.Close()
	found.Digest, err = readPush(stream, throttled(progress))
	if err != nil {
		return Image{}, d.pushFault(name, login, err)
	}
	return found, nil
}

// knock lets the engine try the login at the registry, since a push to one that
// is not there, or that refuses the login, goes on trying for most of a minute.
// Whatever else the registry says is left to the push.
func (d *Docker) knock(ctx context.Context, name string, login login) error {
	_, err := d.engine.RegistryLogin(ctx, login.auth)
	if err == nil || login.auth.RegistryToken != "" { // such a token serves a push, but no login
		return nil
	}
	_, known := findPushRule(plain(err))
	if known || (login.found && wantsLogin(plain(err))) {
		return d.pushFault(name, login, err)
	}
	return nil
}

// pushLine is one line of the engine's stream.
type pushLine struct {
	ID          string                         `json:"id"`
	Status      string                         `json:"status"`
	Detail      struct{ Current, Total int64 } `json:"progressDetail"`
	Aux         struct{ Digest string }        `json:"aux"`
	Error       string                         `json:"error"`
	ErrorDetail struct{ Message string }       `json:"errorDetail"`
}

var errNoDigest = errors.New("the registry answered no digest")

// readPush reads the stream to its end and gives the digest. Faults arrive in
// it as lines, under status 200.
func readPush(stream io.Reader, progress func(pushLine)) (string, error) {
	digest := ""
	lines := json.NewDecoder(bufio.NewReader(stream))
	for {
		var line pushLine
		err := lines.Decode(&line)
		switch {
		case errors.Is(err, io.EOF) && digest == "":
			return "", errNoDigest
		case errors.Is(err, io.EOF):
			return digest, nil
		case err != nil:
			return "", err
		case line.ErrorDetail.Message != "":
			return "", errors.New(line.ErrorDetail.Message)
		case line.Error != "":
			return "", errors.New(line.Error)
		case line.Aux.Digest != "":
			digest = line.Aux.Digest
		default:
			progress(line)
		}
	}
}

// pushRule knows one text of a failed push.
type pushRule struct {
	texts         []string
	kind          containers.Kind
	summary, help string // HOST and NAME stand for themselves
}

var (
	loginMissing = pushRule{kind: containers.NoLogin,
		summary: "HOST wants a login to take NAME, and none is stored", help: "docker login HOST"}
	loginRefused = pushRule{kind: containers.NoLogin,
		summary: "HOST does not accept the stored login for NAME", help: "docker login HOST; or push under a name that this account owns"}
)

var pushRules = []pushRule{
	{[]string{"connection refused"}, containers.PushFailed,
		"the registry HOST is down: nobody listens there", "start it, or look at the name of the image"},
	{[]string{"no such host", "server misbehaving", "Temporary failure in name resolution"}, containers.PushFailed,
		"the registry HOST cannot be found", "look at the name of the image, and at this machine's network"},
	{[]string{"i/o timeout", "deadline exceeded", "TLS handshake timeout", "Client.Timeout"}, containers.PushFailed,
		"the registry HOST does not answer", "look at this machine's network and proxy"},
	{[]string{"server gave HTTP response to HTTPS client"}, containers.PushFailed,
		"the registry HOST speaks plain HTTP, which the engine refuses", `name it in "insecure-registries" of the engine's daemon.json`},
	{[]string{"x509:", "certificate"}, containers.PushFailed,
		"the certificate of the registry HOST is not trusted", "put its CA under /etc/docker/certs.d/HOST/ca.crt"},
	{[]string{"tag does not exist"}, containers.NoImage,
		"NAME is not on the engine", "build it, or look at its tag: `docker images`"},
	{[]string{"An image does not exist locally"}, containers.NoImage,
		"NAME is not on the engine", "build it, or look at its name: `docker images`"},
	{[]string{"toomanyrequests", "too many requests"}, containers.PushFailed,
		"the registry HOST asks to come back later", "wait, or log in: docker login HOST"},
	{[]string{"no space left"}, containers.PushFailed,
		"the registry HOST has no space left", "make room there"},
}

// pushFault says what a failed push means and what to do.
func (d *Docker) pushFault(name string, login login, err error) error {
	if fault := d.fault("", err); !isOther(fault) {
		return fault
	}
	text := plain(err)
	rule := pushRule{kind: containers.PushFailed, summary: "NAME could not be pushed: " + text}
	if wantsLogin(text) {
		rule = loginRefused
		if !login.found {
			rule = loginMissing
		}
	} else if known, ok := findPushRule(text); ok {
		rule = known
	}
	fill := strings.NewReplacer("HOST", login.host, "NAME", name)
	return &containers.Error{Kind: rule.kind, Summary: fill.Replace(rule.summary), Help: fill.Replace(rule.help), Err: err}
}

func isOther(err error) bool {
	var known *containers.Error
	return errors.As(err, &known) && known.Kind == containers.Other
}

func wantsLogin(text string) bool {
	for _, part := range []string{
		"no basic auth credentials", "unauthorized", "authentication required",
		"401 Unauthorized", "denied: requested access", "access denied", "incorrect username or password",
	} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

func findPushRule(text string) (pushRule, bool) {
	for _, rule := range pushRules {
		for _, part := range rule.texts {
			if strings.Contains(text, part) {
				return rule, true
			}
		}
	}
	return pushRule{}, false
}
