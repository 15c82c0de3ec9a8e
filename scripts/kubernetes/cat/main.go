// Command cat prints files, as the cat of an ordinary image does.
package main

import (
	"fmt"
	"os"
)

func main() {
	code := 0
	for _, path := range os.Args[1:] {
		text, err := os.ReadFile(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, "cat:", err)
			code = 1
		}
		_, _ = os.Stdout.Write(text)
	}
	os.Exit(code)
}
