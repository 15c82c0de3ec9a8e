package main

import (
	"context"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	if os.Getenv(unread) != "" {
		writeUnread()
		return
	}
	testscript.Main(m, map[string]func(){
		"plan": func() {
			os.Exit(execute(context.Background(), os.Args[1:], environment{
				stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, environ: os.Environ(),
			}))
		},
	})
}

// TestScripts runs the command as a person does; no engine is in reach.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("DOCKER_HOST", "unix://"+env.WorkDir+"/no-engine.sock")
			env.Setenv("DOCKER_CONFIG", env.WorkDir+"/no-docker-config")
			env.Setenv("GORACE", endAtOnce)
			return nil
		},
	})
}

// endAtOnce lets a command that is watched for races end without a second of
// sleep.
const endAtOnce = "atexit_sleep_ms=0"
