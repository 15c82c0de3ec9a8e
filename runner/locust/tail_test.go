package locust

import (
	"strings"
	"testing"
)

func TestFinalMessages(t *testing.T) {
	long := strings.Repeat("another line\n", 20)
	for log, want := range map[string]string{
		"":                           "",
		"starting\n\nno such option": "starting\nno such option",
		long + "the end":             strings.Repeat("another line\n", 7) + "the end",
		"Traceback (most recent call last):\n  File \"/usr/lib/main.py\", line 9, in load\n  File \"/locustfile.py\", line 1\n    def (\n        ^\nSyntaxError: invalid syntax\n":  "SyntaxError: invalid syntax (line 1 of the locustfile)",
		long + "  File \"/locustfile.py\", line 4, in predict\n    check()\n  File \"/locustfile.py\", line 12, in check\n    raise ValueError(\"no\")\nValueError: no\nsaid twice": "ValueError: no\nsaid twice (line 12 of the locustfile)",
		"Traceback (most recent call last):\n  File \"/usr/lib/main.py\", line 9, in load\n    import pytest\nModuleNotFoundError: No module named 'pytest'":                        "ModuleNotFoundError: No module named 'pytest'",
		"  an indented last line": "  an indented last line",
		// Python 3.11 with gevent 25.9 ends so.
		"Traceback (most recent call last):\n  File \"/locustfile.py\", line 1, in <module>\n    from helpers import x\n" +
			"ModuleNotFoundError: No module named 'helpers'\nException ignored in: <function _removeHandlerRef at 0x7f>\n" +
			"Traceback (most recent call last):\n  File \"/usr/lib/thread.py\", line 81, in get_ident\n" +
			"RuntimeError: greenlet is being finalized": "ModuleNotFoundError: No module named 'helpers' (line 1 of the locustfile)",
		"Exception ignored in: <function f>\nTraceback (most recent call last):\n  File \"x\", line 1\nRuntimeError: y\nthe end": "the end",
	} {
		if got := logTail(strings.Split(log, "\n")); got != want {
			t.Errorf("%q:\n%q\n%q", log, got, want)
		}
	}
}

func TestExceptionsHaveTheirLine(t *testing.T) {
	text := "Count,Message,Traceback,Nodes\n" +
		"96,'nothing',\"  File \"\"/usr/lib/task.py\"\", line 513, in execute_task\n    task(self.user)\n  File \"\"/locustfile.py\"\", line 7, in predict\n    r.json()[\"\"nothing\"\"]\n\",local\n" +
		"3,gone,elsewhere,local\n"
	got, err := parseExceptions([]byte(text))
	if err != nil || len(got) != 2 || got[0].String() != "'nothing' (line 7 of the locustfile)" || got[1].String() != "gone" {
		t.Errorf("%v, %v", got, err)
	}
}
