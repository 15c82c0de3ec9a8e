package kubernetes

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/client-go/tools/remotecommand"
	utilexec "k8s.io/client-go/util/exec"

	"plan/containers"
)

// streams connects the standard streams of a pod's container: by WebSocket, else by SPDY, as kubectl does. It returns
// when the process or ctx ends.
func (c *Cluster) streams(ctx context.Context, name, subresource string, options runtime.Object,
	streams remotecommand.StreamOptions) error {
	target := c.requests.Post().Resource("pods").Namespace(c.namespace).Name(name).SubResource(subresource).
		VersionedParams(options, c.api.parameters)
	executor, err := c.executor(target.URL())
	if err != nil {
		return err
	}
	return executor.StreamWithContext(ctx, streams)
}

func (c *Cluster) executor(target *url.URL) (remotecommand.Executor, error) {
	spdy, err := remotecommand.NewSPDYExecutor(c.config, http.MethodPost, target)
	if err != nil {
		return nil, err
	}
	socket, err := remotecommand.NewWebSocketExecutor(c.config, http.MethodGet, target.String())
	if err != nil {
		return nil, err
	}
	return remotecommand.NewFallbackExecutor(socket, spdy, func(err error) bool {
		return httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err)
	})
}

// execute runs a command in the container of a pod, and writes what it prints: both of its outputs, at the same
// time.
type execute func(ctx context.Context, pod string, command []string, output io.Writer) error

func (c *Cluster) execute(ctx context.Context, pod string, command []string, output io.Writer) error {
	return c.streams(ctx, pod, "exec",
		&corev1.PodExecOptions{Container: mainContainer, Command: command, Stdout: true, Stderr: true},
		remotecommand.StreamOptions{Stdout: output, Stderr: output})
}

// Exec runs a command in the container and waits for its end. When ctx ends first, the command goes on.
func (i *Instance) Exec(ctx context.Context, command []string) (containers.Exit, error) {
	output := i.cluster.mask.Tail()
	err := i.cluster.exec(ctx, i.name, command, output)
	exit := containers.Exit{Output: i.cluster.mask.CutFront(strings.Join(strings.Fields(output.String()), " "), outputLimit)}
	if ended, is := errors.AsType[utilexec.CodeExitError](err); is {
		exit.Code = ended.Code
		return exit, nil
	}
	return exit, i.cluster.errs.wrap("create", "pods/exec", err)
}

// outputLimit is how much of a command's output is kept, in bytes.
const outputLimit = 200

// Healthcheck returns none: the API does not have those of images.
func (i *Instance) Healthcheck(context.Context) (containers.Healthcheck, error) {
	return containers.Healthcheck{}, nil
}

// Logs returns the last lines, without secrets; of a line its first longestLine bytes.
func (i *Instance) Logs(ctx context.Context, lines int) ([]string, error) {
	tail := int64(i.cluster.mask.Ask(lines))
	stream, err := i.logs(ctx, &corev1.PodLogOptions{Container: mainContainer, TailLines: &tail})
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	text, err := io.ReadAll(stream)
	if err != nil {
		return nil, i.cluster.errs.wrap("get", "pods/log", err)
	}
	return i.cluster.mask.Lines(strings.ToValidUTF8(string(text), string(utf8.RuneError)), lines, longestLine), nil
}

// longestLine is how much of a line of a log is kept, in bytes.
const longestLine = 4 << 10

// Follow reads the log until the container or ctx ends.
func (i *Instance) Follow(ctx context.Context) (io.ReadCloser, error) {
	return i.logs(ctx, &corev1.PodLogOptions{Container: mainContainer, Follow: true})
}

func (i *Instance) logs(ctx context.Context, options *corev1.PodLogOptions) (io.ReadCloser, error) {
	stream, err := i.cluster.api.logs(ctx, i.name, options)
	return stream, i.cluster.errs.wrap("get", "pods/log", err)
}
