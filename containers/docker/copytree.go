package docker

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"plan/internal/units"
)

// errTooLarge is the error of a tree with more bytes than may be copied.
var errTooLarge = errors.New("it is too large")

// CopyVolume copies the volume at from to that at to, as CopyCommand does.
func CopyVolume(from, to string, most units.Bytes) (VolumeCopy, error) {
	c := &treeCopy{from: from, to: to, left: int64(most), links: map[inode]string{}}
	err := c.run()
	result := VolumeCopy{Bytes: int64(most) - c.left, TooLarge: errors.Is(err, errTooLarge)}
	if result.TooLarge {
		err = nil
	}
	return result, err
}

// treeCopy copies folders, regular files with their holes, hard and symbolic links and
// pipes, with owner, mode and times. It skips devices, sockets, and what others remove
// meanwhile.
type treeCopy struct {
	from, to string
	left     int64 // bytes that may still be copied
	links    map[inode]string
	folders  []copied
}

// inode identifies a file with several names.
type inode struct{ device, number uint64 }

// copied is a folder that gets its owner, mode and times after what is in it.
type copied struct {
	path string
	stat unix.Stat_t
}

func (c *treeCopy) run() error {
	err := filepath.WalkDir(c.from, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = c.copy(path)
		}
		if errors.Is(err, fs.ErrNotExist) && path != c.from {
			return nil // it is gone
		}
		return err
	})
	for _, folder := range slices.Backward(c.folders) {
		if err == nil {
			err = describe(folder.path, folder.stat)
		}
	}
	return err
}

func (c *treeCopy) copy(path string) error {
	relative, err := filepath.Rel(c.from, path)
	if err != nil {
		return err
	}
	to := filepath.Join(c.to, relative)
	var stat unix.Stat_t
	if err := unix.Lstat(path, &stat); err != nil {
		return &fs.PathError{Op: "lstat", Path: path, Err: err}
	}
	switch stat.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		c.folders = append(c.folders, copied{to, stat})
		if err := os.Mkdir(to, 0o700); err != nil && (path != c.from || !errors.Is(err, fs.ErrExist)) {
			return err
		}
		return nil
	case unix.S_IFLNK:
		target, err := os.Readlink(path)
		if err != nil {
			return err
		}
		if err := os.Symlink(target, to); err != nil {
			return err
		}
	case unix.S_IFIFO:
		if err := unix.Mkfifo(to, 0o600); err != nil {
			return &fs.PathError{Op: "mkfifo", Path: to, Err: err}
		}
	case unix.S_IFREG:
		known := inode{stat.Dev, stat.Ino}
		if first := c.links[known]; first != "" {
			return os.Link(first, to)
		}
		if err := c.file(path, to, stat.Size); err != nil {
			return err
		}
		if stat.Nlink > 1 {
			c.links[known] = to
		}
	default:
		return nil
	}
	return describe(to, stat)
}

// file copies the data of a file up to the size that it had, and leaves its holes.
func (c *treeCopy) file(path, to string, size int64) error {
	source, err := os.Open(path)
	if err != nil {
		return err
	}
	defer source.Close() // it was only read
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = c.data(source, target, size)
	if err == nil {
		err = target.Truncate(size) // a hole at its end
	}
	return errors.Join(err, target.Close())
}

func (c *treeCopy) data(source, target *os.File, size int64) error {
	for at := int64(0); at < size; {
		from, err := unix.Seek(int(source.Fd()), at, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			return nil // the rest is a hole
		}
		if err != nil {
			return &fs.PathError{Op: "seek", Path: source.Name(), Err: err}
		}
		end, err := unix.Seek(int(source.Fd()), from, unix.SEEK_HOLE)
		if err != nil {
			return &fs.PathError{Op: "seek", Path: source.Name(), Err: err}
		}
		end = min(end, size)
		if c.left -= max(end-from, 0); c.left < 0 {
			return errTooLarge
		}
		section := io.NewSectionReader(source, from, end-from)
		if _, err := io.Copy(io.NewOffsetWriter(target, from), section); err != nil {
			return err
		}
		at = max(end, at+1)
	}
	return nil
}

// describe gives a file the owner, mode and times of another one.
func describe(path string, stat unix.Stat_t) error {
	if err := os.Lchown(path, int(stat.Uid), int(stat.Gid)); err != nil {
		return err
	}
	if stat.Mode&unix.S_IFMT == unix.S_IFLNK {
		return nil
	}
	if err := unix.Chmod(path, stat.Mode&^unix.S_IFMT); err != nil { // after the owner, which takes bits of it away
		return &fs.PathError{Op: "chmod", Path: path, Err: err}
	}
	times := []unix.Timespec{stat.Atim, stat.Mtim}
	if err := unix.UtimesNanoAt(unix.AT_FDCWD, path, times, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return &fs.PathError{Op: "utimensat", Path: path, Err: err}
	}
	return nil
}
