// Package shell splits texts into the commands of a POSIX shell, and runs none. It
// knows nothing of what the commands do.
package shell

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// Command is the words of one command line.
type Command struct {
	Words     []string
	Variables []string // of the shell, each a reference in a word
	Ended     string   // what follows it on its line: "|", ">"; "" at the end of the line
}

var variableStart = regexp.MustCompile(`^\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^{}]*))?\})`)

// Commands splits a text into commands as a POSIX shell does, without running any.
// A variable without a default becomes what reference returns for its name.
func Commands(text string, reference func(name string) string) ([]Command, error) {
	var list []Command
	var now Command
	var word strings.Builder
	inWord, skip := false, false // skip: what follows a pipe or a redirection, up to the end of the command
	endWord := func() {
		if inWord && !skip {
			now.Words = append(now.Words, word.String())
		}
		word.Reset()
		inWord = false
	}
	endCommand := func() {
		endWord()
		if len(now.Words) > 0 {
			list = append(list, now)
		}
		now, skip = Command{}, false
	}
	variable := func(rest string) (int, bool) {
		m := variableStart.FindStringSubmatch(rest)
		if m == nil {
			return 0, false
		}
		name := m[1] + m[2]
		if strings.Contains(m[0], "-") {
			word.WriteString(m[3])
		} else {
			word.WriteString(reference(name))
			now.Variables = append(now.Variables, name)
		}
		return len(m[0]), true
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			if i++; text[i] != '\n' {
				inWord = true
				word.WriteByte(text[i])
			}
		case c == '\'':
			end := strings.IndexByte(text[i+1:], '\'')
			if end < 0 {
				return nil, errors.New("a single quote is not closed")
			}
			inWord = true
			word.WriteString(text[i+1 : i+1+end])
			i += end + 1
		case c == '$' && strings.HasPrefix(text[i:], "$'"):
			decoded, length, err := Unescape(text[i+2:])
			if err != nil {
				return nil, err
			}
			inWord = true
			word.WriteString(decoded)
			i += length + 1
		case c == '"':
			inWord = true
			for i++; ; i++ {
				if i >= len(text) {
					return nil, errors.New("a double quote is not closed")
				}
				if text[i] == '"' {
					break
				}
				if text[i] == '\\' && i+1 < len(text) && strings.IndexByte("$`\"\\\n", text[i+1]) >= 0 {
					if i++; text[i] != '\n' {
						word.WriteByte(text[i])
					}
					continue
				}
				if n, is := variable(text[i:]); is {
					i += n - 1
					continue
				}
				if text[i] == '`' || strings.HasPrefix(text[i:], "$(") {
					return nil, errors.New("it runs a command inside, whose output is not known: write its value there")
				}
				word.WriteByte(text[i])
			}
		case c == '$':
			if n, is := variable(text[i:]); is {
				inWord = true
				i += n - 1
				continue
			}
			if strings.HasPrefix(text[i:], "$(") {
				return nil, errors.New("it runs a command inside, whose output is not known: write its value there")
			}
			if len(now.Words) == 0 && !inWord { // the prompt
				continue
			}
			inWord = true
			word.WriteByte(c)
		case c == '#' && !inWord:
			for i+1 < len(text) && text[i+1] != '\n' {
				i++
			}
		case c == '\n', c == ';', strings.HasPrefix(text[i:], "&&"), strings.HasPrefix(text[i:], "||"):
			if c == '&' || c == '|' {
				i++
			}
			endCommand()
		case c == '|', c == '>', c == '<', c == '&':
			endWord()
			now.Ended, skip = string(c), true
		case unicode.IsSpace(rune(c)):
			endWord()
		default:
			inWord = true
			word.WriteByte(c)
		}
	}
	endCommand()
	return list, nil
}

// Unescape decodes a text of the form $'…', from behind its first quote, and returns how
// long it is with its last one.
func Unescape(text string) (decoded string, length int, err error) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\'':
			return b.String(), i + 1, nil
		case text[i] != '\\' || i+1 == len(text):
			b.WriteByte(text[i])
			continue
		}
		i++
		escapes := map[byte]string{'n': "\n", 't': "\t", 'r': "\r", '\\': `\`, '\'': "'", '"': `"`, 'a': "\a", 'b': "\b",
			'f': "\f", 'v': "\v", 'e': "\x1b"}
		digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[text[i]]
		switch escape, is := escapes[text[i]]; {
		case is:
			b.WriteString(escape)
		case digits > 0 && i+digits < len(text):
			var code rune
			if _, err := fmt.Sscanf(text[i+1:i+1+digits], "%x", &code); err != nil {
				return "", 0, fmt.Errorf("\\%s is not a character", text[i:i+1+digits])
			}
			b.WriteRune(code)
			i += digits
		default:
			b.WriteString(text[i-1 : i+1])
		}
	}
	return "", 0, errors.New("a single quote is not closed")
}
