package journal

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// Read puts a run together from its file. A last line that was cut off, as
// when the command was killed while writing it, is left out; without a line of
// its end the run is Unfinished.
func Read(path string) (Run, error) {
	file, err := os.Open(path)
	if err != nil {
		return Run{}, err
	}
	defer file.Close()
	run, err := fold(file)
	if err != nil {
		return Run{}, fmt.Errorf("%s: %w", path, err)
	}
	return run, nil
}

func fold(r io.Reader) (Run, error) {
	var (
		run    Run
		begun  bool
		ended  bool
		reader = bufio.NewReader(r)
	)
	for number := 1; ; number++ {
		text, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) { // what stands behind the last newline was cut off
			break
		}
		if err != nil {
			return Run{}, err
		}
		var line Line
		if err := json.Unmarshal(text, &line); err != nil {
			return Run{}, fmt.Errorf("line %d is damaged: %w", number, err)
		}
		if line.Run != nil && line.Run.FormatVersion != Format {
			return Run{}, fmt.Errorf("it has format %d, and this command reads format %d: use the command that wrote it", line.Run.FormatVersion, Format)
		}
		Apply(&run, line)
		begun, ended = begun || line.Run != nil, ended || line.End != nil
	}
	if !begun {
		return Run{}, errors.New("this is no journal of a run: its first line is missing")
	}
	run.Run.Unfinished = !ended
	return run, nil
}
