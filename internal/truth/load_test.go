package truth

import (
	"context"
	"encoding/json"
	"os"

	"plan/engine"
)

// task is a load for a process of its own.
type task struct {
	Load      engine.Load
	Addresses []string
}

// carry is that process: it prints the result.
func carry(j task) error {
	r, err := engine.Run(context.Background(), j.Load, j.Addresses, nil)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}
