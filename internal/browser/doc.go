// Package browser looks at the pages of runs in Chromium, as a reader does.
//
// It has only tests. They make the pages from journals, and use what a page shows, not
// how it is made.
package browser
