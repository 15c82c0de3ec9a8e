package kubernetes

import (
	"reflect"
	"slices"
	"testing"

	"plan/containers"
	"plan/internal/filled"
	"plan/plans"
)

// notInPods are the fields of a spec that a pod does not get, with what a plan reads of them.
var notInPods = map[string]string{
	"Further":       "names are Services of the namespace: see Cluster.Start",
	"Replica":       "the name of the pod",
	"Volumes.Bind":  "P0443: a pod has no files of this machine",
	"Tmpfs.Options": "P0443: a file system in memory has no mount options",
	"Ulimits":       "P0443: a pod has those of its node's runtime",
	"GPUs":          "P0443: GPUs are not supported",
	"Files":         "the agent's pod gets its files over its standard input",
	"Networks":      "all pods of a namespace reach each other; P0443 for external ones",
	"Ports":         "P0443: ports are not published on a host",
	"Restart":       "P0443: a pod of a trial is never restarted",
	"Limits.PIDs":   "podHas of its dimension, which P0443 prints",
}

func TestEveryFieldOfASpecIsInThePod(t *testing.T) {
	spec := &containers.Spec{User: "1000:2000", Role: containers.Helper, Volumes: []containers.Volume{{Source: "models", ReadOnly: true}, {Source: "cache"}}}
	filled.Fill(spec)
	filled.Hold(t, notInPods, filled.Case{Of: spec, Gives: func() any {
		c := testCluster(t, Options{})
		c.claims["models"], c.claims["models-other"], c.claims["cache"] = true, true, true
		pod, hidden, err := c.podOf("p", *spec)
		if err != nil {
			return err.Error()
		}
		return []any{pod, hidden}
	}})
}

// TestEveryLimitIsInThePod: what is read back from a pod is what was asked for. A limit that pods lack says so in
// the table of dimensions, so that a plan that has it is refused.
func TestEveryLimitIsInThePod(t *testing.T) {
	for _, field := range reflect.VisibleFields(reflect.TypeFor[containers.Limits]()) {
		var limits containers.Limits
		reflect.ValueOf(&limits).Elem().FieldByIndex(field.Index).SetInt(64_000_000)
		pod, _, err := testCluster(t, Options{}).podOf("p", containers.Spec{Limits: limits})
		if err != nil {
			t.Fatal(err)
		}
		lacking := slices.ContainsFunc(plans.Dimensions(), func(d plans.Dimension) bool {
			return d.PodHas() != "" && plans.Settings{Limits: plans.Limits(limits)}.Get(d) != 0
		})
		if got := limitsOf(pod); (got == limits) == lacking {
			t.Errorf("%+v became %+v: see resourcesOf and limitsOf, or podHas of the dimension", limits, got)
		}
	}
}
