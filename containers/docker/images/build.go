package images

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"plan/containers"
)

// Scratch is an image of one static executable, /plan. Equal values make images of
// the same id.
type Scratch struct {
	Reference  string // name and tag
	Binary     string // path of the executable on this machine
	Entrypoint []string
	Command    []string
	Labels     map[string]string
	Expose     []int
	Apart      string // name of an empty file: images with different ones share no layer, and so no cached pages
}

// Build makes the image and loads it into the engine. It returns an error of
// kind BadBinary for an executable that is not static or not for the engine's
// platform.
func (s *Store) Build(ctx context.Context, scratch Scratch) error {
	platform, err := s.Platform(ctx)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(scratch.Binary)
	if err != nil {
		return BadBinary(scratch.Binary, platform, err)
	}
	if err := checkBinary(bytes.NewReader(content), platform); err != nil {
		return BadBinary(scratch.Binary, platform, err)
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	err = w.WriteHeader(&tar.Header{
		Name: "plan", Mode: 0o755, Size: int64(len(content)), ModTime: imageTime, Format: tar.FormatUSTAR,
	})
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	if scratch.Apart != "" {
		empty := tar.Header{Name: scratch.Apart, Mode: 0o444, ModTime: imageTime, Format: tar.FormatUSTAR}
		err = errors.Join(err, w.WriteHeader(&empty))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		return err
	}
	img, err := mutate.Append(empty.Image, mutate.Addendum{
		Layer:   static.NewLayer(archive.Bytes(), types.DockerUncompressedLayer), // it passes a local socket once
		History: v1.History{Created: v1.Time{Time: imageTime}, CreatedBy: "plan"},
	})
	if err != nil {
		return err
	}
	file, err := img.ConfigFile()
	if err != nil {
		return err
	}
	file = file.DeepCopy()
	file.Created, file.OS, file.Architecture = v1.Time{Time: imageTime}, platform.OS, platform.Arch
	file.Config = v1.Config{Entrypoint: scratch.Entrypoint, Cmd: scratch.Command, Labels: scratch.Labels}
	if len(scratch.Expose) > 0 {
		file.Config.ExposedPorts = map[string]struct{}{}
	}
	for _, port := range scratch.Expose {
		file.Config.ExposedPorts[strconv.Itoa(port)+"/tcp"] = struct{}{}
	}
	if img, err = mutate.ConfigFile(img, file); err != nil {
		return err
	}
	return s.load(ctx, scratch.Reference, img)
}

// imageTime is the time of all files in an image: 1980 is the earliest that every
// archive format has.
var imageTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

func (s *Store) load(ctx context.Context, reference string, img v1.Image) error {
	tag, err := name.NewTag(reference)
	if err != nil {
		return &containers.Error{
			Kind: containers.Other, Summary: reference + " is not a name for an image: " + err.Error(),
			Help: "write NAME or NAME:TAG, in lower case", Err: err,
		}
	}
	reader, writer := io.Pipe()
	go func() { _ = writer.CloseWithError(tarball.Write(tag, img, writer)) }()
	defer reader.Close()
	answer, err := s.engine.ImageLoad(ctx, reader)
	if err != nil {
		return s.errs.Wrap("the image "+reference+" cannot be loaded", err)
	}
	defer answer.Body.Close()
	_, err = readStream(answer.Body, newTransfer("", nil))
	return s.errs.Wrap("the image "+reference+" cannot be loaded", err)
}
