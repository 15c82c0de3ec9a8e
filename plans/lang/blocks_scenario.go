package lang

import (
	"slices"

	"github.com/zclconf/go-cty/cty"
)

var scenarioBlock = &block{
	name: "scenario", label: "name", root: "scenario",
	doc: "What one user does, over and over: a request, then a pause. Refer to it as `scenario.x`.",
	attributes: []attribute{
		{name: "think_time", typ: typeThink, doc: `Pause between an answer and the next request: "2s", between("1s", "3s") or exponential("2s").`, otherwise: "none"},
		{name: "headers", typ: typeHeaders, fed: true, doc: "Headers of all requests; a request's own are stronger.", otherwise: "none"},
		{name: "timeout", typ: typeSpan, fallback: cty.StringVal("10s"), doc: "How long an answer may take; a later one is an error."},
		{name: "redirects", typ: typeHops, fallback: cty.NumberIntVal(0), doc: "How many redirects are followed; the answer that counts is the last one. Then net/http carries the load, which takes more CPU.", example: "5"},
		{name: "retry_idle", typ: typeFlag, doc: "Sends a request once more where the server had closed a connection that was kept; `GET`, `HEAD` and `OPTIONS` always are.", otherwise: "true, but not for `PATCH`"},
	},
	blocks: []*block{authBlock, feedBlock, requestBlock, startBlock},
}

var authBlock = &block{
	name: "auth", most: 1, doc: "How all requests show who asks: a name and a password, or a token. A header `Authorization` is stronger.",
	attributes: []attribute{
		{name: "bearer", typ: typeToken, fed: true, doc: "Token, sent as `Authorization: Bearer …`.", example: "var.token"},
	},
	blocks: []*block{{
		name: "basic", most: 1, doc: "Name and password, sent as `Authorization: Basic …`.",
		attributes: []attribute{
			{name: "username", typ: typeLogin, needed: true, doc: "Name."},
			{name: "password", typ: typeText, needed: true, doc: "Password.", example: "var.password"},
		},
	}},
	choices: []choice{{names: []string{"bearer", "basic"}, needed: true}},
}

var feedBlock = &block{
	name: "feed", label: "name", root: "feed",
	doc: "A table of values, of which each request takes a row. Refer to a column as `feed.x.column` in the requests of the scenario, to all of them as `feed.x`. A feed that `on_start` uses gives each user one row, which it keeps.",
	attributes: []attribute{
		{name: "file", typ: typeTable, needed: true, public: true, doc: "File beside the plan, of at most 16 MiB: `.csv` with a header line, or `.jsonl` (`.ndjson`), whose lines are objects with the same names."},
		{name: "order", typ: word("in_order", "random", "once"), fallback: cty.StringVal("in_order"), doc: "How rows are taken: one after the other, and from the top again; any; or none twice, and the load ends when they are used up."},
	},
}

var startBlock = &block{
	name: "on_start", most: 1, doc: "What each user asks for once, in this order, before anything else; again after its pause where one of them fails. It is not judged. Each user then keeps the cookies that it is given.",
	blocks: []*block{{
		name: "request", label: "name", needed: true, like: requestBlock, doc: "One request.",
		attributes: requestRows(), choices: oneBody, blocks: []*block{expectBlock},
		others: map[string]string{"weight": "each user asks for all requests of on_start, in their order"},
	}},
}

var requestBlock = &block{
	name: "request", label: "name", needed: true, doc: "One request; which of them is sent is drawn by weight.",
	attributes: requestRows(attribute{name: "weight", typ: typeWeigh, fallback: cty.NumberIntVal(1), doc: "How often it is sent, against the others' weights."}),
	choices:    oneBody, blocks: []*block{expectBlock},
}

// requestRows are what every request has, and what only this one has.
func requestRows(own ...attribute) []attribute {
	return slices.Concat([]attribute{
		{name: "method", typ: typeMethod, doc: "HTTP method.", otherwise: "`GET`; `POST` with a body"},
		{name: "path", typ: typePath, needed: true, fed: true, doc: "Path on the API's port; a query may stand in it.", example: `"/predict"`},
		{name: "query", typ: typeFields, fed: true, doc: "Query, encoded and sorted by name, after what `path` has of it. A list gives a name several times.", otherwise: "none", example: `{ top = 3, tag = ["a", "b"] }`},
		{name: "headers", typ: typeHeaders, fed: true, doc: "Headers.", otherwise: "the scenario's"},
		{name: "body", typ: typeText, fed: true, doc: "Body, as it is."},
		{name: "json", typ: typeJSON, fed: true, doc: "Body, sent as JSON with its content type.", example: "{ inputs = [[5.1, 3.5, 1.4, 0.2]] }"},
		{name: "form", typ: typeFields, fed: true, doc: "Body, sent as `application/x-www-form-urlencoded`."},
		{name: "multipart", typ: typeParts, fed: true, doc: "Body, sent as `multipart/form-data`: texts and files by name. It has a content type of its own."},
		{name: "file", typ: typeFile, public: true, doc: "Body out of a file beside the plan, of at most 16 MiB. Its content type follows from its name, unless a header says it.", example: `"cat.png"`},
	}, own, []attribute{
		{name: "timeout", typ: typeSpan, doc: "How long an answer may take; a later one is an error.", otherwise: "the scenario's"},
		{name: "redirects", typ: typeHops, doc: "How many redirects are followed.", otherwise: "the scenario's", example: "5"},
	})
}

// oneBody: a request has one body at most.
var oneBody = []choice{{names: []string{"body", "json", "form", "multipart", "file"}}}

// partRows are what a file in a multipart body has.
var partRows = &block{
	name: "part",
	attributes: []attribute{
		{name: "file", typ: typeFile, needed: true, doc: "File beside the plan, of at most 16 MiB.", example: `"cat.png"`},
		{name: "type", typ: typeMedia, doc: "Its content type.", otherwise: "by its name"},
	},
}

var expectBlock = &block{
	name: "expect", most: 1, doc: "What counts as a good answer. A body that is looked at may have 1 MiB, as it came and unpacked (`gzip`, `deflate`, where a header `Accept-Encoding` asks for it).",
	attributes: []attribute{
		{name: "status", typ: typeStatuses, doc: "Good statuses.", otherwise: "any 2xx"},
		{name: "body", typ: typePhrases, doc: "Texts that must all stand in the body.", otherwise: "whatever it is"},
		{name: "json", typ: typePaths, doc: "What JSONPaths (RFC 9535) must select in the body: paths with their values, or a list of paths that must select something.", otherwise: "whatever it is"},
		{name: "not_body", typ: typePhrases, doc: "Texts of which none may stand in the body.", otherwise: "whatever it is"},
		{name: "json_not", typ: typePaths, doc: "What JSONPaths must not select: paths with a value that nothing they select may be, or a list of paths that must select nothing. A body that is no JSON is no good answer.", otherwise: "whatever it is"},
	},
}
