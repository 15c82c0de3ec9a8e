package exchange

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
)

// step is the state of an exchange when it failed.
type step int

const (
	connecting  step = iota // no connection yet
	resolving               // looking up the name
	handshaking             // in the TLS handshake
	reusing                 // the request was just written to a reused connection
	requesting              // the request was sent; no response header yet
	reading                 // inside the response body
)

// stepError is an error with the step at which it occurred.
type stepError struct {
	step step
	err  error
}

func (e *stepError) Error() string { return e.err.Error() }
func (e *stepError) Unwrap() error { return e.err }

// Classify returns the class of a failure. It treats errors from outside this
// package as failures before a response.
func Classify(err error) Class {
	at := requesting
	if step, ok := errors.AsType[*stepError](err); ok {
		at = step.step
	}
	switch {
	case err == nil:
		return OK
	case isAny(err, syscall.EMFILE, syscall.ENFILE, syscall.EADDRNOTAVAIL, syscall.EADDRINUSE,
		syscall.ENOBUFS, syscall.ENOMEM, syscall.EACCES, syscall.EPERM):
		return Socket // this side has no descriptor, port or memory for a connection
	case isType[*net.DNSError](err) || at == resolving:
		return DNS
	case isTimeout(err):
		dial, ok := errors.AsType[*net.OpError](err)
		switch {
		case at == handshaking:
			return TLS
		case at == connecting, ok && dial.Op == "dial":
			return ConnectTimeout
		}
		return Timeout
	case isTLS(err) || at == handshaking:
		return TLS
	case isAny(err, syscall.ECONNREFUSED, syscall.EHOSTUNREACH, syscall.ENETUNREACH):
		return Refused
	case isBroken(err):
		switch {
		case at == reusing && !strings.Contains(err.Error(), streamError):
			return IdleClosed
		case at == reading && errors.Is(err, io.ErrUnexpectedEOF):
			return ShortBody
		}
		return Reset
	case errors.Is(err, context.Canceled):
		return Aborted
	}
	return Other
}

// StatusClass returns the class of a response with an unexpected status.
func StatusClass(status int) Class {
	switch status / 100 {
	case 4:
		return HTTP4xx
	case 5:
		return HTTP5xx
	}
	return HTTPOther
}

// UnexpectedStatusText describes a response with an unexpected status: the
// status, the target of a redirect, and the start of the body, of which head has the first HeadBytes, or all.
func (r Request) UnexpectedStatusText(status, location string, head []byte) string {
	status = r.quote(status)
	if location != "" {
		status += " to " + r.quote(location)
	}
	head = head[:min(len(head), r.HeadBytes())]
	return strings.TrimSpace(status + " " + r.Mask.Cut(string(head), HeadLimit, len(head) == r.HeadBytes()))
}

// errorText returns the text of an error. It may quote what the service sent.
func (r Request) errorText(err error) string {
	if at, ok := errors.AsType[*url.Error](err); ok { // after a redirect, of a URL of the service
		return fmt.Sprintf("%s %q: %s", at.Op, r.quote(at.URL), r.quote(at.Err.Error()))
	}
	return r.quote(err.Error())
}

// quote returns the start of a text that may come from the service, without secrets.
func (r Request) quote(text string) string {
	kept := min(len(text), r.HeadBytes())
	return r.Mask.Cut(text[:kept], HeadLimit, kept < len(text))
}

func isType[E error](err error) bool {
	_, is := errors.AsType[E](err)
	return is
}

func isTimeout(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, syscall.ETIMEDOUT) {
		return true
	}
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

func isTLS(err error) bool {
	remote, _ := errors.AsType[*net.OpError](err)
	alert := remote != nil && remote.Op == "remote error" // a TLS alert of the server
	return alert || isType[tls.RecordHeaderError](err) || isType[*tls.CertificateVerificationError](err) ||
		isType[x509.HostnameError](err) || errors.Is(err, http.ErrSchemeMismatch)
}

// isBroken reports that the connection, or the HTTP/2 stream, ended before the
// response did.
func isBroken(err error) bool {
	if isAny(err, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, io.EOF,
		io.ErrUnexpectedEOF, io.ErrClosedPipe, net.ErrClosed) {
		return true
	}
	text := err.Error()
	return slices.ContainsFunc(brokenMessages, func(words string) bool { return strings.Contains(text, words) })
}

// streamError is the prefix of net/http's errors about a single HTTP/2 stream.
// The connection itself is intact.
const streamError = "stream error: "

// brokenMessages are net/http's messages of errors that it does not export.
var brokenMessages = []string{
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
