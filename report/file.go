package report

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile writes a file whole or not at all: it replaces a file only after all is
// written. It follows links, and writes directly to pipes and devices.
func WriteFile(path string, format func(io.Writer) error) error {
	target, regular, err := targetOf(path)
	switch {
	case err != nil:
	case regular:
		err = replaceFile(target, format)
	default:
		err = writeThrough(target, format)
	}
	if err != nil {
		return notWritable(path, err)
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

func replaceFile(path string, format func(io.Writer) error) (err error) {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(temp.Name())
		}
	}()
	if err := errors.Join(format(temp), temp.Chmod(modeOf(path)), temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

// modeOf returns the permissions of the file that is replaced.
func modeOf(path string) fs.FileMode {
	if info, err := os.Stat(path); err == nil {
		return info.Mode().Perm()
	}
	return 0o644
}

func writeThrough(path string, format func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(format(file), file.Close())
}

// Writable returns an error where WriteFile cannot write. It leaves no file.
func Writable(path string) error {
	target, regular, err := targetOf(path)
	if err == nil && regular {
		err = checkReplaceable(target)
	}
	if err != nil {
		return notWritable(path, err)
	}
	return nil
}

func checkReplaceable(path string) error {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	return errors.Join(temp.Close(), os.Remove(temp.Name()))
}

func notWritable(path string, err error) error {
	var reason *os.PathError
	if errors.As(err, &reason) {
		err = reason.Err
	}
	return fmt.Errorf("%s cannot be written: %w", path, err)
}
