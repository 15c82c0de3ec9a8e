package referee

import (
	"sync"
	"time"

	"plan/internal/host"
	"plan/internal/units"
)

const (
	hostCPUs  = 2.0
	tick      = 100 * time.Millisecond
	period    = 100 * time.Millisecond // of a CPU quota
	generated = 0.1                    // CPUs that the load uses
)

// machine divides its CPUs in small steps of time: no process gets more than it
// wants, and none that wants more gets less than another.
type machine struct {
	world *world
	began time.Time

	mu         sync.Mutex
	subject    *container // the judged container; nil between trials
	busy       float64    // CPU seconds of all processes
	foreign    float64    // of neighbours
	agent      float64    // of the load
	oomKills   int64      // on the whole host
	last       float64    // busy time at the last reading
	lastAt     time.Time
	everLacked bool // the service got less CPU than it could have used, in any trial
}

func newMachine(w *world) *machine {
	return &machine{world: w, began: time.Now(), lastAt: time.Now()}
}

func (m *machine) run(done <-chan struct{}) {
	time.Sleep(tick / 3) // so that no step coincides with a reading
	step := time.NewTicker(tick)
	defer step.Stop()
	for {
		select {
		case <-done:
			return
		case <-step.C:
			m.step()
		}
	}
}

// step simulates one tick.
func (m *machine) step() {
	m.mu.Lock()
	defer m.mu.Unlock()
	wants := make([]float64, m.world.loopsAt(time.Since(m.began)))
	for i := range wants {
		wants[i] = 1
	}
	c, loops := m.subject, len(wants)
	var service, load float64
	if c != nil {
		service, load = c.wants()
		wants = append(wants, min(service, c.quota()), load)
	}
	got := share(hostCPUs, wants)
	for i, g := range got {
		m.busy += g * tick.Seconds()
		if i < loops {
			m.foreign += g * tick.Seconds()
		}
	}
	if c == nil {
		return
	}
	m.agent += got[loops+1] * tick.Seconds()
	m.everLacked = c.use(service, got[loops]) || m.everLacked
}

// share gives each process what it wants if there is enough, and otherwise
// equal shares to those who want more.
func share(cpus float64, wants []float64) []float64 {
	got := make([]float64, len(wants))
	for range wants {
		open, left := 0, cpus
		for i, w := range wants {
			left -= got[i]
			if got[i] < w-1e-9 {
				open++
			}
		}
		if open == 0 || left < 1e-9 {
			break
		}
		for i, w := range wants {
			if got[i] < w-1e-9 {
				got[i] = min(w, got[i]+left/float64(open))
			}
		}
	}
	return got
}

// figures returns the contents of /proc.
func (m *machine) figures() (host.Figures, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := host.Figures{At: time.Now(), MemoryTotal: int64(24 * units.GiB), MemoryAvailable: int64(20 * units.GiB), OOMKills: new(m.oomKills)}
	if took := time.Since(m.lastAt).Seconds(); took > 0 {
		f.CPUBusy = (m.busy - m.last) / took
	}
	m.last, m.lastAt = m.busy, time.Now()
	return f, nil
}
