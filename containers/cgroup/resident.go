package cgroup

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"plan/internal/units"
)

// ResidentFiles returns the size of mapped files in memory of the processes in
// the group and its descendants; see the function ResidentFiles.
func (g Group) ResidentFiles() (units.Bytes, error) {
	processes, err := g.processes()
	if err != nil {
		return 0, err
	}
	return ResidentFiles(processes)
}

// processes returns the IDs of the processes in the group and its descendants.
func (g Group) processes() ([]string, error) {
	var processes []string
	err := filepath.WalkDir(g.dir("memory"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(path, "cgroup.procs"))
		processes = append(processes, strings.Fields(string(text))...)
		return err
	})
	return processes, err
}

// ResidentFiles returns the size of mapped files in memory of the given
// processes, regardless of which group is charged. For each file the process
// with the most counts. It ignores processes that have ended; a process without
// read permission is an error.
func ResidentFiles(processes []string) (units.Bytes, error) {
	most := map[string]units.Bytes{}
	for _, process := range processes {
		text, err := os.ReadFile(filepath.Join("/proc", process, "smaps"))
		if errors.Is(err, fs.ErrPermission) {
			return 0, err
		}
		for file, resident := range parseSmaps(text) {
			most[file] = max(most[file], resident)
		}
	}
	var sum units.Bytes
	for _, resident := range most {
		sum += resident
	}
	return sum, nil
}

// parseSmaps parses /proc/PID/smaps. It returns the resident size of each
// mapped file, by device and inode, without pages that were copied on write.
func parseSmaps(text []byte) map[string]units.Bytes {
	resident := map[string]units.Bytes{}
	file := ""
	for line := range bytes.Lines(text) {
		fields := bytes.Fields(line)
		switch {
		case len(fields) >= 5 && !bytes.HasSuffix(fields[0], []byte(":")):
			if file = ""; string(fields[4]) != "0" {
				file = string(fields[3]) + " " + string(fields[4])
			}
		case file == "" || len(fields) < 2:
		case string(fields[0]) == "Rss:":
			resident[file] += kilobytes(fields[1])
		case string(fields[0]) == "Anonymous:":
			resident[file] -= kilobytes(fields[1])
		}
	}
	return resident
}

func kilobytes(text []byte) units.Bytes {
	n, _ := strconv.ParseInt(string(text), 10, 64) // the kernel writes numbers
	return units.Bytes(n) * units.KiB
}
