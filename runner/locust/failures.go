package locust

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"plan/internal/exchange"
)

// failure is one way in which requests of one name failed.
type failure struct {
	Method, Name string
	Error        string // repr of the Python exception
	Count        int64
}

// parseFailures parses /stats/failures/csv.
func parseFailures(text []byte) ([]failure, error) {
	table, err := readTable(text, "Method", "Name", "Error", "Occurrences")
	if err != nil {
		return nil, err
	}
	var failures []failure
	for _, record := range table.records {
		f := failure{Method: table.text(record, "Method"), Name: table.text(record, "Name"), Error: table.text(record, "Error")}
		if f.Count, err = strconv.ParseInt(table.text(record, "Occurrences"), 10, 64); err != nil {
			return nil, fmt.Errorf("its failures have no count of %q: %w", f.Error, err)
		}
		failures = append(failures, f)
	}
	return failures, nil
}

// statusError matches the errors of HttpUser and FastHttpUser for a response with
// an unwanted status.
var statusError = regexp.MustCompile(`^HTTPError\(['"](\d{3}) |^(?:Locust)?BadStatusCode\(.*code=(\d+)\)$`)

// errorPatterns are parts of error texts and their class. The first that matches
// decides: causes stand before what they cause.
var errorPatterns = []struct {
	text  *regexp.Regexp
	class exchange.Class
}{
	{regexp.MustCompile(`Too many open files|Cannot assign requested address`), exchange.Socket},
	{regexp.MustCompile(`Connection ?[Rr]efused`), exchange.Refused},
	{regexp.MustCompile(`gaierror|NameResolutionError|Name or service not known|name resolution`), exchange.DNS},
	{regexp.MustCompile(`SSLError|SSLCertVerificationError|\[SSL`), exchange.TLS},
	{regexp.MustCompile(`ConnectTimeout`), exchange.ConnectTimeout},
	{regexp.MustCompile(`(?i)time(d )?out`), exchange.Timeout},
	{regexp.MustCompile(`IncompleteRead|Incomplete response`), exchange.ShortBody},
	{regexp.MustCompile(`RemoteDisconnected|ConnectionReset|HTTPConnectionClosed|ConnectionAborted|Connection aborted|BrokenPipe`), exchange.Reset},
}

// classify returns the class of an error from Locust's text of it. What the
// locustfile finds wrong with a response (CatchResponseError) is Other, whatever
// its text, and so is a text that no pattern matches.
func classify(text string) exchange.Class {
	if strings.HasPrefix(text, "CatchResponseError(") {
		return exchange.Other
	}
	if found := statusError.FindStringSubmatch(text); found != nil {
		switch (found[1] + found[2])[0] {
		case '0': // FastHttpUser, where no response came
			return exchange.Other
		case '4':
			return exchange.HTTP4xx
		case '5':
			return exchange.HTTP5xx
		}
		return exchange.HTTPOther
	}
	for _, p := range errorPatterns {
		if p.text.MatchString(text) {
			return p.class
		}
	}
	return exchange.Other
}

// exception is a Python exception that the locustfile raised outside of any
// request.
type exception struct {
	Message string
	Count   int64
	Line    int // of the locustfile; 0 where it is not known
}

// String returns the message and the line.
func (e exception) String() string { return e.Message + atLine(e.Line) }

// parseExceptions parses /exceptions/csv.
func parseExceptions(text []byte) ([]exception, error) {
	table, err := readTable(text, "Count", "Message")
	if err != nil {
		return nil, err
	}
	var exceptions []exception
	for _, record := range table.records {
		e := exception{Message: table.text(record, "Message"), Line: lineOf(table.text(record, "Traceback"))}
		if e.Count, err = strconv.ParseInt(table.text(record, "Count"), 10, 64); err != nil {
			return nil, fmt.Errorf("its exceptions have no count of %q: %w", e.Message, err)
		}
		exceptions = append(exceptions, e)
	}
	return exceptions, nil
}
