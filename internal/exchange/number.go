package exchange

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
)

// parseJSON parses a text with exactly one JSON value. Equal JSON values are
// deeply equal: 1, 1.0 and 1e0 are the same number.
func parseJSON(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("more than one value")
	}
	return parseNumbers(value), nil
}

// parseNumbers replaces each json.Number: by an int64 if it is an integer, else
// by a float64. A number that is too large for both remains text.
func parseNumbers(value any) any {
	switch value := value.(type) {
	case json.Number:
		if whole, err := strconv.ParseInt(string(value), 10, 64); err == nil {
			return whole
		}
		float, err := strconv.ParseFloat(string(value), 64)
		switch {
		case err != nil:
			return value
		case float == math.Trunc(float) && math.Abs(float) < 1<<63:
			return int64(float)
		}
		return float
	case []any:
		for i := range value {
			value[i] = parseNumbers(value[i])
		}
	case map[string]any:
		for name := range value {
			value[name] = parseNumbers(value[name])
		}
	}
	return value
}
