package sample

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
)

// bodyLimit is the maximum size of a request body, in bytes.
const bodyLimit = 10 << 20

// service is the running API.
type service struct {
	config    Config
	memory    block
	shared    *os.File      // nil without shared memory
	worker    *worker       // nil without a worker
	slots     chan struct{} // nil if unlimited
	burnSlots chan struct{}

	first       sync.Once
	firstMemory block
	firstError  error

	requests, predictions, inFlight atomic.Int64
	hung                            atomic.Bool // it no longer responds
}

// close releases all resources. Unmapping own memory cannot fail.
func (s *service) close() {
	if s.worker != nil {
		s.worker.end()
	}
	_ = s.shared.Close()
	_ = s.memory.release()
	_ = s.firstMemory.release()
}

func (s *service) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /predict", s.handlePredict)
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, describe(s.config))
	})
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, Stats{
			Requests: s.requests.Load(), Predictions: s.predictions.Load(), InFlight: s.inFlight.Load(),
		})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.hung.Load() {
			<-r.Context().Done()
			return
		}
		if s.config.Host != "" && r.Host != s.config.Host {
			fail(w, http.StatusBadRequest, "the Host header is "+r.Host)
			return
		}
		if r.Method == http.MethodGet && r.URL.Path == s.config.HealthPath {
			reply(w, http.StatusOK, map[string]string{"status": "ok"})
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// Stats is the response of GET /stats, counted since the start.
type Stats struct {
	Requests    int64 `json:"requests"`    // to /predict
	Predictions int64 `json:"predictions"` // answered with 200
	InFlight    int64 `json:"in_flight"`   // in /predict now
}

// predictRequest is the body of a request, and predictResponse that of its
// response: one number per row.
type predictRequest struct {
	Inputs [][]float64 `json:"inputs"`
}

type predictResponse struct {
	Predictions []int `json:"predictions"`
}

func (s *service) handlePredict(w http.ResponseWriter, r *http.Request) {
	nth := s.requests.Add(1)
	s.inFlight.Add(1)
	defer s.inFlight.Add(-1)
	var q predictRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit)).Decode(&q); err != nil {
		fail(w, http.StatusUnprocessableEntity, "the body is not {\"inputs\": [[numbers]]}: "+err.Error())
		return
	}
	if err := s.useResources(r.Context(), evenly(nth, s.config.StallRate)); err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	if evenly(nth, s.config.DropRate) {
		panic(http.ErrAbortHandler) // closes the connection without a response
	}
	switch {
	case s.worker != nil && s.worker.dead.Load():
		fail(w, http.StatusServiceUnavailable, "the worker is dead")
	case s.config.Status != 0 && s.config.Status != http.StatusOK:
		fail(w, s.config.Status, "status set by --status")
	default:
		if n := s.predictions.Add(1); s.config.HangAfter > 0 && n >= int64(s.config.HangAfter) {
			s.hung.Store(true)
		}
		reply(w, http.StatusOK, predict(q))
	}
}

// evenly reports whether the nth prediction belongs to a share, 0 to 1, of all.
// The share is evenly spaced, so that it is exact from the start.
func evenly(nth int64, share float64) bool {
	upTo := func(n int64) float64 { return math.Floor(float64(n)*share + 1e-9) }
	return upTo(nth) > upTo(nth-1)
}

// useResources uses the memory and time of a prediction.
func (s *service) useResources(ctx context.Context, stall bool) error {
	if s.slots != nil {
		if err := acquire(ctx, s.slots); err != nil {
			return err
		}
		defer release(s.slots)
	}
	s.first.Do(func() { s.firstMemory, s.firstError = allocate(s.config.FirstMemory) })
	if s.firstError != nil {
		return s.firstError
	}
	if _, err := allocate(s.config.KeptMemory); err != nil {
		return err
	}
	memory, err := allocate(s.config.RequestMemory)
	if err != nil {
		return err
	}
	defer memory.release()
	if s.config.CPUTime > 0 {
		if err := acquire(ctx, s.burnSlots); err != nil {
			return err
		}
		burn(s.config.CPUTime)
		release(s.burnSlots)
	}
	if stall {
		return sleep(ctx, s.config.Sleep+s.config.Stall)
	}
	return sleep(ctx, s.config.Sleep)
}

// acquire takes a slot, or returns an error when ctx ends.
func acquire(ctx context.Context, places chan struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func release(places chan struct{}) { <-places }

// predict assigns one of three classes to each row.
func predict(q predictRequest) predictResponse {
	p := predictResponse{Predictions: make([]int, len(q.Inputs))}
	for i, row := range q.Inputs {
		sum := 0.0
		for _, x := range row {
			sum += x
		}
		p.Predictions[i] = int(math.Mod(math.Abs(math.Trunc(sum)), 3))
	}
	return p
}

func fail(w http.ResponseWriter, status int, detail string) {
	reply(w, status, map[string]string{"detail": detail})
}

// reply writes JSON. It ignores errors, because the client has gone then.
func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
