package interrupt

import (
	"context"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// ended returns what end returns if printing takes a time, how long it took, and whether all was printed.
func ended(t *testing.T, printing time.Duration, signal time.Duration) (code int, took time.Duration, printed bool) {
	synctest.Test(t, func(t *testing.T) {
		var all atomic.Bool
		i := &Signals{signals: make(chan os.Signal, 2), cancel: func() {}}
		i.OnSecond(func() (int, func()) {
			return 42, func() {
				time.Sleep(printing)
				all.Store(true)
			}
		})
		if signal > 0 {
			time.AfterFunc(signal, func() { i.signals <- os.Interrupt })
		}
		begun := time.Now()
		code = i.end()
		took = time.Since(begun)
		printed = all.Load()
		time.Sleep(time.Hour) // what prints ends
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

// TestStopWaitsForWhatIsPrinted: a command that ends meanwhile does not cut what the second signal prints.
func TestStopWaitsForWhatIsPrinted(t *testing.T) {
	for name, c := range map[string]struct {
		signals        []os.Signal
		printing, took time.Duration
		code           int // of the process; 0: it goes on
		printed        bool
	}{
		"no signal":             {nil, time.Second, 0, 0, false},
		"one signal":            {[]os.Signal{os.Interrupt}, time.Second, 0, 0, false},
		"two signals":           {[]os.Signal{os.Interrupt, os.Interrupt}, time.Second, time.Second, 42, true},
		"SIGQUIT":               {[]os.Signal{syscall.SIGQUIT}, time.Second, time.Second, 42, true},
		"two, and nobody reads": {[]os.Signal{os.Interrupt, os.Interrupt}, time.Minute, sayTime, 42, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			code, printed := 0, atomic.Bool{}
			i := &Signals{
				signals: make(chan os.Signal, 2), watched: make(chan struct{}), cancel: func() {},
				exit: func(with int) { code = with },
			}
			i.OnSecond(func() (int, func()) {
				return 42, func() {
					time.Sleep(c.printing)
					printed.Store(true)
				}
			})
			go i.watch()
			for _, s := range c.signals {
				i.signals <- s
			}
			synctest.Wait()
			begun := time.Now()
			i.Stop()
			if took := time.Since(begun); took != c.took || code != c.code || printed.Load() != c.printed {
				t.Errorf("%s: it took %v, code %d, printed: %v", name, took, code, printed.Load())
			}
			time.Sleep(time.Hour) // what prints ends
		})
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
