package images

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// streamLine is one line of what the engine tells while it pushes, pulls or
// loads an image.
type streamLine struct {
	ID          string                         `json:"id"` // of a layer
	Status      string                         `json:"status"`
	Detail      struct{ Current, Total int64 } `json:"progressDetail"`
	Aux         struct{ Digest string }        `json:"aux"`
	Error       string                         `json:"error"`
	ErrorDetail struct{ Message string }       `json:"errorDetail"`
}

// told is a fault that arrived in the stream: the engine lives, and says it.
type told string

func (t told) Error() string { return string(t) }

// readStream reads to the end and gives the digest, "" if none was told: of a
// push it has a line of its own, of a pull it stands in a status. Faults arrive
// as lines, under status 200.
func readStream(stream io.Reader, progress *transfer) (string, error) {
	digest := ""
	lines := json.NewDecoder(bufio.NewReader(stream))
	for {
		var line streamLine
		err := lines.Decode(&line)
		switch {
		case errors.Is(err, io.EOF):
			progress.end()
			return digest, nil
		case err != nil:
			return "", err
		case line.ErrorDetail.Message != "":
			return "", told(line.ErrorDetail.Message)
		case line.Error != "":
			return "", told(line.Error)
		case line.Aux.Digest != "":
			digest = line.Aux.Digest
		default:
			if word, ok := strings.CutPrefix(line.Status, "Digest: "); ok {
				digest = word
			}
			progress.take(line)
		}
	}
}
