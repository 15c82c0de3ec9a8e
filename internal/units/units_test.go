package units

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

func TestParseBytes(t *testing.T) {
	for text, want := range map[string]Bytes{
		"500M": 500 * MiB, "100m": 100 * MiB, "1.5G": 1536 * MiB, "64k": 64 * KiB,
		"512MiB": 512 * MiB, "512Mi": 512 * MiB, "1 GB": GiB, "100b": 100,
	} {
		if got, err := ParseBytes(text); err != nil || got != want {
			t.Errorf("ParseBytes(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestErrorsAreDistinguished(t *testing.T) {
	bytes := func(s string) error { _, err := ParseBytes(s); return err }
	rate := func(s string) error { _, err := ParseRate(s); return err }
	share := func(s string) error { _, err := ParseShare(s); return err }
	duration := func(s string) error { _, err := ParseDuration(s); return err }
	cpus := func(s string) error { _, err := ParseCPUs(s); return err }
	for _, c := range []struct {
		parse func(string) error
		text  string
		want  error
	}{
		{bytes, "500", ErrNoUnit}, {bytes, "500X", ErrUnknownUnit}, {bytes, "many", ErrNotANumber},
		{bytes, "-5M", ErrRange}, {bytes, "99999999T", ErrRange}, {bytes, "", ErrNotANumber},
		{rate, "5", ErrNoUnit}, {rate, "5/y", ErrUnknownUnit}, {rate, "0/s", ErrRange},
		{share, "1", ErrNoUnit}, {share, "101%", ErrRange}, {share, "1x", ErrUnknownUnit},
		{duration, "120", ErrNoUnit}, {duration, "120x", ErrUnknownUnit}, {duration, "-1s", ErrRange}, {duration, "soon", ErrNotANumber},
		{cpus, "2x", ErrUnknownUnit}, {cpus, "-1", ErrRange},
	} {
		if got := c.parse(c.text); !errors.Is(got, c.want) {
			t.Errorf("%q: got %v, want %v", c.text, got, c.want)
		}
	}
}

func TestBytesString(t *testing.T) {
	for want, b := range map[string]Bytes{
		"1300M": 1300 * MiB, "4G": 4 * GiB, "4000M": 4000 * MiB, "1194M": 1194*MiB + 300*KiB, "12K": 12 * KiB, "7B": 7, "0B": 0,
		"-1252M": -1312952320, "-7B": -7,
	} {
		if got := b.String(); got != want {
			t.Errorf("%d prints %q, want %q", b, got, want)
		}
	}
}

func TestExactBytes(t *testing.T) {
	for bytes, want := range map[Bytes][2]string{
		0: {"0b", "0"}, 7: {"7b", "7"}, 64 * KiB: {"64K", "64Ki"}, 7*MiB + 512*KiB: {"7680K", "7680Ki"}, 1500 * MiB: {"1500M", "1500Mi"}, 1500*MiB + 1: {"1572864001b", "1572864001"},
		4 * GiB: {"4G", "4096Mi"}, 1536 * MiB: {"1536M", "1536Mi"}, 2 * TiB: {"2T", "2097152Mi"},
	} {
		if got := [2]string{bytes.Exact(), bytes.Kubernetes()}; got != want {
			t.Errorf("%d bytes: %v, want %v", bytes, got, want)
		}
		if back, err := ParseBytes(bytes.Exact()); err != nil || back != bytes {
			t.Errorf("%s is read as %d, %v", bytes.Exact(), back, err)
		}
		if back, err := ParseBytes(bytes.Kubernetes() + "b"); strings.HasSuffix(bytes.Kubernetes(), "i") && (err != nil || back != bytes) {
			t.Errorf("%s is read as %d, %v", bytes.Kubernetes(), back, err)
		}
	}
}

func TestRoundedBytes(t *testing.T) {
	for want, b := range map[string]Bytes{"24.0G": 24 * GiB, "23.4G": 23*GiB + 400*MiB, "0.5G": 512 * MiB} {
		if got := b.Machine(); got != want {
			t.Errorf("%d prints %q, want %q", b, got, want)
		}
	}
	for want, b := range map[string]Bytes{"0B": 0, "999B": 999, "0.977K": 1000, "1.5K": 1536, "1M": MiB, "123M": 123*MiB + 400*KiB, "3T": 3 * TiB, "4096T": 4096 * TiB} {
		if got := b.Traffic(); got != want {
			t.Errorf("%d prints %q, want %q", b, got, want)
		}
	}
}

func TestPercent(t *testing.T) {
	for want, share := range map[string]float64{
		"0 %": 0, "100 %": 1, "97 %": 0.97, "1.25 %": 0.0125, "12.3 %": 0.1234, "0.0123 %": 0.000123, "123 %": 1.2345, "-1.5 %": -0.015, "0.00001 %": 1e-7,
	} {
		if got := Percent(share); got != want {
			t.Errorf("%v prints %q, want %q", share, got, want)
		}
	}
}

func TestCPUs(t *testing.T) {
	for text, want := range map[string]CPUs{"0.5": 500, "500m": 500, "2": 2000, "0.1": 100} {
		if got, err := ParseCPUs(text); err != nil || got != want {
			t.Errorf("ParseCPUs(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	if got := CPUs(1250); got.String() != "1.25" || got.Nano() != 1_250_000_000 {
		t.Errorf("1250 thousandths: %s, %d", got, got.Nano())
	}
}

func TestDuration(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"0s": 0, "320µs": 320 * time.Microsecond, "8.4ms": 8400 * time.Microsecond, "84ms": 84 * time.Millisecond,
		"3.1s": 3100 * time.Millisecond, "41s": 41 * time.Second, "2m30s": 150 * time.Second, "1m": 59600 * time.Millisecond,
		"1h55m": 115 * time.Minute, "2h": 2 * time.Hour, "3s": 3 * time.Second, "-2562047h47m": math.MinInt64, "8ms": 8 * time.Millisecond, "10m": 10 * time.Minute,
	} {
		if got := Duration(d); got != want {
			t.Errorf("%v prints %q, want %q", d, got, want)
		}
	}
}

func TestAges(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30d": 30 * 24 * time.Hour, "2w": 14 * 24 * time.Hour, "0.5d": 12 * time.Hour, "12h": 12 * time.Hour, "1h30m": 90 * time.Minute,
	} {
		if got, err := ParseAge(text); got != want || err != nil {
			t.Errorf("%s: %v, %v; want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]error{"30": ErrNoUnit, "-1d": ErrRange, "-1h": ErrRange, "1y": ErrUnknownUnit, "d": ErrNotANumber} {
		if got, err := ParseAge(text); !errors.Is(err, want) {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
}
