package docker

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io"

	"plan/containers"
)

// platform is an operating system and an architecture, as Go names them.
type platform struct{ os, arch string }

func (d *Docker) platform(ctx context.Context) (platform, error) {
	version, err := d.engine.ServerVersion(ctx)
	if err != nil {
		return platform{}, d.fault("the engine's platform cannot be read", err)
	}
	return platform{os: version.Os, arch: version.Arch}, nil
}

// architecture is Go's name for the machine of an executable.
func architecture(machine elf.Machine) string {
	switch machine {
	case elf.EM_X86_64:
		return "amd64"
	case elf.EM_AARCH64:
		return "arm64"
	case elf.EM_386:
		return "386"
	case elf.EM_ARM:
		return "arm"
	case elf.EM_PPC64:
		return "ppc64le"
	case elf.EM_S390:
		return "s390x"
	case elf.EM_RISCV:
		return "riscv64"
	}
	return machine.String()
}

// checkBinary makes sure that an executable can be all of an image: static,
// and for the engine's platform.
func checkBinary(file io.ReaderAt, p platform) error {
	binary, err := elf.NewFile(file)
	if err != nil {
		return errors.New("it is not a Linux executable")
	}
	if p.os != "linux" {
		return fmt.Errorf("the engine runs %s containers", p.os)
	}
	if arch := architecture(binary.Machine); arch != p.arch {
		return fmt.Errorf("it is for %s, the engine for %s", arch, p.arch)
	}
	for _, part := range binary.Progs {
		if part.Type == elf.PT_INTERP {
			return errors.New("it is not static: it needs a loader that an empty image does not have")
		}
	}
	return nil
}

func badBinary(path string, p platform, cause error) error {
	return &containers.Error{
		Kind:    containers.BadBinary,
		Summary: fmt.Sprintf("%s cannot run in a container: %v", path, cause),
		Help:    fmt.Sprintf("build it with CGO_ENABLED=0 GOOS=linux GOARCH=%s go build ./cmd/plan, without -race", p.arch),
		Err:     cause,
	}
}
