package journal

import (
	"bytes"
	"fmt"
	"hash/crc32"
)

// The last member of a line is the checksum of the bytes before it: CRC-32C, in hex.
const (
	sumKey    = `,"sum":"`
	sumEnd    = `"}`
	sumLength = 8
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func sum(content []byte) string { return fmt.Sprintf("%08x", crc32.Checksum(content, castagnoli)) }

// withSum returns the line of a JSON object, with its checksum and a newline.
func withSum(object []byte) []byte {
	content := bytes.TrimSuffix(object, []byte("}"))
	return fmt.Appendf(nil, "%s%s%s%s\n", content, sumKey, sum(content), sumEnd)
}

// split returns what the checksum of a line covers; false if the line has none.
func split(line []byte) (content []byte, ok bool) {
	at := len(line) - len(sumKey) - sumLength - len(sumEnd)
	if at < 0 || !bytes.HasPrefix(line[at:], []byte(sumKey)) || !bytes.HasSuffix(line, []byte(sumEnd)) {
		return nil, false
	}
	return line[:at], true
}
