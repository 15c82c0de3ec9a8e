package images

import (
	"errors"
	"strings"
	"testing"

	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/cli/cli/config/types"
	"github.com/google/go-cmp/cmp"

	"plan/internal/imagename"
)

func TestCredentials(t *testing.T) {
	cfg := configfile.New("")
	cfg.AuthConfigs = map[string]types.AuthConfig{
		"reg:5000":                         {Username: "u", Password: "p"},
		imagename.ConfigKey(imagename.Hub): {Username: "hub", Password: "p"},
	}
	for name, want := range map[string]login{
		"reg:5000/user/api:1": {host: "reg:5000", stored: true},
		"user/api":            {host: imagename.Hub, stored: true},
		"other:5000/api":      {host: "other:5000"},
	} {
		got, err := credentials(cfg, name)
		if err != nil || got.host != want.host || got.stored != want.stored || got.header == "" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if diff := cmp.Diff([]string{imagename.Hub, "reg:5000"}, newFake(&fake{}, cfg).Registries()); diff != "" {
		t.Error(diff)
	}
}

func TestBinariesThatCannotBeAnImage(t *testing.T) {
	script := strings.NewReader("#!/bin/sh\n")
	if err := checkBinary(script, Platform{"linux", "amd64"}); err == nil || !strings.Contains(err.Error(), "not a Linux executable") {
		t.Errorf("a script: %v", err)
	}
	err := BadBinary("plan", Platform{"linux", "arm64"}, errors.New("it is for amd64, the engine for arm64"))
	if !strings.Contains(err.Error(), "CGO_ENABLED=0 GOOS=linux GOARCH=arm64") {
		t.Error(err)
	}
}
