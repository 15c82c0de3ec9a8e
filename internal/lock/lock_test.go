package lock

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestOnlyOneHoldsALock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs", "a", "lock")
	if held, err := Held(path); held || err != nil {
		t.Fatalf("before: held %v, %v", held, err)
	}
	first, err := Take(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Take(path); !errors.Is(err, ErrHeld) {
		t.Errorf("a second Take gave %v, want ErrHeld", err)
	}
	if held, err := Held(path); !held || err != nil {
		t.Errorf("while taken: held %v, %v", held, err)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	if held, err := Held(path); held || err != nil {
		t.Errorf("afterwards: held %v, %v", held, err)
	}
}

// The child holds the lock and is killed: the kernel must release it.
func TestALockEndsWithItsProcess(t *testing.T) {
	if path := os.Getenv("LOCK_TEST_PATH"); path != "" {
		if _, err := Take(path); err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString("taken\n")
		select {}
	}
	path := filepath.Join(t.TempDir(), "lock")
	child := exec.Command(os.Args[0], "-test.run=^TestALockEndsWithItsProcess$")
	child.Env = append(os.Environ(), "LOCK_TEST_PATH="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 6)); err != nil {
		t.Fatal(err)
	}
	if held, err := Held(path); !held || err != nil {
		t.Errorf("while the child lives: held %v, %v", held, err)
	}
	child.Process.Kill()
	child.Wait()
	if held, err := Held(path); held || err != nil {
		t.Errorf("after its death: held %v, %v", held, err)
	}
}
