package referee

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// As a child of the test, this program is the referee.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "referee" {
		if err := Serve(os.Args[2], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func start(t *testing.T, c Config) *Process {
	t.Helper()
	p, err := Start(t.Context(), c, os.Args[0], "referee")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestProcess(t *testing.T) {
	p := start(t, Config{Address: "127.0.0.1:0", Delay: time.Millisecond, Users: 8, Note: 1000})
	clock, err := NewClock()
	if err != nil {
		t.Fatal(err)
	}
	began := clock.Now()
	const users, each = 8, 20
	var all sync.WaitGroup
	for range users {
		all.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for range each {
				response, err := client.Post("http://"+p.Address+Path, "application/json", strings.NewReader(Body))
				if err != nil {
					t.Error(err)
					return
				}
				response.Body.Close()
			}
		})
	}
	all.Wait()
	log, cpu, err := p.End()
	if err != nil {
		t.Fatal(err)
	}
	if log.Requests != users*each || log.Strange != 0 || log.Connections < users || log.Active < users || log.AllActive == 0 {
		t.Errorf("%+v", log)
	}
	if log.First < began || log.Last > clock.Now() || log.Last < log.First {
		t.Errorf("from %d to %d, between %d and %d on this process's clock", log.First, log.Last, began, clock.Now())
	}
	if len(log.Arrivals) != users*each || len(log.Answers) != users*each || cpu <= 0 {
		t.Errorf("%d arrivals and %d answers, %s of CPU", len(log.Arrivals), len(log.Answers), cpu)
	}
	for i, at := range log.Answers {
		if at < log.Arrivals[i]+int64(time.Millisecond) {
			t.Fatalf("answer %d came %d ns after its request, before its delay was over", i, at-log.Arrivals[i])
		}
	}
}

func TestProcessThatCannotListen(t *testing.T) {
	if _, err := Start(t.Context(), Config{Address: "127.0.0.1"}, os.Args[0], "referee"); err == nil {
		t.Error("it listens on no port")
	}
	taken := start(t, Config{Address: "127.0.0.1:0"})
	defer taken.End()
	if _, err := Start(t.Context(), Config{Address: taken.Address}, os.Args[0], "referee"); err == nil {
		t.Error("two listen on " + taken.Address)
	}
}
