package leaks

import (
	"testing"
	"time"
)

func TestMain(m *testing.M) { VerifyTestMain(m) }

// TestAGoroutineMayEndLate: this one ends after goleak alone has given up.
func TestAGoroutineMayEndLate(*testing.T) {
	go time.Sleep(4 * time.Second)
}
