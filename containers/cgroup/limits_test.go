package cgroup

import (
	"testing"

	"plan/containers"
	"plan/internal/units"
)

func TestLimitsInForce(t *testing.T) {
	asked := containers.Limits{Memory: 100 * units.MiB, CPUs: 500, PIDs: 64}
	v1 := func(memory, quota, pids string) map[string]string {
		return map[string]string{"memory.limit_in_bytes": memory, "cpu.cfs_quota_us": quota, "cpu.cfs_period_us": "100000\n", "pids.max": pids}
	}
	v2 := func(memory, cpu, pids string) map[string]string {
		return map[string]string{"memory.max": memory, "cpu.max": cpu, "pids.max": pids}
	}
	for _, c := range []struct {
		name    string
		version int
		files   map[string]string
		told    containers.Limits
		want    containers.Limits
	}{
		{"as told", 1, v1("104857600\n", "50000\n", "64\n"), asked, asked},
		{"as told", 2, v2("104857600\n", "50000 100000\n", "64\n"), asked, asked},
		{"others", 1, v1("52428800\n", "25000\n", "9\n"), asked, containers.Limits{Memory: 50 * units.MiB, CPUs: 250, PIDs: 9}},
		{"others", 2, v2("52428800\n", "25000 100000\n", "9\n"), asked, containers.Limits{Memory: 50 * units.MiB, CPUs: 250, PIDs: 9}},
		{"none are left", 1, v1("9223372036854771712\n", "-1\n", "max\n"), asked, containers.Limits{}},
		{"none are left", 2, v2("max\n", "max 100000\n", "max\n"), asked, containers.Limits{}},
		{"none were asked for", 1, v1("9223372036854771712\n", "-1\n", "max\n"), containers.Limits{}, containers.Limits{}},
		{"none were asked for", 2, v2("52428800\n", "25000 100000\n", "9\n"), containers.Limits{}, containers.Limits{Memory: 50 * units.MiB, CPUs: 250, PIDs: 9}},
		{"rounded to pages", 2, v2("104853504\n", "50000 100000\n", "64\n"), containers.Limits{Memory: 100*units.MiB - 1, CPUs: 500, PIDs: 64},
			containers.Limits{Memory: 100*units.MiB - 1, CPUs: 500, PIDs: 64}},
		{"a page less", 2, v2("104853504\n", "50000 100000\n", "64\n"), asked, containers.Limits{Memory: 100*units.MiB - 4096, CPUs: 500, PIDs: 64}},
		{"rounded by systemd", 2, v2("104857600\n", "34000 100000\n", "64\n"), containers.Limits{Memory: 100 * units.MiB, CPUs: 331, PIDs: 64},
			containers.Limits{Memory: 100 * units.MiB, CPUs: 331, PIDs: 64}},
		{"a hundredth more", 2, v2("104857600\n", "51000 100000\n", "64\n"), asked, containers.Limits{Memory: 100 * units.MiB, CPUs: 510, PIDs: 64}},
		{"another period", 1, map[string]string{"cpu.cfs_quota_us": "50000", "cpu.cfs_period_us": "50000"}, asked, containers.Limits{Memory: 100 * units.MiB, CPUs: 1000, PIDs: 64}},
		{"nothing can be read", 1, nil, asked, asked},
		{"nothing can be read", 2, map[string]string{"memory.max": "?", "cpu.max": "?", "pids.max": "?"}, asked, asked},
		{"no period", 1, map[string]string{"cpu.cfs_quota_us": "50000"}, asked, asked},
	} {
		if _, group := version(t, c.version, c.files); group.InForce(c.told) != c.want {
			t.Errorf("%s, version %d: %+v, want %+v", c.name, c.version, group.InForce(c.told), c.want)
		}
	}
}
