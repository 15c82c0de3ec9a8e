package lang

import (
	"maps"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"plan/internal/english"
	"plan/internal/units"
	"plan/plans"
)

// dimensionRow is what the language says of a dimension.
type dimensionRow struct {
	attribute          // what sets it; in its doc %s is "Most" in limits, and "Limit" in set
	words     []string // that other tools have for it
	// members of found and recommended, by name; nil: no search can vary it.
	members func(int64) map[string]cty.Value
}

// dimensionRows has a row for each of Dimensions, in their order.
var dimensionRows = []dimensionRow{
	{
		attribute: attribute{name: string(plans.Memory), typ: typeSize, doc: "%s of memory, as Docker reads it: M is 1024 x 1024 bytes. Swap is never added."},
		words:     []string{"mem_limit", "mem", "ram", "memory_limit", "mem_reservation"},
		members: func(v int64) map[string]cty.Value {
			return map[string]cty.Value{"memory": cty.StringVal(units.Bytes(v).Exact()), "memory_bytes": cty.NumberIntVal(v)}
		},
	},
	{
		attribute: attribute{name: string(plans.CPUs), typ: typeCPUs, doc: `%s of CPU: a number, or thousandths as "500m".`},
		words:     []string{"cpu", "cpu_count", "cpu_limit", "cpu_quota", "cpu_period", "nano_cpus", "cores"},
		members: func(v int64) map[string]cty.Value {
			return map[string]cty.Value{"cpus": cty.MustParseNumberVal(units.CPUs(v).String())}
		},
	},
	{
		attribute: attribute{name: string(plans.PIDs), typ: typePIDs, doc: "%s processes and threads at the same time; the kernel refuses to start more. A stage can neither set nor vary it."},
		words:     []string{"pids_limit", "pids-limit", "pid_limit", "max_pids", "nproc", "podPidsLimit"},
	},
	{
		attribute: attribute{name: string(plans.Replicas), typ: typeReplicas, doc: "Containers behind the service's name, each with these limits; users go to them in turns.", otherwise: "1", example: "2"},
		words:     []string{"scale", "replica", "replica_count", "replicaCount", "instances", "minReplicas"},
	},
}

// unlimited are words of a service in Compose for limits that the table lacks.
var unlimited = map[string]bool{
	"blkio_config": true, "cpuset": true, "oom_kill_disable": true, "oom_score_adj": true,
}

// rowOf is the row of a dimension; an empty one of any other word.
func rowOf(d plans.Dimension) dimensionRow {
	i := slices.IndexFunc(dimensionRows, func(row dimensionRow) bool { return row.name == string(d) })
	if i < 0 {
		return dimensionRow{}
	}
	return dimensionRows[i]
}

// standsIn reports whether a dimension is an attribute of limits, set or service.
func standsIn(d plans.Dimension, block string) bool {
	switch block {
	case "limits":
		return d.OfContainer()
	case "service":
		return !d.OfContainer()
	case "set":
		return slices.Contains(plans.Settable(), d)
	}
	return false
}

// readDimension is the value of an attribute that is an amount of a dimension.
func readDimension(r *decodedBlock, attribute string) int64 {
	switch v := r.values[attribute].(type) {
	case units.Bytes:
		return int64(v)
	case units.CPUs:
		return int64(v)
	case int:
		return int64(v)
	}
	return 0
}

// searchedType is the type of a dimension that a search can vary; nil of any
// other word.
func searchedType(label string) *attrType {
	if slices.Contains(plans.Searchable(), plans.Dimension(label)) {
		return rowOf(plans.Dimension(label)).typ
	}
	return nil
}

// dimensionTypeNames are what the types of the searchable dimensions are called.
func dimensionTypeNames() []string {
	var names []string
	for _, d := range plans.Searchable() {
		names = append(names, rowOf(d).typ.name)
	}
	return names
}

// namesOf writes each dimension between two marks.
func namesOf(list []plans.Dimension, mark string) []string {
	var names []string
	for _, d := range list {
		names = append(names, mark+string(d)+mark)
	}
	return names
}

// membersDoc lists the members of found and recommended.
func membersDoc() string {
	var list []string
	for _, d := range plans.Searchable() {
		members := rowOf(d).members(0)
		for _, name := range slices.Sorted(maps.Keys(members)) {
			text := "`" + name + "`"
			if members[name].Type().FriendlyName() == "string" {
				text += " as text"
			}
			list = append(list, text)
		}
	}
	return strings.Join(list, ", ")
}

// marginDoc says of what more is recommended than was found.
func marginDoc() string {
	var nouns []string
	for _, d := range plans.Searchable() {
		if d.Margin() {
			nouns = append(nouns, d.Noun())
		}
	}
	return "How much more " + english.Or(nouns) + " than `found` is recommended, up to the grid and at most `to`. One short trial is made there. Other dimensions are recommended as found."
}

// unsettable says where the limits stand that no stage can set.
func unsettable() map[string]string {
	words := map[string]string{}
	for _, d := range plans.Dimensions() {
		if !standsIn(d, "set") {
			words[string(d)] = "no stage can set it: it stands in limits of the service"
		}
	}
	return words
}

// ofDimensions adds the words that other tools have for dimensions.
func ofDimensions(words map[string][]string) map[string][]string {
	for _, row := range dimensionRows {
		for _, word := range row.words {
			words[word] = append(words[word], row.name)
		}
	}
	return words
}
