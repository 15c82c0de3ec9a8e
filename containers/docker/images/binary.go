package images

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io"

	"plan/containers"
)

// Platform is an operating system and an architecture, as Go names them.
type Platform struct{ OS, Arch string }

// Platform returns the engine's.
func (s *Store) Platform(ctx context.Context) (Platform, error) {
	version, err := s.engine.ServerVersion(ctx)
	if err != nil {
		return Platform{}, s.errs.Wrap("the engine's platform cannot be read", err)
	}
	return Platform{OS: version.Os, Arch: version.Arch}, nil
}

// architectures are Go's names for the machines of executables.
var architectures = map[elf.Machine]string{
	elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64", elf.EM_386: "386", elf.EM_ARM: "arm", elf.EM_PPC64: "ppc64le",
	elf.EM_S390: "s390x", elf.EM_RISCV: "riscv64",
}

// checkBinary returns an error for an executable that is not static or not for the
// platform.
func checkBinary(file io.ReaderAt, p Platform) error {
	binary, err := elf.NewFile(file)
	if err != nil {
		return errors.New("it is not a Linux executable")
	}
	if p.OS != "linux" {
		return fmt.Errorf("the engine runs %s containers", p.OS)
	}
	arch, known := architectures[binary.Machine]
	if !known {
		arch = binary.Machine.String()
	}
	if arch != p.Arch {
		return fmt.Errorf("it is for %s, the engine for %s", arch, p.Arch)
	}
	for _, part := range binary.Progs {
		if part.Type == elf.PT_INTERP {
			return errors.New("it is not static: it needs a loader that an empty image does not have")
		}
	}
	return nil
}

// BadBinary returns the error of an executable that cannot run in a container.
func BadBinary(path string, p Platform, cause error) error {
	return &containers.Error{
		Kind:    containers.BadBinary,
		Summary: fmt.Sprintf("%s cannot run in a container: %v", path, cause),
		Help:    fmt.Sprintf("build it with CGO_ENABLED=0 GOOS=linux GOARCH=%s go build ./cmd/plan, without -race", p.Arch),
		Err:     cause,
	}
}
