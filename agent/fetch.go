package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// FetchLimit is the longest body that a fetch brings back, in bytes.
const FetchLimit = 16 << 20

// Page is what is fetched.
type Page struct {
	Method string `json:"method"` // GET, POST
	URL    string `json:"url"`
}

// Answer is what came of a fetch, whatever its status.
type Answer struct {
	Status int           `json:"status"`
	Body   []byte        `json:"body"`
	Took   time.Duration `json:"took"` // from the start of the connection to the last byte
}

// Fetch asks for one page from inside the network and gives its answer. The
// error is that of a connection that failed, of a body longer than FetchLimit,
// or of ctx.
func (c *Client) Fetch(ctx context.Context, page Page) (Answer, error) {
	done, err := c.do(ctx, message{Type: typeFetch, Page: &page}, nil)
	switch {
	case ctx.Err() != nil:
		return Answer{}, context.Cause(ctx)
	case err != nil:
		return Answer{}, err
	case done.Answer == nil:
		return Answer{}, errors.New("the agent ended a fetch without an answer")
	}
	return *done.Answer, nil
}

// fetch asks for a page on a connection of its own, past any proxy, and
// follows no redirect.
func fetch(ctx context.Context, page Page) (Answer, error) {
	begun := time.Now()
	request, err := http.NewRequestWithContext(ctx, page.Method, page.URL, nil)
	if err != nil {
		return Answer{}, err
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, FetchLimit+1))
	switch {
	case err != nil:
		return Answer{}, fmt.Errorf("%s: the answer broke off: %w", page.URL, err)
	case len(body) > FetchLimit:
		return Answer{}, fmt.Errorf("%s: the answer is longer than %d MiB", page.URL, FetchLimit>>20)
	}
	return Answer{Status: response.StatusCode, Body: body, Took: time.Since(begun)}, nil
}
