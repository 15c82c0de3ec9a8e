package wheel

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestAgainstAList sets and stops alarms at random, near and distant, and
// compares every step with a plain list.
func TestAgainstAList(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		const n = 40
		w, list := New(n), map[int]time.Duration{}
		now := time.Duration(random.Int64N(1 << (1 + random.IntN(50))))
		for range 400 {
			i := random.IntN(n)
			switch random.IntN(5) {
			case 0:
				w.Stop(i)
				delete(list, i)
			case 1, 2, 3:
				list[i] = max(0, now+time.Duration(random.Int64N(1<<(1+random.IntN(44))))-time.Microsecond)
				w.Set(i, list[i])
			default:
				now += time.Duration(random.Int64N(1 << (1 + random.IntN(42))))
				drain(t, w, list, now)
			}
			agree(t, w, list, i, now)
		}
	}
}

// drain pops all alarms that are due, which must be those of the list.
func drain(t *testing.T, w *Wheel, list map[int]time.Duration, now time.Duration) {
	t.Helper()
	for i, ok := w.Pop(now); ok; i, ok = w.Pop(now) {
		if at, set := list[i]; !set || at > now {
			t.Fatalf("at %d: alarm %d went off, set: %v for %d", now, i, set, at)
		}
		delete(list, i)
	}
	for i, at := range list {
		if at <= now {
			t.Fatalf("at %d: alarm %d for %d did not go off", now, i, at)
		}
	}
}

func agree(t *testing.T, w *Wheel, list map[int]time.Duration, i int, now time.Duration) {
	t.Helper()
	at, set := w.IsSet(i)
	if want, is := list[i]; set != is || is && at != want {
		t.Fatalf("alarm %d is set: %v for %d, want %v for %d", i, set, at, is, want)
	}
	next, ok := w.Next()
	if ok != (len(list) > 0) {
		t.Fatalf("%d alarms, next: %v", len(list), ok)
	}
	for i, at := range list {
		if at < next && at > now {
			t.Fatalf("alarm %d at %d is before the next, %d", i, at, next)
		}
	}
}

// TestNextLeadsToEveryAlarm sleeps as an event loop does: it never wakes late,
// and seldom without an alarm.
func TestNextLeadsToEveryAlarm(t *testing.T) {
	w, random := New(1000), rand.New(rand.NewPCG(1, 2))
	for i := range 1000 {
		w.Set(i, time.Duration(random.Int64N(int64(time.Hour))))
	}
	wakes, rung := 0, 0
	for now, ok := w.Next(); ok; now, ok = w.Next() {
		for i, due := w.Pop(now); due; i, due = w.Pop(now) {
			if at, _ := w.IsSet(i); at != now {
				t.Fatalf("alarm %d for %v went off at %v", i, at, now)
			}
			rung++
		}
		wakes++
	}
	if rung != 1000 || wakes > 7000 {
		t.Errorf("%d of 1000 alarms in %d wakes", rung, wakes)
	}
}

// Alarms keep the order in which they were set as long as no slot was cascaded.
func TestAlarmsInOneSlotGoOffInOrder(t *testing.T) {
	w := New(3)
	w.Set(2, 30)
	w.Set(0, 20)
	w.Set(1, 20)
	for _, want := range []int{0, 1, 2} {
		if i, ok := w.Pop(100); !ok || i != want {
			t.Errorf("alarm %d went off, want %d", i, want)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	w, now := New(100), time.Duration(0)
	if n := testing.AllocsPerRun(1000, func() {
		now += 300 * time.Microsecond
		w.Set(int(now)%100, now+time.Second)
		w.Pop(now)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkSetAndPop(b *testing.B) {
	const users = 10_000
	w := New(users)
	for i := range users {
		w.Set(i, time.Duration(i)*100*time.Microsecond)
	}
	now := time.Duration(0)
	for b.Loop() {
		now, _ = w.Next()
		if i, ok := w.Pop(now); ok {
			w.Set(i, now+time.Second)
		}
	}
}
