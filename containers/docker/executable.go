package docker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"

	"plan/containers/docker/apierror"
	"plan/containers/docker/images"
)

// executable makes images of the command's executable.
type executable struct {
	binary string // a static executable; "" is the running one
	engine engine
	errs   apierror.Wrapper
	images *images.Store

	building chan struct{} // of capacity one: full while an image is built
}

// agentImage returns the reference of the executable's image, and builds the image
// where the engine has none. Runs share it: its tag is the executable's digest.
func (x *executable) agentImage(ctx context.Context) (string, error) {
	return x.image(ctx, "plan-agent", "")
}

// image returns an image of the executable by name, which it makes if the engine has
// none; apart is that of images.Scratch.
func (x *executable) image(ctx context.Context, name, apart string) (string, error) {
	path := x.binary
	if path == "" {
		self, err := os.Executable()
		if err != nil {
			return "", images.BadBinary("this executable", images.Platform{}, err)
		}
		path = self
	}
	digest, err := digestOf(path)
	if err != nil {
		return "", images.BadBinary(path, images.Platform{}, err)
	}
	reference := name + ":" + digest[:12]
	select {
	case x.building <- struct{}{}: // once
		defer func() { <-x.building }()
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	if _, err := x.engine.ImageInspect(ctx, reference); err == nil {
		return reference, nil
	} else if !apierror.NotFound(err) {
		return "", x.errs.Wrap("the agent's image cannot be read", err)
	}
	return reference, x.images.Build(ctx, images.Scratch{
		Reference: reference, Binary: path, Entrypoint: []string{"/plan", "agent"}, Apart: apart,
		Labels: map[string]string{labelRole: agentImageRole},
	})
}

func digestOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
