package peers

import "fmt"

// openUsers is a cap on users for ours that is never reached.
const openUsers = 5000

func plan(program string, j Job) Call {
	args := []string{program, "load", j.URL}
	switch j.Model {
	case Closed:
		args = append(args, words("--users %d", j.Users)...)
	case Thinking:
		args = append(args, words("--users %d --spawn-rate %d/s --think-time 1s", j.Users, j.Users)...)
	case Open:
		args = append(args, words("--users %d --arrival-rate %d/s", openUsers, j.Rate)...)
	}
	args = append(args, words("--runtime %s --threads 1 --format json --method POST", j.runtime())...)
	return Call{Arguments: append(args, "--header", "Content-Type: "+contentType, "--body", "@"+j.body())}
}

// wrk and ab have only a closed model: instead of a rate they get one
// connection, as is common.
func wrk(program string, j Job) Call {
	args := words("%s -t1 -c%d -d%s --timeout %ds -s %s %s", program, closedUsers(j), j.runtime(), patience, j.file("wrk.lua"), j.URL)
	return Call{Arguments: args, Environ: []string{"BODY=" + j.body()}}
}

func ab(program string, j Job) Call {
	const most = 5_000_000 // a limit of requests, which the time limit precedes
	return Call{Arguments: words("%s -q -k -l -r -s %d -c %d -t %d -n %d -p %s -T %s %s",
		program, patience, closedUsers(j), j.Seconds, most, j.body(), contentType, j.URL)}
}

func closedUsers(j Job) int {
	if j.Model == Open {
		return 1
	}
	return j.Users
}

func hey(program string, j Job) Call {
	users, rate := j.Users, 0 // per user; 0 means unlimited
	switch j.Model {
	case Thinking:
		rate = 1
	case Open:
		users, rate = fewUsers, j.Rate/fewUsers
	}
	return Call{Arguments: words("%s -z %s -c %d -q %d -t %d -m POST -T %s -D %s %s",
		program, j.runtime(), users, rate, patience, contentType, j.body(), j.URL)}
}

func vegeta(program string, j Job) Call {
	load := words("-rate=%d", j.Rate)
	switch j.Model {
	case Closed:
		load = words("-rate=0 -workers=%d -max-workers=%d -connections=%d", j.Users, j.Users, j.Users)
	case Thinking:
		load = append(load, words("-connections=%d -max-connections=%d", j.Users, j.Users)...)
	}
	results := j.file("vegeta.results")
	attack := words("%s attack -body=%s -duration=%s -timeout=%ds -output=%s", program, j.body(), j.runtime(), patience, results)
	return Call{
		Arguments: append(attack, load...),
		Input:     fmt.Sprintf("POST %s\nContent-Type: %s\n", j.URL, contentType),
		Then:      words("%s report -type=json %s", program, results),
	}
}

func fortio(more ...string) func(string, Job) Call {
	return func(program string, j Job) Call {
		users, rate := j.Users, j.Rate
		switch j.Model {
		case Closed:
			rate = 0 // unlimited
		case Open:
			users = fewUsers
		}
		args := words("%s load -quiet -json - -p 50,99,99.9 -c %d -qps %d -t %s -timeout %ds -X POST -payload-file %s -content-type %s",
			program, users, rate, j.runtime(), patience, j.body(), contentType)
		return Call{Arguments: append(append(args, more...), j.URL)}
	}
}

// k6 gets at most this number of users in the open model.
func k6(most int) func(string, Job) Call {
	return func(program string, j Job) Call {
		users := j.Users
		if j.Model == Open {
			users = min(200, most)
		}
		args := words("%s run --quiet --no-usage-report -e MODEL=%s -e URL=%s -e BODY=%s -e USERS=%d -e MOST=%d -e RATE=%d -e RUNTIME=%s %s",
			program, j.Model, j.URL, j.body(), users, most, j.Rate, j.runtime(), j.file("k6.js"))
		return Call{Arguments: args}
	}
}

// locust has no rate: instead, one user per request per second asks once a
// second.
func locust(client string) func(string, Job) Call {
	return func(program string, j Job) Call {
		users, spawn := j.Users, j.Users
		switch j.Model {
		case Thinking:
			spawn = min(1000, j.Users) // its maximum
		case Open:
			users, spawn = j.Rate, j.Rate
		}
		return Call{
			Arguments: words("%s -f %s --headless --only-summary --exit-code-on-error 0 --host %s -u %d -r %d -t %s",
				program, j.file("locustfile.py"), j.URL, users, spawn, j.runtime()),
			Environ: []string{"CLIENT=" + client, "MODEL=" + string(j.Model), "BODY=" + j.body(), "TARGET=" + j.URL},
		}
	}
}
