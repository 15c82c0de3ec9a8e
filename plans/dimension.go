package plans

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"plan/internal/english"
	"plan/internal/units"
)

// Dimension is a row of the table of what a service can be limited in: its name
// in plans, conditions, journals and reports. Values are whole numbers of its
// smallest unit.
type Dimension string

// The dimensions.
const (
	Memory   Dimension = "memory"   // bytes
	CPUs     Dimension = "cpus"     // thousandths of a CPU
	PIDs     Dimension = "pids"     // processes and threads
	Replicas Dimension = "replicas" // containers
)

// Limits are what each container of a service may use; 0 means no limit. They
// convert into containers.Limits, which has the same fields.
type Limits struct {
	Memory units.Bytes
	CPUs   units.CPUs
	PIDs   int // processes and threads
}

// Settings are the values of all dimensions. 0 means not given.
type Settings struct {
	Limits
	Replicas int // containers behind the service's name; not given means one
}

// Containers returns the number of containers of a trial with these settings.
func (s Settings) Containers() int { return max(1, s.Replicas) }

// dimension is a row of the table.
type dimension struct {
	id       Dimension
	own      string // attribute of a service that sets it, as Stage.Unknown names it
	settable bool   // a stage can set it
	search   bool   // a search can vary it
	margin   bool   // and recommends it with the margin; else as found
	noun     string // for people: "least memory", "not CPU"
	slot     slot
	scale    float64 // smallest units in 1 of the number that JSON has
	unsaid   int64   // up to this a value needs no mention
	podHas   string  // what a pod of Kubernetes has instead; "": the same limit
	print    func(int64) string
	text     func(int64) string // print, with its unit where print has none
}

// dimensions is the table: what package lang and the checks have besides of a
// dimension, they have by its name.
var dimensions = []dimension{
	{
		id: Memory, own: "service.limits.memory", settable: true, search: true, margin: true, noun: "memory",
		slot: at(func(s *Settings) *units.Bytes { return &s.Memory }), scale: 1, print: bytesShort, text: bytesShort,
	},
	{
		id: CPUs, own: "service.limits.cpus", settable: true, search: true, noun: "CPU",
		slot: at(func(s *Settings) *units.CPUs { return &s.CPUs }), scale: 1000,
		print: cpusShort, text: func(v int64) string { return cpusShort(v) + " CPU" },
	},
	{
		id: PIDs, own: "service.limits.pids", noun: "processes and threads",
		slot: at(func(s *Settings) *int { return &s.PIDs }), scale: 1,
		podHas: "a pod has no limit of processes: the kubelet has one for all of them",
		print:  countShort, text: func(v int64) string { return english.Count(int(v), "PID") },
	},
	{
		id: Replicas, own: "service.replicas", settable: true, search: true, noun: "replicas",
		slot: at(func(s *Settings) *int { return &s.Replicas }), scale: 1, unsaid: 1,
		print: countShort, text: func(v int64) string { return english.Count(int(v), "replica") },
	},
}

func bytesShort(v int64) string { return units.Bytes(v).String() }
func cpusShort(v int64) string  { return units.CPUs(v).String() }
func countShort(v int64) string { return strconv.FormatInt(v, 10) }

// slot reads and writes a dimension of Settings.
type slot struct {
	get func(Settings) int64
	put func(*Settings, int64)
}

// at is the slot of the field of Settings that holds the dimension.
func at[T ~int | ~int64](of func(*Settings) *T) slot {
	return slot{
		get: func(s Settings) int64 { return int64(*of(&s)) },
		put: func(s *Settings, v int64) { *of(s) = T(v) },
	}
}

// row of the dimension. One that the table lacks, as in a journal by a later
// edition of the command, is a plain number by its own name.
func (d Dimension) row() dimension {
	for _, row := range dimensions {
		if row.id == d {
			return row
		}
	}
	return dimension{
		id: d, noun: string(d), slot: at(func(*Settings) *int { return new(int) }), scale: 1,
		print: countShort, text: countShort,
	}
}

// Dimensions returns all of them, in the order of the reference.
func Dimensions() []Dimension { return chosen(func(dimension) bool { return true }) }

// Searchable returns those that a search can vary.
func Searchable() []Dimension { return chosen(func(r dimension) bool { return r.search }) }

// Settable returns those that a stage can set. They are members of trial.
func Settable() []Dimension { return chosen(func(r dimension) bool { return r.settable }) }

// chosen lists the dimensions of some rows.
func chosen(is func(dimension) bool) []Dimension {
	var list []Dimension
	for _, row := range dimensions {
		if is(row) {
			list = append(list, row.id)
		}
	}
	return list
}

// OfContainer reports whether it limits each container by itself.
func (d Dimension) OfContainer() bool { return strings.HasPrefix(d.row().own, "service.limits.") }

// PodHas returns what a pod of Kubernetes has instead of the limit; "" where it has the same.
func (d Dimension) PodHas() string { return d.row().podHas }

// Noun is what people call it: "memory", "CPU".
func (d Dimension) Noun() string { return d.row().noun }

// Margin reports whether a search recommends more of it than it found.
func (d Dimension) Margin() bool { return d.row().margin }

// Number is a value as JSON has it: bytes, CPUs, a count.
func (d Dimension) Number(value int64) float64 { return float64(value) / d.row().scale }

// Value is the value of a number that JSON has.
func (d Dimension) Value(number float64) int64 { return int64(math.Round(number * d.row().scale)) }

// Short prints a value beside the dimension's name: "1300M", "0.5", "2".
func (d Dimension) Short(value int64) string { return d.row().print(value) }

// Text prints a value that stands alone: "1300M", "0.5 CPU", "2 replicas".
func (d Dimension) Text(value int64) string { return d.row().text(value) }

// Get is the value of a dimension; 0 where it is not given.
func (s Settings) Get(d Dimension) int64 { return d.row().slot.get(s) }

// Put sets the value of a dimension.
func (s *Settings) Put(d Dimension, value int64) { d.row().slot.put(s, value) }

// Texts prints every dimension that is given, one text each. A single replica
// is not told.
func (s Settings) Texts() []string {
	var texts []string
	for _, row := range dimensions {
		if v := row.slot.get(s); v > row.unsaid {
			texts = append(texts, row.text(v))
		}
	}
	return texts
}

// Together prints what is given of what a search can vary: "1300M", "2 replicas",
// "2 × 0.5 CPU × 1300M".
func (s Settings) Together() string {
	var texts []string
	for _, d := range []Dimension{Replicas, CPUs, Memory} {
		if v := s.Get(d); v != 0 {
			texts = append(texts, d.Text(v))
		}
	}
	if len(texts) > 1 && s.Replicas != 0 {
		texts[0] = Replicas.Short(int64(s.Replicas))
	}
	return strings.Join(texts, " × ")
}

// Over returns the settings where they are given, and else those below.
func (s Settings) Over(below Settings) Settings {
	for _, d := range Dimensions() {
		if v := s.Get(d); v != 0 {
			below.Put(d, v)
		}
	}
	return below
}

// Limits are the settings of a trial of the stage before the searched dimension
// is put in: set over those of the service.
func (s Stage) Limits() Settings { return s.Set.Over(s.Service.Limits) }

// LimitUnknown reports whether a dimension that the stage does not search is
// known only when it runs.
func (s Stage) LimitUnknown(d Dimension) bool {
	if _, varied := s.Varied(d); varied {
		return false
	}
	own := slices.Contains(s.Unknown, d.row().own) && s.Set.Get(d) == 0
	return own || slices.Contains(s.Unknown, "set."+string(d))
}
