// Package atomicfile writes a file whole or not at all. It knows nothing of what
// is written.
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Write writes a file whole or not at all: it replaces a file only after all is
// written. It follows links, and writes directly to pipes and devices.
func Write(path string, format func(io.Writer) error) error {
	target, regular, err := targetOf(path)
	if err != nil {
		return NotWritable(path, err)
	}
	if !regular {
		file, err := os.OpenFile(target, os.O_WRONLY, 0)
		if err == nil {
			err = errors.Join(format(file), file.Close())
		}
		if err != nil {
			return NotWritable(path, err)
		}
		return nil
	}
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(target); err == nil {
		mode = info.Mode().Perm() // that of the file that is replaced
	}
	temp, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*")
	if err != nil {
		return NotWritable(path, err)
	}
	err = errors.Join(format(temp), temp.Chmod(mode), temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), target)
	}
	if err != nil {
		os.Remove(temp.Name())
		return NotWritable(path, err)
	}
	return nil
}

// targetOf follows links, and returns whether the target is a regular file or does
// not exist.
func targetOf(path string) (target string, regular bool, err error) {
	target, err = filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, true, nil
	}
	if err != nil {
		return "", false, err
	}
	info, err := os.Stat(target)
	switch {
	case err != nil:
		return "", false, err
	case info.IsDir():
		return "", false, errors.New("it is a folder; name a file in it")
	}
	return target, info.Mode().IsRegular(), nil
}

// Writable returns an error where Write cannot write. It leaves no file.
func Writable(path string) error {
	target, regular, err := targetOf(path)
	if err == nil && regular {
		var temp *os.File
		if temp, err = os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*"); err == nil {
			err = errors.Join(temp.Close(), os.Remove(temp.Name()))
		}
	}
	if err != nil {
		return NotWritable(path, err)
	}
	return nil
}

// NotWritable returns an error with the path and the reason that the system gives.
func NotWritable(path string, err error) error {
	var reason *os.PathError
	if errors.As(err, &reason) {
		err = reason.Err
	}
	return fmt.Errorf("%s cannot be written: %w", path, err)
}
