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

// target is an address of the service as the loops see it.
type target struct {
	ends  []netip.AddrPort // what its name resolves to
	err   error            // why it does not
	wires []template       // by request

	keepAlive *exchange.KeepAlive // what the loops learn of it
}

// resolver looks a name up.
type resolver func(ctx context.Context, host string) ([]netip.Addr, error)

func lookUp(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// newTarget renders the requests to an address and resolves its name, once for
// the whole load. A name that does not resolve is no error: each request will
// fail with it.
func newTarget(ctx context.Context, address string, c *crew, resolve resolver) (target, error) {
	t := target{keepAlive: new(exchange.KeepAlive)}
	base, err := parseBase(address)
	if err != nil {
		return t, fmt.Errorf("address %s: %w", address, err)
	}
	for _, p := range c.patterns {
		wire, err := newTemplate(p, base.Host, c.keepsCookies())
		if err != nil {
			return t, fmt.Errorf("address %s: request %q: %w", address, p.Request.Name, err)
		}
		t.wires = append(t.wires, wire)
	}
	port, err := strconv.ParseUint(cmp.Or(base.Port(), "80"), 10, 16)
	if err != nil {
		return t, fmt.Errorf("address %s: %w", address, err)
	}
	ips, err := resolve(ctx, base.Hostname())
	if err == nil && len(ips) == 0 {
		err = &net.DNSError{Err: "no address", Name: base.Hostname(), IsNotFound: true}
	}
	t.err = err
	for _, ip := range ips {
		t.ends = append(t.ends, netip.AddrPortFrom(ip.Unmap(), uint16(port)))
	}
	slices.SortStableFunc(t.ends, ipv4First)
	return t, nil
}

// ipv4First is the order in which a name's addresses are tried.
func ipv4First(a, b netip.AddrPort) int {
	return cmp.Compare(a.Addr().BitLen(), b.Addr().BitLen())
}
