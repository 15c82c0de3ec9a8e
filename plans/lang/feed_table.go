package lang

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"plan/internal/english"
	"plan/internal/exchange"
)

// table is what is in the file of a feed.
type table struct {
	columns []string
	rows    [][]json.RawMessage // by column; a text is a JSON string
}

// readTable reads CSV with a header line, or JSON lines, as the file's name
// says. Errors name the line.
func readTable(file string, data []byte) (*table, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		return nil, errors.New("the file is not UTF-8 text")
	}
	t := &table{}
	read := t.readLines
	if strings.EqualFold(filepath.Ext(file), ".csv") {
		read = t.readCSV
	}
	if err := read(data); err != nil {
		return nil, err
	}
	switch {
	case len(t.rows) == 0:
		return nil, errors.New("the file has no rows")
	case len(t.columns) == 0:
		return nil, errors.New("the file has no columns")
	}
	return t, t.named()
}

// named refuses columns that cannot be told apart or asked for.
func (t *table) named() error {
	seen := make(map[string]bool, len(t.columns))
	for i, name := range t.columns {
		switch {
		case strings.TrimSpace(name) == "":
			return fmt.Errorf("line 1: column %d has no name", i+1)
		case seen[name]:
			return fmt.Errorf("line 1: two columns have the name %q", name)
		case reserved(name):
			return fmt.Errorf("line 1: the name %q has a character that marks values of feeds", name)
		}
		seen[name] = true
	}
	return nil
}

func (t *table) readCSV(data []byte) error {
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	for {
		record, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if fault := (*csv.ParseError)(nil); errors.As(err, &fault) {
			return fmt.Errorf("line %d: %w", fault.Line, fault.Err)
		}
		switch line, _ := r.FieldPos(0); {
		case t.columns == nil:
			t.columns = record
		case len(record) != len(t.columns):
			return fmt.Errorf("line %d has %s, but the first line names %s", line, english.Count(len(record), "value"), english.Count(len(t.columns), "column"))
		default:
			t.rows = append(t.rows, texts(record))
		}
	}
}

// texts are values as JSON strings.
func texts(values []string) []json.RawMessage {
	var list []json.RawMessage
	for _, value := range values {
		text, _ := json.Marshal(value) // a string can be encoded
		list = append(list, text)
	}
	return list
}

// readLines reads an object from each line that is not empty; all must have
// the names of the first one.
func (t *table) readLines(data []byte) error {
	n := 0
	for line := range bytes.Lines(data) {
		n++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal(line, &object); err != nil || object == nil {
			return fmt.Errorf("line %d is not a JSON object", n)
		}
		if t.rows == nil {
			t.columns = slices.Sorted(maps.Keys(object))
		}
		row, err := t.row(object)
		if err != nil {
			return fmt.Errorf("line %d %w", n, err)
		}
		t.rows = append(t.rows, row)
	}
	return nil
}

// row are the values of an object by column.
func (t *table) row(object map[string]json.RawMessage) ([]json.RawMessage, error) {
	var row []json.RawMessage
	for _, name := range t.columns {
		value, there := object[name]
		if !there {
			return nil, fmt.Errorf("has no %q, but the lines before it have", name)
		}
		row = append(row, value)
	}
	if len(object) == len(t.columns) {
		return row, nil
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if _, known := slices.BinarySearch(t.columns, name); !known { // readLines sorted them
			return nil, fmt.Errorf("has %q, but the lines before it have not", name)
		}
	}
	return row, nil
}

// reserved says whether a text has characters that holes are marked with.
func reserved(text string) bool {
	return strings.ContainsAny(text, exchange.PlaceholderBegin+exchange.PlaceholderEnd)
}
