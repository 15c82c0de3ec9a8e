package journal

import (
	"cmp"
	"maps"
	"strings"
)

// Apply folds a line into the record of a run. All records are made by it, during a
// run and when its file is read.
func Apply(r *Run, line Line) {
	if line.Run != nil {
		*r = *line.Run
	}
	if line.Image != nil {
		r.Images = append(r.Images, *line.Image)
	}
	if line.Inputs != nil {
		r.Inputs = line.Inputs
		r.Run.Host.Local = r.Run.Host.Local || line.Inputs.Local
	}
	if line.Resume != nil {
		r.Run.Resumed = append(r.Run.Resumed, *line.Resume)
	}
	if s := line.Stage; s != nil { // a new one, or its answer: its trials have lines of their own
		if old := r.stage(s.Address); old == nil {
			r.Stages = append(r.Stages, *s)
		} else {
			trials := old.Trials
			*old = *s
			old.Trials = trials
		}
	}
	if t := line.Trial; t != nil { // of the stage that its id names
		r.Run.Seconds = max(r.Run.Seconds, r.Run.Elapsed(t.Started)+t.Seconds.Total)
		address := t.ID[:max(0, strings.LastIndex(t.ID, "/"))]
		s := r.stage(address)
		if s == nil {
			r.Stages = append(r.Stages, Stage{Address: address})
			s = &r.Stages[len(r.Stages)-1]
		}
		if i := s.Find(t.ID); i >= 0 { // later trials may have changed its verdict
			s.Trials[i] = *t
		} else {
			s.Trials = append(s.Trials, *t)
		}
	}
	if line.End != nil {
		r.Run = ended(r.Run, *line.End)
	}
	if line.Outputs != nil {
		r.Outputs = maps.Clone(line.Outputs)
	}
}

func (r *Run) stage(address string) *Stage {
	for i := range r.Stages {
		if r.Stages[i].Address == address {
			return &r.Stages[i]
		}
	}
	return nil
}

// ended returns the header of the last line, with what only the first line has.
func ended(begun, end Header) Header {
	end.ID = cmp.Or(end.ID, begun.ID)
	if end.Started.IsZero() {
		end.Started = begun.Started
	}
	if end.Host == (Host{}) {
		end.Host = begun.Host
	}
	end.Resumed = begun.Resumed
	return end
}
