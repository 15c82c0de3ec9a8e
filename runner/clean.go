package runner

import (
	"plan/internal/shellword"
	"plan/plans"
)

// CleanCommand returns the command line that removes what a run left on a platform; nil is Docker.
func CleanCommand(run string, where *plans.Platform) string {
	if where == nil {
		return "plan clean " + run
	}
	command := "plan clean " + run + " --platform " + where.Name
	for _, flag := range []struct{ name, value string }{{"context", where.Context}, {"namespace", where.Namespace}} {
		if flag.value != "" {
			command += " --" + flag.name + " " + shellword.Quote(flag.value)
		}
	}
	return command
}
