package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const fullDemo = "../demo/full"

func TestTheFullDemoListsItsImages(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(fullDemo, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	manual := read("README.md")
	made := regexp.MustCompile(`\$kept/(\w+):`).FindAllStringSubmatch(read("lib/images.sh"), -1)
	if len(made) < 2 {
		t.Fatalf("the images %q", made)
	}
	for _, image := range made {
		if !strings.Contains(manual, "| `plan-demo-full/"+image[1]+"`") {
			t.Errorf("the table of images does not have %s", image[1])
		}
	}
}

// TestTheFullDemoLeavesNoCache: what it keeps and what earlier versions kept is removed; what is not of the demo stays.
func TestTheFullDemoLeavesNoCache(t *testing.T) {
	engine, cache := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(engine, "docker"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"minio-1", "rootfs-1", "wheels-1", "model-1", "trained-1", "secret", "log", "other"} {
		if err := os.MkdirAll(filepath.Join(cache, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command("bash", filepath.Join(fullDemo, "clean"))
	command.Env = append(os.Environ(), "PATH="+engine+":"+os.Getenv("PATH"), "PLAN_DEMO_CACHE="+cache)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	entries, err := os.ReadDir(cache)
	var left []string
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	if err != nil || !slices.Equal(left, []string{"other"}) {
		t.Errorf("left %q (%v)", left, err)
	}
}
