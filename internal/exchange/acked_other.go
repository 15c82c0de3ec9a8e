//go:build !linux

package exchange

// Acked is not known on this system.
func Acked(int) int64 { return -1 }
