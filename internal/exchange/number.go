package exchange

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
)

// parseJSON understands one JSON value and nothing after it. Values that are
// equal as JSON are deeply equal: 1, 1.0 and 1e0 are the same number.
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
	return native(value), nil
}

// native puts numbers in the place of their text.
func native(value any) any {
	switch value := value.(type) {
	case json.Number:
		return number(value)
	case []any:
		for i := range value {
			value[i] = native(value[i])
		}
	case map[string]any:
		for name := range value {
			value[name] = native(value[name])
		}
	}
	return value
}

// number is an int64 where the number is one, and a float64 otherwise. One that
// is too large for both stays a text.
func number(text json.Number) any {
	if whole, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		return whole
	}
	float, err := strconv.ParseFloat(string(text), 64)
	switch {
	case err != nil:
		return text
	case float == math.Trunc(float) && math.Abs(float) < 1<<63:
		return int64(float)
	}
	return float
}
