package mask

import (
	"strings"
	"testing"
)

// TestNoPieceShowsASecret: however a text is cut into pieces, what is passed on is the text that was masked as a whole.
func TestNoPieceShowsASecret(t *testing.T) {
	for _, secret := range append(secrets, "api", longSecret) {
		m := New([]string{secret})
		for name, written := range writingsOf(secret) {
			text := "RUN echo <" + written + ">\ndone\n"
			want := m.Text(text)
			for size := 1; size < 40; size += 3 {
				var b strings.Builder
				s := m.Stream(&b)
				for at := 0; at < len(text); at += size {
					piece := text[at:min(len(text), at+size)]
					if n, err := s.Write([]byte(piece)); n != len(piece) || err != nil {
						t.Fatal(n, err)
					}
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				if got := b.String(); got != want {
					t.Fatalf("%s of %q in pieces of %d: %q, want %q", name, secret, size, got, want)
				}
			}
		}
	}
}

// TestWhatAStreamHoldsBack: only what may be the beginning of a secret waits for the next piece.
func TestWhatAStreamHoldsBack(t *testing.T) {
	for text, want := range map[string]string{
		"Step 1/3 : FROM a\n":   "Step 1/3 : FROM a\n",
		"ends with Q":           "ends with ",
		"ends with Qu3r":        "ends with ",
		"Qu3ry-Pa55!\n":         Stars + "!\n",
		"Qu3ry-Pa55":            "",
		"Qu3ry-Pa55Qu":          "",
		"Qu3ry-Pa55!Qu":         Stars + "!",
		`with an escape: \u005`: "with an escape: ",
		`"quoted"` + "\n":       `"quoted"` + "\n",
		"%51 is a Q, but not %": "%51 is a Q, but not ",
	} {
		var b strings.Builder
		s := New([]string{"Qu3ry-Pa55"}).Stream(&b)
		_, _ = s.Write([]byte(text))
		if b.String() != want {
			t.Errorf("of %q it passes on %q, want %q", text, b.String(), want)
		}
	}
	var b strings.Builder
	s := New([]string{"Qu3ry-Pa55"}).Stream(&b)
	for range 1000 {
		_, _ = s.Write([]byte("5" + strings.Repeat(" ", 50))) // 5 is a digit of its hex
	}
	if held := len(s.held); held > s.mask.Reach() {
		t.Errorf("%d bytes are held back", held)
	}
	if _, err := (*Mask)(nil).Stream(&b).Write([]byte("x")); err != nil || !strings.HasSuffix(b.String(), "x") {
		t.Errorf("without secrets: %v", err)
	}
}
