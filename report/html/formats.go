package html

import (
	"encoding/xml"
	"strings"

	"plan/report"
	"plan/runner/journal"
)

// Formats returns the forms of this package.
func Formats() []report.Format {
	return []report.Format{
		{Name: "html", Doc: "one page with pictures", Write: Write},
		{Name: "svg", Place: "DIR", Doc: "the pictures alone", Files: pictures},
	}
}

// pictures are those of the page, each in a file that stands alone.
func pictures(run journal.Run) ([]report.File, error) {
	var files []report.File
	add := func(name string, c drawing) {
		files = append(files, report.File{Name: fileName(name) + ".svg", Text: xml.Header + c.SVG() + "\n"})
	}
	for _, s := range run.Stages {
		if c := stageChart(s); c != nil {
			add(s.Address, c)
		}
		for _, t := range s.Trials {
			if c := timeline(s, t); !c.Empty() {
				add(t.ID, c)
			}
			if c, measured := latencies(t); measured {
				add(t.ID+"-latency", c)
			}
		}
	}
	return files, nil
}

// fileName is a name of a stage or trial as one of a file.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, name)
}
