package exchange

import (
	"context"
	"net"
)

// PublicAddress returns an IP address of a host that is neither loopback nor
// private, or nil. Such a machine may belong to someone else, for whom a load is
// an attack. It returns nil for a name that does not resolve.
func PublicAddress(ctx context.Context, host string) net.IP {
	addresses, _ := net.DefaultResolver.LookupIPAddr(ctx, host)
	for _, a := range addresses {
		if !a.IP.IsLoopback() && !a.IP.IsPrivate() && !a.IP.IsLinkLocalUnicast() && !a.IP.IsUnspecified() {
			return a.IP
		}
	}
	return nil
}
