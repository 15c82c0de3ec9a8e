package exchange

import "golang.org/x/sys/unix"

// Acked returns how many of the bytes sent on a TCP socket the peer has
// acknowledged, also after the connection broke; negative if unknown.
func Acked(fd int) int64 {
	info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return -1
	}
	return int64(info.Bytes_acked) - 1 // the SYN counts as one byte
}
