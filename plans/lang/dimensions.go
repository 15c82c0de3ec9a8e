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
	attribute                   // what sets it
	words     []string          // that other tools have for it
	grid      map[string]string // examples of the attributes of vary
	// members of found and recommended, by name; nil: no search can vary it.
	members func(int64) map[string]cty.Value
}

// dimensionRows has a row for each of Dimensions, in their order.
var dimensionRows = []dimensionRow{
	{
		attribute: attribute{name: string(plans.Memory), typ: typeSize,
			doc: "Limit on memory, in the units of Docker: M is 1024 x 1024 bytes. Containers get no swap."},
		words: []string{"mem_limit", "mem", "ram", "memory_limit", "mem_reservation"},
		members: func(v int64) map[string]cty.Value {
			return map[string]cty.Value{"memory": cty.StringVal(units.Bytes(v).Exact()), "memory_bytes": cty.NumberIntVal(v)}
		},
		grid: map[string]string{"from": `"500M"`, "to": `"2G"`, "step": `"100M"`},
	},
	{
		attribute: attribute{name: string(plans.CPUs), typ: typeCPUs,
			doc: `Limit on CPU: a number, or millicores, as in Kubernetes: "500m".`},
		words: []string{"cpu", "cpu_count", "cpu_limit", "cpu_quota", "cpu_period", "nano_cpus", "cores"},
		members: func(v int64) map[string]cty.Value {
			return map[string]cty.Value{"cpus": cty.MustParseNumberVal(units.CPUs(v).String())}
		},
		grid: map[string]string{"from": "0.25", "to": "2", "step": "0.25"},
	},
	{
		attribute: attribute{name: string(plans.PIDs), typ: wholeFrom(1, 4_194_304, "200"), // the most that Linux can have
			doc: "Limit on processes and threads at the same time; the kernel refuses to start more. A stage can neither set nor vary it."},
		words: []string{"pids_limit", "pids-limit", "pid_limit", "max_pids", "nproc", "podPidsLimit"},
	},
	{
		attribute: attribute{name: string(plans.Replicas), typ: typeReplicas,
			doc: "Containers behind the service's name, each with these limits; users are assigned to them in turn.", otherwise: "1", example: "2"},
		members: func(v int64) map[string]cty.Value {
			return map[string]cty.Value{"replicas": cty.NumberIntVal(v)}
		},
		grid:  map[string]string{"from": "1", "to": "4", "step": "1"},
		words: []string{"scale", "replica", "replica_count", "replicaCount", "instances", "minReplicas"},
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
	case "at_most":
		return slices.Contains(plans.Searchable(), d)
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
func namesOf[T ~string](list []T, mark string) []string {
	var names []string
	for _, name := range list {
		names = append(names, mark+string(name)+mark)
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
				text += " as string"
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
	return "How much more " + english.Or(nouns) + " than `found` to recommend, rounded up to the grid, at most `to`. One short trial runs there. For other dimensions the recommendation is `found`."
}

// unsettable says where the limits stand that no stage can set.
func unsettable() map[string]string {
	words := map[string]string{}
	for _, d := range plans.Dimensions() {
		if !standsIn(d, "set") {
			words[string(d)] = "write it in limits of the service: a stage cannot set it"
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
