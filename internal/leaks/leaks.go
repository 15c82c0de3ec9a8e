// Package leaks runs the tests of a package, and then looks for goroutines that they have left.
package leaks

import (
	"testing"
	"time"

	"go.uber.org/goleak"
)

// patience is how long goroutines may take to end after the last test, on a busy machine: goleak alone waits for less
// than two seconds.
const patience = 10 * time.Second

// VerifyTestMain is that of goleak, with patience.
func VerifyTestMain(m *testing.M) { goleak.VerifyTestMain(settled{m}) }

// settled are tests whose goroutines have had time to end.
type settled struct{ *testing.M }

func (m settled) Run() int {
	code := m.M.Run()
	for begun := time.Now(); goleak.Find() != nil && time.Since(begun) < patience; {
		time.Sleep(100 * time.Millisecond)
	}
	return code
}
