package exchange

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
)

// step is how far an exchange had come when it failed.
type step int

const (
	connecting step = iota // no connection yet
	resolving              // the name was being looked up
	securing               // in the TLS handshake
	reusing                // a request was put on a kept connection, just now
	asking                 // the request was sent, no answer's header yet
	answering              // inside the answer's body
)

// stepError is an error with the step at which it happened.
type stepError struct {
	step step
	err  error
}

func (e *stepError) Error() string { return e.err.Error() }
func (e *stepError) Unwrap() error { return e.err }

// Classify tells why an exchange failed. An error that did not come from this
// package is taken for one of an exchange that had not been answered.
func Classify(err error) Class {
	at := asking
	if step, ok := errors.AsType[*stepError](err); ok {
		at = step.step
	}
	switch {
	case err == nil:
		return OK
	case isSocket(err):
		return Socket
	case isDNS(err) || at == resolving:
		return DNS
	case isTimeout(err):
		return timeoutClass(at, err)
	case isTLS(err) || at == securing:
		return TLS
	case isRefused(err):
		return Refused
	case isBroken(err):
		return brokenClass(at, err)
	case errors.Is(err, context.Canceled):
		return Aborted
	}
	return Other
}

func timeoutClass(at step, err error) Class {
	dial, ok := errors.AsType[*net.OpError](err)
	switch {
	case at == securing:
		return TLS
	case at == connecting, ok && dial.Op == "dial":
		return ConnectTimeout
	}
	return Timeout
}

func brokenClass(at step, err error) Class {
	switch {
	case at == reusing && !strings.Contains(err.Error(), streamError):
		return IdleClosed
	case at == answering && errors.Is(err, io.ErrUnexpectedEOF):
		return ShortBody
	}
	return Reset
}

// StatusClass is the class of an answer whose status is not wanted.
func StatusClass(status int) Class {
	switch status / 100 {
	case 4:
		return HTTP4xx
	case 5:
		return HTTP5xx
	}
	return HTTPOther
}

// UnwantedText tells of an answer whose status is not wanted: its status, where
// a redirect leads, and the start of its body.
func UnwantedText(status, location string, head []byte) string {
	if location != "" {
		status += " to " + location[:min(len(location), HeadLimit)]
	}
	return strings.TrimSpace(status + " " + string(head))
}

// isSocket: this side has no descriptor, port or memory for a connection.
func isSocket(err error) bool {
	return isAny(err, syscall.EMFILE, syscall.ENFILE, syscall.EADDRNOTAVAIL, syscall.EADDRINUSE,
		syscall.ENOBUFS, syscall.ENOMEM, syscall.EACCES, syscall.EPERM)
}

func isDNS(err error) bool {
	_, ok := errors.AsType[*net.DNSError](err)
	return ok
}

func isTimeout(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, syscall.ETIMEDOUT) {
		return true
	}
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

func isTLS(err error) bool {
	_, record := errors.AsType[tls.RecordHeaderError](err)
	remote, _ := errors.AsType[*net.OpError](err)
	alert := remote != nil && remote.Op == "remote error" // what the server said of it
	_, verify := errors.AsType[*tls.CertificateVerificationError](err)
	_, host := errors.AsType[x509.HostnameError](err)
	return record || alert || verify || host || errors.Is(err, http.ErrSchemeMismatch)
}

// isRefused: nobody listens there, or nobody is there.
func isRefused(err error) bool {
	return isAny(err, syscall.ECONNREFUSED, syscall.EHOSTUNREACH, syscall.ENETUNREACH)
}

// isBroken: the connection ended before the answer did, or the server broke
// HTTP/2's stream off.
func isBroken(err error) bool {
	if isAny(err, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, io.EOF,
		io.ErrUnexpectedEOF, io.ErrClosedPipe, net.ErrClosed) {
		return true
	}
	text := err.Error()
	return slices.ContainsFunc(brokenWords, func(words string) bool { return strings.Contains(text, words) })
}

// streamError begins what the transport says where a server broke off one of
// HTTP/2's streams, and nothing else: the connection was well.
const streamError = "stream error: "

// brokenWords are the transport's for what has no name in its package.
var brokenWords = []string{
	"server closed idle connection",
	streamError,
	"GOAWAY",
	"http2: client conn",
}

func isAny(err error, targets ...error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}
