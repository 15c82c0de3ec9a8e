package engine

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"

	"plan/internal/exchange"
)

// endpoint is an endpoint of the service as the event loops use it.
type endpoint struct {
	addrs      []netip.AddrPort // IP addresses of its name
	resolveErr error            // why its name does not resolve; nil otherwise
	templates  []template       // by request

	keepAlive *exchange.KeepAlive // estimate of the server's idle timeout
}

// resolver looks a name up.
type resolver func(ctx context.Context, host string) ([]netip.Addr, error)

func lookUp(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// newEndpoint renders the requests to an endpoint and resolves its name once
// for the whole load. If the name does not resolve, newEndpoint succeeds and
// each request fails with that error.
func newEndpoint(ctx context.Context, address string, lr *loadRun, resolve resolver) (endpoint, error) {
	t := endpoint{keepAlive: new(exchange.KeepAlive)}
	base, err := parseAddress(address)
	if err != nil {
		return t, fmt.Errorf("address %s: %w", address, err)
	}
	for _, p := range lr.patterns {
		wire, err := newTemplate(p, base.Host, lr.keepsCookies())
		if err != nil {
			return t, fmt.Errorf("address %s: request %q: %w", address, p.Request.Name, err)
		}
		t.templates = append(t.templates, wire)
	}
	port, err := strconv.ParseUint(cmp.Or(base.Port(), "80"), 10, 16)
	if err != nil {
		return t, fmt.Errorf("address %s: %w", address, err)
	}
	ips, err := resolve(ctx, base.Hostname())
	if err == nil && len(ips) == 0 {
		err = &net.DNSError{Err: "no address", Name: base.Hostname(), IsNotFound: true}
	}
	t.resolveErr = err
	for _, ip := range ips {
		t.addrs = append(t.addrs, netip.AddrPortFrom(ip.Unmap(), uint16(port)))
	}
	slices.SortStableFunc(t.addrs, func(a, b netip.AddrPort) int { // IPv4 first
		return cmp.Compare(a.Addr().BitLen(), b.Addr().BitLen())
	})
	return t, nil
}
