// Package apierror turns errors of Docker's client into *containers.Error,
// which has a summary and a remedy.
//
// It knows how a lost connection and an answer of the engine read. It does not
// know what was asked of the engine: its callers say that.
package apierror

import (
	"context"
	"errors"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/client"

	"plan/containers"
)

// Wrapper wraps errors of one engine's client.
type Wrapper struct {
	Address string // of the engine, as the client has it: unix:///var/run/docker.sock
}

// Wrap returns a *containers.Error: of kind EngineGone where the connection
// failed, else of kind Other with the summary "doing: MESSAGE". It returns nil,
// a *containers.Error, and an error of the caller's ctx unchanged.
func (w Wrapper) Wrap(doing string, err error) error {
	var known *containers.Error
	switch {
	case err == nil, errors.As(err, &known), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case client.IsErrConnectionFailed(err), Lost(err):
		return w.Unreachable(err)
	}
	return &containers.Error{Kind: containers.Other, Summary: doing + ": " + Message(err), Err: err}
}

// Unreachable returns the error of an engine that does not answer.
func (w Wrapper) Unreachable(err error) *containers.Error {
	help := "start it, or point DOCKER_HOST or `docker context use` at one that runs"
	if strings.Contains(err.Error(), "permission denied") {
		help = "this user may not use it: run as root, or join the docker group"
	}
	return &containers.Error{
		Kind: containers.EngineGone, Summary: "no Docker engine answers at " + w.Address, Help: help, Err: err,
	}
}

// Lost reports whether the connection broke in the middle of an answer. What the engine itself answered, such as how
// its own connection to a registry broke, is none of that.
func Lost(err error) bool {
	text := err.Error()
	return Message(err) == text && (strings.Contains(text, "unexpected EOF") || strings.HasSuffix(text, ": EOF") ||
		strings.Contains(text, "error during connect"))
}

// Message returns the engine's message without the prefix of the client.
func Message(err error) string {
	return strings.TrimPrefix(err.Error(), "Error response from daemon: ")
}

// NotFound reports whether the engine has no such container, image, network or
// volume.
func NotFound(err error) bool { return cerrdefs.IsNotFound(err) }
