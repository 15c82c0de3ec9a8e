// Package formats writes a run, as the journal has it, in the formats of files: JSON,
// CSV, JUnit's XML, Markdown, the CSV files of Locust. Their texts are those of package
// report. It knows nothing of how anything was run.
package formats
