package lang

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// body is what a request sends, and of which type.
type body struct {
	data   []byte
	media  string // "" says nothing
	itself bool   // nothing but it knows its type
}

// buildBody makes the one body that a request has, or none.
func (b *builder) buildBody(r *decodedBlock) body {
	switch {
	case r.has("body"):
		return body{data: []byte(r.feeds.text(get[string](r, "body")))}
	case r.has("json"):
		return body{data: r.feeds.json(get[cty.Value](r, "json")), media: "application/json"}
	case r.has("form"):
		return body{data: []byte(r.feeds.encode(get[[]field](r, "form"))), media: "application/x-www-form-urlencoded"}
	case r.has("multipart"):
		if given := get[map[string]string](r, "headers"); given[sameHeader(given, "Content-Type")] != "" {
			b.diags.error("P0107", r.rangeOf("headers"),
				"a multipart body sets its content type itself, because it contains the boundary of the parts", "remove Content-Type from headers")
		}
		return b.buildMultipart(r)
	case r.has("file"):
		name := get[string](r, "file")
		data, _ := b.decoder.content(name, maxData, r.rangeOf("file"))
		return body{data: data, media: mediaType(name)}
	}
	return body{}
}

// headers are those of a request with this body: the scenario's, and over them
// its own.
func (b body) headers(common, own map[string]string) map[string]string {
	if b.media == "" {
		return overlaid(common, own)
	}
	media := map[string]string{"Content-Type": b.media}
	if b.itself {
		return overlaid(overlaid(common, own), media)
	}
	return overlaid(media, overlaid(common, own))
}

// encode writes a value as JSON; toJSON has refused what has none.
func encode(v cty.Value) []byte {
	text, _ := json.Marshal(ctyjson.SimpleJSONValue{Value: v})
	return text
}

// encode writes names and values as a query or a form has them.
func (f *feeds) encode(fields []field) string {
	var pairs []string
	for _, x := range fields {
		pairs = append(pairs, url.QueryEscape(x.name)+"="+f.field(x.value))
	}
	return strings.Join(pairs, "&")
}

// buildMultipart writes texts and files, sorted by name.
func (b *builder) buildMultipart(r *decodedBlock) body {
	var parts [][]byte
	var heads []textproto.MIMEHeader
	for _, p := range get[[]part](r, "multipart") {
		head, data := textproto.MIMEHeader{}, []byte(r.feeds.text(p.value))
		disposition := `form-data; name="` + quoteName(p.name) + `"`
		if p.file != "" {
			disposition += `; filename="` + quoteName(filepath.Base(p.file)) + `"`
			head.Set("Content-Type", p.media)
			if p.media == "" {
				head.Set("Content-Type", mediaType(p.file))
			}
			data, _ = b.decoder.content(p.file, maxData, r.rangeOf("multipart"))
		}
		head.Set("Content-Disposition", disposition)
		heads, parts = append(heads, head), append(parts, data)
	}
	var text bytes.Buffer
	w := multipart.NewWriter(&text)
	// The boundary is always the same for the same parts, and stands in none of
	// them: it is made of their digest. It is of letters and digits.
	sum := sha256.Sum256(bytes.Join(parts, []byte{0}))
	_ = w.SetBoundary("plan" + hex.EncodeToString(sum[:16]))
	for i, data := range parts {
		part, _ := w.CreatePart(heads[i]) // a buffer takes everything
		_, _ = part.Write(data)
	}
	_ = w.Close()
	return body{data: text.Bytes(), media: w.FormDataContentType(), itself: true}
}

// quoteName writes a name between quotes, as browsers do.
func quoteName(name string) string {
	return strings.NewReplacer(`"`, "%22", "\r", "%0D", "\n", "%0A").Replace(name)
}

// mediaTypes are the content types of files by the end of their names. Those
// of the machine are not asked: a plan sends the same everywhere.
var mediaTypes = map[string]string{
	".bmp": "image/bmp", ".csv": "text/csv", ".flac": "audio/flac", ".gif": "image/gif", ".gz": "application/gzip", ".htm": "text/html", ".html": "text/html",
	".jpeg": "image/jpeg", ".jpg": "image/jpeg", ".json": "application/json", ".jsonl": "application/jsonl", ".mp3": "audio/mpeg", ".mp4": "video/mp4",
	".ndjson": "application/x-ndjson", ".ogg": "audio/ogg", ".parquet": "application/vnd.apache.parquet", ".pdf": "application/pdf", ".png": "image/png",
	".tif": "image/tiff", ".tiff": "image/tiff", ".txt": "text/plain", ".wav": "audio/wav", ".webp": "image/webp", ".xml": "application/xml", ".zip": "application/zip",
}

func mediaType(file string) string {
	if media, known := mediaTypes[strings.ToLower(filepath.Ext(file))]; known {
		return media
	}
	return "application/octet-stream"
}
