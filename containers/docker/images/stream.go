package images

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// streamLine is one line of the engine's stream while it pushes, pulls or loads an
// image.
type streamLine struct {
	ID          string                         `json:"id"` // of a layer
	Status      string                         `json:"status"`
	Detail      struct{ Current, Total int64 } `json:"progressDetail"`
	Aux         struct{ Digest string }        `json:"aux"`
	Error       string                         `json:"error"`
	ErrorDetail struct{ Message string }       `json:"errorDetail"`
}

// streamError is an error message that arrived in the stream.
type streamError string

func (t streamError) Error() string { return string(t) }

// readStream reads the stream to its end and returns the digest, "" where it has
// none: a push has it in a line of its own, a pull in a status. Errors arrive as
// lines, under HTTP status 200.
func readStream(stream io.Reader, progress *transfer) (string, error) {
	digest := ""
	lines := json.NewDecoder(bufio.NewReader(stream))
	for {
		var line streamLine
		err := lines.Decode(&line)
		switch {
		case errors.Is(err, io.EOF):
			progress.finish()
			return digest, nil
		case err != nil:
			return "", err
		case line.ErrorDetail.Message != "":
			return "", streamError(line.ErrorDetail.Message)
		case line.Error != "":
			return "", streamError(line.Error)
		case line.Aux.Digest != "":
			digest = line.Aux.Digest
		default:
			if word, ok := strings.CutPrefix(line.Status, "Digest: "); ok {
				digest = word
			}
			progress.update(line)
		}
	}
}
