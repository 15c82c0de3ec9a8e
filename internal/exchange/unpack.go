package exchange

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"strings"
	"sync"

	"plan/internal/mask"
)

// unpacker decompresses bodies. It is safe for concurrent use.
type unpacker struct {
	gzips sync.Pool // of *gzip.Reader
	mask  *mask.Mask
}

// unpack decompresses a body. encoding holds the values of Content-Encoding,
// separated by commas or line ends.
func (u *unpacker) unpack(encoding string, body []byte) ([]byte, error) {
	switch coding := strings.ToLower(coding(encoding)); {
	case coding == "" || len(body) == 0: // a response to HEAD has no body
		return body, nil
	case coding == "gzip" || coding == "x-gzip":
		from, ok := u.gzips.Get().(*gzip.Reader)
		if !ok {
			from = new(gzip.Reader)
		}
		defer u.gzips.Put(from)
		if err := from.Reset(bytes.NewReader(body)); err != nil {
			return nil, fmt.Errorf("the body cannot be decompressed: %w", err)
		}
		return readAll(from)
	case coding == "deflate":
		from, err := zlib.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, fmt.Errorf("the body cannot be decompressed: %w", err)
		}
		return readAll(from)
	}
	return nil, fmt.Errorf("Content-Encoding %s is not supported: checks decompress gzip and deflate only",
		shorten(u.mask, []byte(coding(encoding))))
}

func readAll(from io.Reader) ([]byte, error) {
	plain, err := io.ReadAll(io.LimitReader(from, BodyLimit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the body cannot be decompressed: %w", err)
	case len(plain) > BodyLimit:
		return nil, fmt.Errorf("the decompressed body exceeds the %d bytes that can be checked", BodyLimit)
	}
	return plain, nil
}

// coding returns the content codings without identity.
func coding(encoding string) string {
	codings := strings.FieldsFunc(encoding, func(c rune) bool { return strings.ContainsRune(", \t\n", c) })
	var does []string
	for _, coding := range codings {
		if !strings.EqualFold(coding, "identity") {
			does = append(does, coding)
		}
	}
	return strings.Join(does, ", ")
}
