package html

import (
	"encoding/xml"

	"plan/report/formats"
	"plan/runner/compare"
	"plan/runner/journal"
)

// Formats returns the forms of this package.
func Formats() []formats.Format {
	return []formats.Format{
		{Name: "html", Doc: "one page with pictures", Write: Write},
		{Name: "svg", Place: "DIR", Doc: "the pictures alone", Files: pictures},
	}
}

// ComparisonFormats returns the forms of this package for comparisons.
func ComparisonFormats() []formats.FormatOf[compare.Comparison] {
	return []formats.FormatOf[compare.Comparison]{
		{Name: "html", Doc: "one page with both runs in its pictures", Write: WriteComparison},
	}
}

// pictures are those of the page, each in a file that stands alone.
func pictures(run journal.Run) ([]formats.File, error) {
	var files []formats.File
	add := func(name string, c drawing) {
		files = append(files, formats.File{Name: formats.FileName(name) + ".svg", Text: xml.Header + c.SVG() + "\n"})
	}
	for _, s := range run.Stages {
		for _, c := range stageCharts(s) {
			add(c.name, c)
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
