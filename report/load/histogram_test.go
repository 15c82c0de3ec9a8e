package load

import (
	"math/rand/v2"
	"testing"
	"time"
	"unicode/utf8"

	"plan/internal/tty"
)

// TestEveryAnswerIsInItsBucket: over ranges from one microsecond to minutes.
func TestEveryAnswerIsInItsBucket(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 60 {
		least := time.Duration(1+random.Int64N(1<<(1+random.IntN(24)))) * time.Microsecond
		spread := 1 + random.Float64()*float64(int64(1)<<random.IntN(20))
		counts, total := map[time.Duration]int64{}, int64(0)
		for range 1 + random.IntN(50) {
			took := min(time.Duration(float64(least)*(1+random.Float64()*spread)), 9*time.Minute).Truncate(time.Microsecond)
			counts[took] += 1 + random.Int64N(1000)
		}
		list, err := newBuckets(recorded(t, counts))
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 || len(list) > mostBuckets || list[0].count == 0 || list[len(list)-1].count == 0 {
			t.Fatalf("round %d: %d buckets: %v", round, len(list), list)
		}
		for took, n := range counts {
			total += n
			if took > list[len(list)-1].to+took/1000 || took < list[0].from {
				t.Fatalf("round %d: %v is in none of %v", round, took, list)
			}
		}
		for i, b := range list {
			total -= b.count
			if b.from >= b.to || i > 0 && b.from != list[i-1].to {
				t.Fatalf("round %d: %v", round, list)
			}
		}
		if total != 0 {
			t.Fatalf("round %d: %d answers are in no bucket: %v", round, total, list)
		}
	}
}

func TestAnswersOnAnEdgeBelongBelowIt(t *testing.T) {
	list, err := newBuckets(recorded(t, map[time.Duration]int64{
		time.Microsecond: 1, 100 * time.Microsecond: 2, 101 * time.Microsecond: 3, time.Millisecond: 4, 2 * time.Second: 5,
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := map[time.Duration]int64{time.Microsecond: 1, 100 * time.Microsecond: 2, 300 * time.Microsecond: 3, time.Millisecond: 4, 3 * time.Second: 5}
	for _, b := range list {
		if b.count != want[b.to] {
			t.Errorf("%d up to %v, not %d: %v", b.count, b.to, want[b.to], list)
		}
	}
}

func TestBarsAreAsLongAsTheyAreMany(t *testing.T) {
	for _, c := range []struct {
		count, most int64
		want        string
	}{{0, 0, "    "}, {0, 9, "    "}, {1, 1 << 40, "▏   "}, {1, 32, "▏   "}, {7, 32, "▉   "}, {8, 32, "█   "}, {20, 32, "██▌ "}, {32, 32, "████"}} {
		if got := bar(c.count, c.most, 4); got != c.want {
			t.Errorf("%d of %d: %q, not %q", c.count, c.most, got, c.want)
		}
	}
	for cells := range 100 {
		if got := utf8.RuneCountInString(bar(int64(cells), 99, cells)); got != cells {
			t.Errorf("%d cells where %d are wanted", got, cells)
		}
	}
	if got := bar(1, 1, -3); got != "" {
		t.Errorf("%q where there is no room", got)
	}
}

func TestNumbersOfALoad(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{tty.Grouped(0), "0"}, {tty.Grouped(999), "999"}, {tty.Grouped(1000), "1,000"}, {tty.Grouped(-1234567), "-1,234,567"}, {tty.Grouped(-100), "-100"},
		{tty.Figure(0.123), "0.12"}, {tty.Figure(98.44), "98.4"}, {tty.Figure(12345.6), "12,346"},
		{tty.Share(0, 0), ""}, {tty.Share(1, 1), "100.0 %"}, {tty.Share(1, 1000), "0.1 %"}, {tty.Share(1, 100000), "<0.1 %"},
	} {
		if c.got != c.want {
			t.Errorf("%s, not %s", c.got, c.want)
		}
	}
}
