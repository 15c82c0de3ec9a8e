package mask

import "strings"

// shortestWrap is how many characters a line of a wrapped writing, such as base64, has at least.
const shortestWrap = 16

// Ask returns how many of the last lines of a text Lines needs to find a secret that begins before the n last.
func (m *Mask) Ask(n int) int { return n + (m.Reach()+shortestWrap-1)/shortestWrap }

// Lines returns the last n lines of a text without secrets, each without its end, and of each the first limit bytes,
// with an ellipsis if there is more. Secrets are replaced before the text is cut into lines: base64 and hex are often
// wrapped.
func (m *Mask) Lines(text string, n, limit int) []string {
	text = strings.TrimRight(m.Text(text), "\r\n")
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	lines = lines[max(0, len(lines)-n):]
	for at, line := range lines {
		line = strings.TrimRight(line, "\r")
		if lines[at] = cut(line, limit); len(line) > limit {
			lines[at] += "…"
		}
	}
	return lines
}
