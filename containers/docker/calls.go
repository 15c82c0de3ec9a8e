package docker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/build"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/registry"
	"github.com/docker/docker/api/types/system"
	"github.com/docker/docker/api/types/volume"
	"github.com/docker/docker/client"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"plan/containers"
)

// Deadlines of calls of the engine. An engine under load takes seconds for what usually takes milliseconds; one that
// takes longer than these does not answer at all.
const (
	readTime  = 30 * time.Second // reads what the engine knows
	makeTime  = time.Minute      // makes, starts or removes something
	tagTime   = time.Minute      // reads or changes images
	loginTime = 2 * time.Minute  // asks a registry
	quietTime = 2 * time.Minute  // of a stream of a pull, push, load or copy without a byte
)

// timed is an engine of which every call ends: within its deadline, or, if it moves data, a while after its last byte.
// Streams that may be silent for as long as a container is (events, logs that are followed, attached output) have a
// deadline until they are open. Close and DaemonHost wait for nothing.
type timed struct {
	engine
	calls   calls
	absence absence
	hung    atomic.Bool // the last call that ended and that the engine answers by itself was not answered in time
}

// hungTime is the deadline of each call while the engine hangs: all that follows a call without an answer, such as
// the cleaning of a run, does not wait for the full time once more. After one answer in it the full time counts again.
// It is about calls that the engine answers by itself: one that waits for a registry or sends files says nothing about
// the engine, and has its full time.
const hungTime = 3 * time.Second

// calls are the calls that wait for the engine.
type calls struct {
	mu      sync.Mutex
	pending map[*call]bool
}

// call is a call that waits for the engine.
type call struct {
	name  string
	begun time.Time
}

func newTimed(e engine) *timed { return &timed{engine: e, calls: calls{pending: map[*call]bool{}}} }

// timeoutError is the error of a call that the engine did not answer in time.
func timeoutError(name string, after time.Duration) *containers.Error {
	return &containers.Error{
		Kind:    containers.EngineGone,
		Summary: fmt.Sprintf("the engine did not answer %s within %s", name, after),
		Help:    "check whether `docker ps` works; restart the engine if it does not", Err: errTimedOut,
	}
}

var errTimedOut = errors.New("the engine did not answer in time")

// begin adds a call to those that wait. within ends its context; done ends the call.
func (w *calls) begin(ctx context.Context, name string, within time.Duration) (limited context.Context,
	done func(error) error) {
	c := &call{name, time.Now()}
	w.mu.Lock()
	w.pending[c] = true
	w.mu.Unlock()
	limited, cancel := context.WithTimeoutCause(ctx, within, timeoutError(name, within))
	return limited, func(err error) error {
		w.mu.Lock()
		delete(w.pending, c)
		w.mu.Unlock()
		if err != nil && limited.Err() != nil { // the client tells some causes as a connection that broke
			err = context.Cause(limited)
		}
		cancel()
		return err
	}
}

// waiting returns the calls that wait, the oldest first.
func (w *calls) waiting() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []*call
	for c := range w.pending {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *call) int { return cmp.Or(a.begun.Compare(b.begun), cmp.Compare(a.name, b.name)) })
	var names []string
	for _, c := range all {
		names = append(names, fmt.Sprintf("%s, since %s", c.name, time.Since(c.begun).Round(time.Second)))
	}
	return names
}

// Calls returns the calls that wait for the engine, the oldest first, and for how long.
func (d *Docker) Calls() []string { return d.timed.calls.waiting() }

// within makes a call with a deadline, and again while the engine is away.
func within[T any](ctx context.Context, t *timed, name string, limit time.Duration,
	do func(context.Context) (T, error)) (T, error) {
	for {
		value, err := once(ctx, t, name, limit, do)
		if !t.absence.note(name, err) || !sleep(ctx, retryEvery) {
			return value, err
		}
	}
}

// once makes a call with a deadline. It returns when the deadline ends even if the call does not heed its context.
func once[T any](ctx context.Context, t *timed, name string, limit time.Duration,
	do func(context.Context) (T, error)) (value T, err error) {
	own := limit <= makeTime // the engine answers such a call by itself
	if own && t.hung.Load() {
		limit = min(limit, hungTime)
	}
	limited, done := t.calls.begin(ctx, name, limit)
	begun := time.Now()
	defer func() { t.heed(ctx, limited, begun, own, err) }()
	type answer struct {
		value T
		err   error
	}
	answered := make(chan answer, 1)
	go func() {
		value, err := do(limited)
		answered <- answer{value, err}
	}()
	select {
	case a := <-answered:
		return a.value, done(a.err)
	case <-limited.Done():
		select {
		case a := <-answered:
			return a.value, done(a.err)
		case <-time.After(heedTime):
		}
		var none T
		return none, done(context.Cause(limited))
	}
}

// heed notes whether the engine answered a call. Of one that ended early because the run did, nothing is known, nor of
// one without an answer that the engine does not give by itself.
func (t *timed) heed(ctx, limited context.Context, begun time.Time, own bool, err error) {
	late := errors.Is(limited.Err(), context.DeadlineExceeded)
	switch {
	case err == nil || !late && ctx.Err() == nil:
		t.hung.Store(false)
	case own && late && time.Since(begun) >= hungTime:
		t.hung.Store(true)
	}
}

// heedTime is how long a call may take to end after its context has ended.
const heedTime = time.Second

// act makes a call that returns nothing.
func (t *timed) act(ctx context.Context, name string, limit time.Duration, do func(context.Context) error) error {
	_, err := within(ctx, t, name, limit, func(ctx context.Context) (struct{}, error) { return struct{}{}, do(ctx) })
	return err
}

// open opens a stream, whose context lasts as long as the caller's; only opening it has a deadline.
func open[T any](ctx context.Context, t *timed, name string, limit time.Duration,
	do func(context.Context) (T, error)) (T, error) {
	lasting, cancel := context.WithCancelCause(ctx)
	return within(ctx, t, name, limit, func(limited context.Context) (T, error) {
		unhook := context.AfterFunc(limited, func() { cancel(context.Cause(limited)) })
		value, err := do(lasting)
		if !unhook() && err == nil { // it ended while it was opened
			err = context.Cause(limited)
		}
		return value, err
	})
}

func (t *timed) Ping(ctx context.Context) (types.Ping, error) {
	return within(ctx, t, "ping", connectTimeout, t.engine.Ping)
}

// reach waits until the engine answers, before a call that can be made only once.
func (t *timed) reach(ctx context.Context) error {
	_, err := t.Ping(ctx)
	return err
}

func (t *timed) Info(ctx context.Context) (system.Info, error) {
	return within(ctx, t, "info", readTime, t.engine.Info)
}

func (t *timed) ServerVersion(ctx context.Context) (types.Version, error) {
	return within(ctx, t, "version", readTime, t.engine.ServerVersion)
}

// Events opens the stream of events. An engine that does not open it in time is an error of the stream.
func (t *timed) Events(ctx context.Context, o events.ListOptions) (<-chan events.Message, <-chan error) {
	s, err := open(ctx, t, "events", readTime, func(ctx context.Context) (eventStream, error) {
		messages, errs := t.engine.Events(ctx, o)
		return eventStream{messages, errs}, nil
	})
	if err != nil {
		errs := make(chan error, 1)
		errs <- err
		return nil, errs
	}
	return s.messages, s.errs
}

func (t *timed) ContainerAttach(ctx context.Context, id string,
	o container.AttachOptions) (types.HijackedResponse, error) {
	return open(ctx, t, "attach to container "+short(id), readTime,
		func(ctx context.Context) (types.HijackedResponse, error) {
			return t.engine.ContainerAttach(ctx, id, o)
		})
}

func (t *timed) ContainerCreate(ctx context.Context, config *container.Config, host *container.HostConfig,
	networks *network.NetworkingConfig, platform *ocispec.Platform, name string) (container.CreateResponse, error) {
	return within(ctx, t, "create container "+name, makeTime, func(ctx context.Context) (container.CreateResponse, error) {
		return t.engine.ContainerCreate(ctx, config, host, networks, platform, name)
	})
}

func (t *timed) ContainerExecAttach(ctx context.Context, id string,
	o container.ExecAttachOptions) (types.HijackedResponse, error) {
	return open(ctx, t, "start command "+short(id), readTime, func(ctx context.Context) (types.HijackedResponse, error) {
		return t.engine.ContainerExecAttach(ctx, id, o)
	})
}

func (t *timed) ContainerExecCreate(ctx context.Context, id string,
	o container.ExecOptions) (container.ExecCreateResponse, error) {
	return within(ctx, t, "create command in container "+short(id), readTime,
		func(ctx context.Context) (container.ExecCreateResponse, error) {
			return t.engine.ContainerExecCreate(ctx, id, o)
		})
}

func (t *timed) ContainerExecInspect(ctx context.Context, id string) (container.ExecInspect, error) {
	return within(ctx, t, "inspect command "+short(id), readTime,
		func(ctx context.Context) (container.ExecInspect, error) {
			return t.engine.ContainerExecInspect(ctx, id)
		})
}

func (t *timed) ContainerInspect(ctx context.Context, id string) (container.InspectResponse, error) {
	return within(ctx, t, "inspect container "+short(id), readTime,
		func(ctx context.Context) (container.InspectResponse, error) {
			return t.engine.ContainerInspect(ctx, id)
		})
}

func (t *timed) ContainerList(ctx context.Context, o container.ListOptions) ([]container.Summary, error) {
	return within(ctx, t, "list containers", readTime,
		func(ctx context.Context) ([]container.Summary, error) { return t.engine.ContainerList(ctx, o) })
}

func (t *timed) ContainerLogs(ctx context.Context, id string, o container.LogsOptions) (io.ReadCloser, error) {
	name := "logs of container " + short(id)
	stream, err := open(ctx, t, name, readTime,
		func(ctx context.Context) (io.ReadCloser, error) { return t.engine.ContainerLogs(ctx, id, o) })
	if err != nil || o.Follow { // a container may be silent for as long as it runs
		return stream, err
	}
	return moving(name, readTime, stream), nil
}

func (t *timed) ContainerRemove(ctx context.Context, id string, o container.RemoveOptions) error {
	return t.act(ctx, "remove container "+short(id), makeTime,
		func(ctx context.Context) error { return t.engine.ContainerRemove(ctx, id, o) })
}

func (t *timed) ContainerStart(ctx context.Context, id string, o container.StartOptions) error {
	return t.act(ctx, "start container "+short(id), makeTime,
		func(ctx context.Context) error { return t.engine.ContainerStart(ctx, id, o) })
}

func (t *timed) ContainerStats(ctx context.Context, id string, stream bool) (container.StatsResponseReader, error) {
	return open(ctx, t, "stats of container "+short(id), readTime,
		func(ctx context.Context) (container.StatsResponseReader, error) {
			return t.engine.ContainerStats(ctx, id, stream)
		})
}

func (t *timed) CopyToContainer(ctx context.Context, id, path string, content io.Reader,
	o container.CopyToContainerOptions) error {
	if err := t.reach(ctx); err != nil {
		return err
	}
	return t.act(ctx, "copy to container "+short(id), copyTime,
		func(ctx context.Context) error { return t.engine.CopyToContainer(ctx, id, path, content, o) })
}

func (t *timed) NetworkConnect(ctx context.Context, net, id string, config *network.EndpointSettings) error {
	return t.act(ctx, "connect container "+short(id)+" to network "+net, makeTime,
		func(ctx context.Context) error { return t.engine.NetworkConnect(ctx, net, id, config) })
}

func (t *timed) NetworkCreate(ctx context.Context, name string,
	o network.CreateOptions) (network.CreateResponse, error) {
	return within(ctx, t, "create network "+name, makeTime,
		func(ctx context.Context) (network.CreateResponse, error) { return t.engine.NetworkCreate(ctx, name, o) })
}

func (t *timed) NetworkInspect(ctx context.Context, id string, o network.InspectOptions) (network.Inspect, error) {
	return within(ctx, t, "inspect network "+short(id), readTime,
		func(ctx context.Context) (network.Inspect, error) { return t.engine.NetworkInspect(ctx, id, o) })
}

func (t *timed) NetworkList(ctx context.Context, o network.ListOptions) ([]network.Summary, error) {
	return within(ctx, t, "list networks", readTime,
		func(ctx context.Context) ([]network.Summary, error) { return t.engine.NetworkList(ctx, o) })
}

func (t *timed) NetworkRemove(ctx context.Context, id string) error {
	return t.act(ctx, "remove network "+short(id), makeTime,
		func(ctx context.Context) error { return t.engine.NetworkRemove(ctx, id) })
}

func (t *timed) ContainerUpdate(ctx context.Context, id string,
	config container.UpdateConfig) (container.UpdateResponse, error) {
	return within(ctx, t, "update container "+short(id), makeTime,
		func(ctx context.Context) (container.UpdateResponse, error) {
			return t.engine.ContainerUpdate(ctx, id, config)
		})
}

func (t *timed) VolumeCreate(ctx context.Context, o volume.CreateOptions) (volume.Volume, error) {
	return within(ctx, t, "create volume "+o.Name, makeTime,
		func(ctx context.Context) (volume.Volume, error) { return t.engine.VolumeCreate(ctx, o) })
}

func (t *timed) VolumeInspect(ctx context.Context, name string) (volume.Volume, error) {
	return within(ctx, t, "inspect volume "+name, readTime,
		func(ctx context.Context) (volume.Volume, error) { return t.engine.VolumeInspect(ctx, name) })
}

func (t *timed) VolumeList(ctx context.Context, o volume.ListOptions) (volume.ListResponse, error) {
	return within(ctx, t, "list volumes", readTime,
		func(ctx context.Context) (volume.ListResponse, error) { return t.engine.VolumeList(ctx, o) })
}

func (t *timed) VolumeRemove(ctx context.Context, name string, force bool) error {
	return t.act(ctx, "remove volume "+name, makeTime,
		func(ctx context.Context) error { return t.engine.VolumeRemove(ctx, name, force) })
}

func (t *timed) RegistryLogin(ctx context.Context, auth registry.AuthConfig) (registry.AuthenticateOKBody, error) {
	return within(ctx, t, "log in to "+auth.ServerAddress, loginTime,
		func(ctx context.Context) (registry.AuthenticateOKBody, error) {
			return t.engine.RegistryLogin(ctx, auth)
		})
}

func (t *timed) DistributionInspect(ctx context.Context, ref, auth string) (registry.DistributionInspect, error) {
	return within(ctx, t, "ask the registry of "+ref, loginTime,
		func(ctx context.Context) (registry.DistributionInspect, error) {
			return t.engine.DistributionInspect(ctx, ref, auth)
		})
}

func (t *timed) ImageInspect(ctx context.Context, ref string,
	o ...client.ImageInspectOption) (image.InspectResponse, error) {
	return within(ctx, t, "inspect image "+ref, tagTime,
		func(ctx context.Context) (image.InspectResponse, error) { return t.engine.ImageInspect(ctx, ref, o...) })
}

func (t *timed) ImageList(ctx context.Context, o image.ListOptions) ([]image.Summary, error) {
	return within(ctx, t, "list images", tagTime,
		func(ctx context.Context) ([]image.Summary, error) { return t.engine.ImageList(ctx, o) })
}

// buildQuietTime is how long a step of a build may print nothing.
const buildQuietTime = 30 * time.Minute

func (t *timed) ImageBuild(ctx context.Context, folder io.Reader,
	o build.ImageBuildOptions) (build.ImageBuildResponse, error) {
	if err := t.reach(ctx); err != nil {
		return build.ImageBuildResponse{}, err
	}
	r, err := open(ctx, t, "build an image", copyTime,
		func(ctx context.Context) (build.ImageBuildResponse, error) {
			return t.engine.ImageBuild(ctx, folder, o)
		})
	if err == nil {
		r.Body = moving("build an image", buildQuietTime, r.Body)
	}
	return r, err
}

func (t *timed) ImageLoad(ctx context.Context, input io.Reader,
	o ...client.ImageLoadOption) (image.LoadResponse, error) {
	if err := t.reach(ctx); err != nil {
		return image.LoadResponse{}, err
	}
	r, err := open(ctx, t, "load an image", copyTime,
		func(ctx context.Context) (image.LoadResponse, error) { return t.engine.ImageLoad(ctx, input, o...) })
	if err == nil {
		r.Body = moving("load an image", quietTime, r.Body)
	}
	return r, err
}

func (t *timed) ImagePull(ctx context.Context, ref string, o image.PullOptions) (io.ReadCloser, error) {
	return t.transfer(ctx, "pull image "+ref,
		func(ctx context.Context) (io.ReadCloser, error) { return t.engine.ImagePull(ctx, ref, o) })
}

func (t *timed) ImagePush(ctx context.Context, ref string, o image.PushOptions) (io.ReadCloser, error) {
	return t.transfer(ctx, "push image "+ref,
		func(ctx context.Context) (io.ReadCloser, error) { return t.engine.ImagePush(ctx, ref, o) })
}

func (t *timed) ImageRemove(ctx context.Context, ref string, o image.RemoveOptions) ([]image.DeleteResponse, error) {
	return within(ctx, t, "remove image "+ref, makeTime,
		func(ctx context.Context) ([]image.DeleteResponse, error) { return t.engine.ImageRemove(ctx, ref, o) })
}

func (t *timed) ImageTag(ctx context.Context, source, ref string) error {
	return t.act(ctx, "tag image "+ref, tagTime,
		func(ctx context.Context) error { return t.engine.ImageTag(ctx, source, ref) })
}

// copyTime is for a call that sends files: they have at most some MiB.
const copyTime = 5 * time.Minute

// transfer opens a stream of progress, which ends when nothing has moved for quietTime.
func (t *timed) transfer(ctx context.Context, name string, do func(context.Context) (io.ReadCloser,
	error)) (io.ReadCloser, error) {
	stream, err := open(ctx, t, name, quietTime, do)
	if err != nil {
		return nil, err
	}
	return moving(name, quietTime, stream), nil
}

// moving returns a stream that ends with an error when no byte has come for a while.
func moving(name string, quiet time.Duration, stream io.ReadCloser) io.ReadCloser {
	m := &movingStream{stream: stream, name: name, quiet: quiet}
	m.timer = time.AfterFunc(quiet, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.late = true
		_ = m.stream.Close() // it ends the read that waits
	})
	return m
}

type movingStream struct {
	stream io.ReadCloser
	name   string
	quiet  time.Duration
	timer  *time.Timer
	mu     sync.Mutex
	late   bool
}

func (m *movingStream) Read(p []byte) (int, error) {
	n, err := m.stream.Read(p)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.late {
		return n, timeoutError(m.name, m.quiet)
	}
	if n > 0 {
		m.timer.Reset(m.quiet)
	}
	if err != nil {
		m.timer.Stop()
	}
	return n, err
}

func (m *movingStream) Close() error {
	m.timer.Stop()
	return m.stream.Close()
}

// short returns an id of the engine as it prints them; names stay.
func short(id string) string {
	if len(id) == 64 {
		return id[:12]
	}
	return id
}
