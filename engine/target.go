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

// endpoint is an address of the service as the loops see it.
type endpoint struct {
	addrs      []netip.AddrPort // what its name resolves to
	resolveErr error            // why it does not
	templates  []template       // by request

	keepAlive *exchange.KeepAlive // what the loops learn of it
}

// resolver looks a name up.
type resolver func(ctx context.Context, host string) ([]netip.Addr, error)

func lookUp(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// newEndpoint renders the requests to an address and resolves its name, once for
// the whole load. A name that does not resolve is no error: each request will
// fail with it.
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
	slices.SortStableFunc(t.addrs, ipv4First)
	return t, nil
}

// ipv4First is the order in which a name's addresses are tried.
func ipv4First(a, b netip.AddrPort) int {
	return cmp.Compare(a.Addr().BitLen(), b.Addr().BitLen())
}
