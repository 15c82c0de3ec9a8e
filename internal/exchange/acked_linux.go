package exchange

import "golang.org/x/sys/unix"

// Acked is how many bytes that were sent on a TCP socket the other side has
// acknowledged, also after it broke; below 0 where that is not known.
func Acked(fd int) int64 {
	info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return -1
	}
	return int64(info.Bytes_acked) - 1 // the first one is the SYN
}
