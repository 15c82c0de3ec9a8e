package interrupt

import (
	"context"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// ended returns what end returns if printing takes a time, how long it took, and whether all was printed.
func ended(t *testing.T, printing time.Duration, signal time.Duration) (code int, took time.Duration, printed bool) {
	synctest.Test(t, func(t *testing.T) {
		i := &Signals{signals: make(chan os.Signal, 2), cancel: func() {}}
		i.OnSecond(func() (int, func()) {
			return 42, func() {
				time.Sleep(printing)
				printed = true
			}
		})
		if signal > 0 {
			time.AfterFunc(signal, func() { i.signals <- os.Interrupt })
		}
		begun := time.Now()
		code = i.end()
		took = time.Since(begun)
		done := printed
		time.Sleep(time.Hour) // what prints ends
		printed = done
	})
	return code, took, printed
}

// TestAnOutputThatIsFullKeepsNoCommand: what is printed after the second signal is waited for, but not for ever, and not
// against a further signal.
func TestAnOutputThatIsFullKeepsNoCommand(t *testing.T) {
	for name, c := range map[string]struct {
		printing, signal, took time.Duration
		printed                bool
	}{
		"it prints":                         {time.Second, 0, time.Second, true},
		"it prints slowly":                  {sayTime - time.Second, 0, sayTime - time.Second, true},
		"nobody reads":                      {time.Minute, 0, sayTime, false},
		"nobody reads, and a third signal":  {time.Minute, 2 * time.Second, 2 * time.Second, false},
		"a third signal when it is printed": {time.Second, 2 * time.Second, time.Second, true},
	} {
		code, took, printed := ended(t, c.printing, c.signal)
		if code != 42 || took != c.took || printed != c.printed {
			t.Errorf("%s: code %d after %v, printed: %v", name, code, took, printed)
		}
	}
}

func TestWithoutAFunctionTheCodeIsThatOfAnInterruption(t *testing.T) {
	ctx, i := Handle(context.Background())
	if code := i.end(); code != 130 {
		t.Errorf("code %d", code)
	}
	i.Stop()
	if ctx.Err() == nil {
		t.Error("the context goes on")
	}
}
