package readiness

import (
	"context"
	"fmt"
	"net"
	"regexp"
	"slices"
	"time"

	"plan/internal/english"
)

// announcement is where a server writes into its log that it serves: Uvicorn, Gunicorn, Flask, Hypercorn and others.
var announcement = regexp.MustCompile(`(?i)\b(?:running on|listening (?:at|on):?|serving (?:at|on))\s+https?://(\[[^\]\s]+\]|[^\s:/\[]+):(\d+)`)

const (
	announcedWithin = 2 * time.Second // the log of a container that is not ready
	announcedLines  = 50
)

// elsewhere says where a container that refuses connections at a port serves by its log; "" if the log does not say so.
func elsewhere(ctx context.Context, c Container, wanted string) string {
	ctx, cancel := context.WithTimeout(ctx, announcedWithin)
	defer cancel()
	lines, err := c.Logs(ctx, announcedLines)
	if err != nil {
		return ""
	}
	var ports []string
	loopback := true // all of them
	for _, line := range lines {
		for _, found := range announcement.FindAllStringSubmatch(line, -1) {
			if host := found[1]; host != "localhost" && !net.ParseIP(host).IsLoopback() && host != "[::1]" {
				loopback = false
			}
			if !slices.Contains(ports, found[2]) {
				ports = append(ports, found[2])
			}
		}
	}
	switch {
	case len(ports) == 0:
		return ""
	case loopback:
		return fmt.Sprintf("; by its log it serves on port %s of its loopback address alone, which no other container reaches: "+
			"start it with the host 0.0.0.0", english.And(ports))
	case !slices.Contains(ports, wanted):
		return fmt.Sprintf("; by its log it serves on port %s, not on %s: name that port", english.And(ports), wanted)
	}
	return ""
}
