package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"strings"

	"github.com/docker/docker/api/types/container"

	"plan/containers"
)

// copyFiles copies files into a container that has not started.
func (d *Docker) copyFiles(ctx context.Context, id, name string, files []containers.File) error {
	if len(files) == 0 {
		return nil
	}
	archive, err := archiveOf(files)
	if err != nil {
		return err
	}
	err = d.engine.CopyToContainer(ctx, id, "/", bytes.NewReader(archive), container.CopyToContainerOptions{})
	return d.errs.Wrap("files cannot be copied into the container "+name, err)
}

// archiveOf returns a tar archive of the files, owned by root.
func archiveOf(files []containers.File) ([]byte, error) {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	for _, file := range files {
		err := w.WriteHeader(&tar.Header{
			Name: strings.TrimPrefix(file.Path, "/"), Mode: file.Mode, Size: int64(len(file.Data)),
		})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(file.Data); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return archive.Bytes(), err
}
